"""Measure what proof costs: the tree in appends, full verification, proofs, and signing."""

import asyncio
import os
import secrets
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

import psycopg

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from ledger.ledger import Ledger
from ledger.tiles import WIDTH, inclusion, read_tiles
from ledger.tree import HASH_BYTES, Edge
from ledger.verification.whole import Whole, check_events
from server.bench import evidence
from server.bench.row import Row, against_seconds
from server.bench.scratch import scratch
from server.bench.turns import Rounds, speed_of, taken_in_turns
from server.settings import Settings
from server.signer import desk_of

_WRITERS = 64
_ALONE, _TOGETHER = 150, 4_000
_MILLION = 1_000_000
_A_SECOND = 2_000
_PROOF_SECONDS = 0.002
_SIGNING_SECONDS = 0.5
_BATCH = 5_000
_STREAMS = 500
_ACTOR = Actor(id="bench", org="bureau", role="steward")
_NOTE = "The contractor reported the first pile driven on the eastern part of the plot. " * 2


def measure(conninfo: str, rounds: int, *, events: int, seconds: float) -> list[Row]:
    """Measure all of it; verification reads so many events, and signing goes on so long."""
    with (
        scratch(conninfo, "proving") as database,
        scratch(conninfo, "treeless") as treeless,
        tempfile.TemporaryDirectory() as folder,
    ):
        settings = Settings(data=Path(folder), origin="bench.example")
        found = _appends(database, treeless, rounds)
        table = [
            _beside(found, "1 writer, the tree in the transaction", "one", 0.8),
            _beside(found, f"{_WRITERS} writers, the tree in the transaction", "many", 0.7),
            _signing(database, settings),
            evidence.covered(database, settings, _drafts, seconds=seconds),
        ]
        asyncio.run(_append(database, _batches(events), 1))
        table.append(_verification(database))
        table.append(evidence.bundled(database, settings, _drafts))
    with scratch(conninfo, "million") as database:
        table.append(_proofs(database))
    return table


def _beside(found: Rounds, name: str, ours: str, least: float) -> Row:
    return Row(
        name=name,
        unit="events",
        ours=found.speed(ours),
        peer="without the tree",
        theirs=found.speed(f"{ours} treeless"),
        ratio=found.ratio(ours, f"{ours} treeless"),
        bar=least,
    )


def _appends(database: str, treeless: str, rounds: int) -> Rounds:
    """Append with and without the tree by turns."""
    with psycopg.connect(treeless, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION ledger.add_tiles(before bigint, after bigint)"
            " RETURNS void LANGUAGE plpgsql AS 'BEGIN END'"
        )

    def with_tree(writers: int, count: int) -> float:
        return asyncio.run(_append(database, _singles(count), writers))

    def without(writers: int, count: int) -> float:
        with _no_tree():
            return asyncio.run(_append(treeless, _singles(count), writers))

    return taken_in_turns(
        {
            "one": lambda: with_tree(1, _ALONE),
            "one treeless": lambda: without(1, _ALONE),
            "many": lambda: with_tree(_WRITERS, _TOGETHER),
            "many treeless": lambda: without(_WRITERS, _TOGETHER),
        },
        rounds,
    )


@contextmanager
def _no_tree() -> Iterator[None]:
    """Let nothing be hashed into the tree; only its size grows."""

    def counted(self: Edge, leaves: Iterable[bytes]) -> Edge:
        size = self.size + sum(1 for _ in leaves)
        return Edge(size, (bytes(HASH_BYTES),) * size.bit_count())

    with patch.object(Edge, "extended", counted):
        yield


async def _append(conninfo: str, calls: Iterable[Sequence[Draft]], writers: int) -> float:
    """Append calls from several writers and give events a second."""
    ledger = await Ledger.open(conninfo)
    prepared = list(calls)
    waiting = iter(prepared)

    async def write() -> None:
        for call in waiting:
            await ledger.append(call)

    start = perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    elapsed = perf_counter() - start
    await ledger.close()
    return sum(map(len, prepared)) / elapsed


def _verification(database: str) -> Row:
    """Read everything back in as many processes as there are cores."""
    start = perf_counter()
    whole = Whole(0)
    check_events(database, whole, lambda *_: None)
    speed = whole.events / (perf_counter() - start)
    assert not whole.findings
    data = [secrets.token_bytes(whole.read_bytes // whole.events) for _ in range(1_000)]
    hashing = 1_000 * speed_of(lambda: [sha256(one).digest() for one in data], seconds=0.5)
    return Row(
        name=f"full verification of {whole.events:,} events",
        unit="events",
        ours=speed,
        peer="SHA-256 of as many bytes, alone",
        theirs=hashing,
        ratio=speed / hashing,
        bar=0.1,
    )


def _signing(database: str, settings: Settings) -> Row:
    """Sign what came in a second, from bytes read back."""
    with psycopg.connect(database, autocommit=True) as connection:
        desk = desk_of(settings)
        desk.sign(connection)
        asyncio.run(_append(database, [_drafts(_A_SECOND)], 1))
        start = perf_counter()
        desk.sign(connection)
        speed = 1 / (perf_counter() - start)
    return against_seconds(
        f"signing {_A_SECOND:,} new events", "checkpoints", speed, _SIGNING_SECONDS
    )


def _proofs(database: str) -> Row:
    """Prove one of a million events, over the tiles of such a tree."""
    tiles, last = divmod(_MILLION, WIDTH)
    with psycopg.connect(database, autocommit=True) as connection:
        _fill(connection, tiles, last)
        number = iter(range(0, _MILLION, 7_919))

        def prove() -> None:
            plan = inclusion(next(number, _MILLION - 1), _MILLION)
            plan.proof(read_tiles(connection, plan.wanted))

        speed = speed_of(prove, seconds=0.2)
    return against_seconds(
        f"inclusion proof in {_MILLION:,} events", "proofs", speed, _PROOF_SECONDS
    )


def _fill(connection: psycopg.Connection[object], tiles: int, last: int) -> None:
    """Store the tiles of a large tree, and the events that are in none yet."""
    with connection.cursor().copy("COPY ledger.tiles (level, index, hashes) FROM STDIN") as copy:
        for index in range(tiles):
            copy.write_row((0, index, os.urandom(WIDTH * HASH_BYTES)))
        for index in range(tiles // WIDTH):
            copy.write_row((1, index, os.urandom(WIDTH * HASH_BYTES)))
    connection.execute(
        "INSERT INTO ledger.events"
        " SELECT n, gen_random_uuid(), 's', n, 'k', now(), n::text, NULL, NULL, sha256(''), NULL,"
        " sha256('\\x00'::bytea || n::text::bytea), n::text::bytea"
        " FROM generate_series(%s::bigint, %s::bigint) AS n",
        [_MILLION - last + 1, _MILLION],
    )


def _singles(count: int) -> list[list[Draft]]:
    return [[draft] for draft in _drafts(count)]


def _batches(count: int) -> list[list[Draft]]:
    return [_drafts(_BATCH) for _ in range(0, count, _BATCH)]


def _drafts(count: int, stream: str | None = None) -> list[Draft]:
    """Make drafts that are new wherever they come, in one stream or in many."""
    return [
        prepare(
            id=str(uuid.uuid4()),
            kind="ConstructionStarted",
            stream=stream or f"project/{number % _STREAMS}",
            occurred_on="2024-06-19",
            actor=_ACTOR,
            source=Source("register", str(uuid.uuid4()), "1"),
            payload={"basis": "permit", "self_reported": False},
            reason=_NOTE,
            request_id="bench",
            salts=lambda: os.urandom(32),
        )
        for number in range(count)
    ]
