"""Measure appending against the eventsourcing library's own recorder and against plain COPY."""

import asyncio
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from time import perf_counter

import psycopg

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from intake.identifiers import new_identifier
from ledger import rows
from ledger.ledger import Ledger
from server.bench.default_recorder import DefaultRecorder
from server.bench.row import Row
from server.bench.turns import Contender, Rounds, taken_in_turns

DEFAULT = "the default recorder"
COPY = "COPY into the same table"

_CALL = 5_000
_CALLS = 1
_STREAMS = 500
_WRITERS = 64
# Turns are short, so that the peers of a round meet the same weather.
_ALONE, _TOGETHER, _TOGETHER_DEFAULT = 120, 3_200, 320
_ACTOR = Actor(id="bench", org="bureau", role="steward")
# Fills an event up to about the 500 bytes that registers usually send.
_NOTE = "The contractor reported the first pile driven on the eastern part of the plot. " * 2


def measure(conninfo: str, rounds: int) -> list[Row]:
    """Append singly, from many writers and in bulk, by turns with the peers."""
    bench = _Bench(conninfo)
    try:
        found = taken_in_turns(bench.contenders(), rounds)
    finally:
        bench.close()
    bulk = f"{_CALL:,} validated events a call"
    return [
        _row(found, "1 writer, durable single appends", "one", ("default one", DEFAULT), 1.0),
        _row(
            found,
            f"{_WRITERS} writers, durable single appends",
            "many",
            ("default many", DEFAULT),
            10.0,
        ),
        _row(found, bulk, "bulk", ("default bulk", DEFAULT), 2.0),
        _row(found, bulk, "bulk", ("copy bulk", COPY), 0.25),
    ]


def _row(found: Rounds, name: str, ours: str, peer: tuple[str, str], least: float) -> Row:
    """Compare two contenders; the peer comes with its name for people."""
    theirs, shown = peer
    return Row(
        name=name,
        unit="events",
        ours=found.speed(ours),
        peer=shown,
        theirs=found.speed(theirs),
        ratio=found.ratio(ours, theirs),
        bar=least,
    )


@dataclass(slots=True)
class _Numbers:
    """Counts what was appended, so that every event is new."""

    last: int = 0

    def drafts(self, count: int) -> list[Draft]:
        """Make the next drafts."""
        start, self.last = self.last, self.last + count
        return [_draft(number) for number in range(start, self.last)]

    def bodies(self, count: int) -> list[bytes]:
        """Make the bodies of the next drafts."""
        return [draft.body for draft in self.drafts(count)]


class _Bench:
    """The contenders and what they append."""

    def __init__(self, conninfo: str) -> None:
        self._numbers = _Numbers()
        self._default = DefaultRecorder(conninfo, _WRITERS)
        # Kept from turn to turn, as the recorder keeps its connections.
        self._loop = asyncio.Runner()
        self._ledger = self._loop.run(Ledger.open(conninfo))
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._connection.execute("CREATE TABLE copied (LIKE ledger.events INCLUDING ALL)")

    def close(self) -> None:
        self._loop.run(self._ledger.close())
        self._loop.close()
        self._connection.close()
        self._default.close()

    def contenders(self) -> dict[str, Contender]:
        bodies, default = self._numbers.bodies, self._default
        return {
            "default one": lambda: default.singles(bodies(_ALONE), 1),
            "one": lambda: self._singles(1, _ALONE),
            "default many": lambda: default.singles(bodies(_TOGETHER_DEFAULT), _WRITERS),
            "many": lambda: self._singles(_WRITERS, _TOGETHER),
            "default bulk": lambda: default.bulk([bodies(_CALL) for _ in range(_CALLS)]),
            "bulk": self._bulk,
            "copy bulk": self._copy,
        }

    def _singles(self, writers: int, count: int) -> float:
        return self._loop.run(self._append([[one] for one in self._numbers.drafts(count)], writers))

    def _bulk(self) -> float:
        calls = [self._numbers.drafts(_CALL) for _ in range(_CALLS)]
        return self._loop.run(self._append(calls, 1))

    def _copy(self) -> float:
        calls = [self._numbers.drafts(_CALL) for _ in range(_CALLS)]
        packed = [
            rows.COPY_START + rows.copied(map(_packed, drafts)) + rows.COPY_END for drafts in calls
        ]
        start = perf_counter()
        for call in packed:
            with self._connection.cursor().copy("COPY copied FROM STDIN (FORMAT binary)") as copy:
                copy.write(call)
        return _CALLS * _CALL / (perf_counter() - start)

    async def _append(self, calls: Sequence[list[Draft]], writers: int) -> float:
        waiting = iter(calls)

        async def write() -> None:
            for call in waiting:
                await self._ledger.append(call)

        start = perf_counter()
        await asyncio.gather(*(write() for _ in range(writers)))
        elapsed = perf_counter() - start
        return sum(map(len, calls)) / elapsed


def _draft(number: int) -> Draft:
    return prepare(
        id=new_identifier(),
        kind="ConstructionStarted",
        stream=f"project/{number % _STREAMS}",
        occurred_on="2024-06-19",
        actor=_ACTOR,
        source=Source(system="register", record_id=str(number), record_version="1"),
        payload={"basis": "permit", "self_reported": False},
        reason=_NOTE,
        request_id="bench",
        salts=lambda: os.urandom(32),
    )


def _packed(draft: Draft) -> rows.Row:
    """Make a row like the writer's, each in a stream of its own."""
    number = int(draft.source_key.rpartition("/")[2])
    return (
        rows.bigint(number + 1),
        rows.uuid(draft.id),
        rows.text(f"project/{uuid.uuid4()}"),
        rows.bigint(1),
        rows.text(draft.kind),
        rows.instant(datetime.now(UTC)),
        rows.text(draft.source_key),
        rows.text("1"),
        rows.text("1"),
        rows.data(draft.content_digest),
        rows.NULL,
        rows.data(sha256(b"\x00" + draft.body).digest()),
        rows.data(draft.body),
    )
