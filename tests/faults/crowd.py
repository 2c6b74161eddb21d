"""Deliver facts from many clients at once, and remember every receipt that came back."""

import asyncio
import itertools
import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import httpx2
import psycopg

from domain.kinds import KINDS
from domain.receipt import Receipt as Answer
from intake.cloudevents import read_event
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings
from tests.faults.program import PATIENCE_SECONDS, Server
from tests.intake.events import delivered, registration
from tests.laws.world import FACTS, day_for, event

LINES = {"Content-Type": "application/x-ndjson"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}

Event = dict[str, Any]
Receipt = dict[str, Any]


def send(client: Any, events: Sequence[Event]) -> Any:
    """Send facts as lines and give the answer, whatever it is."""
    body = b"\n".join(json.dumps(event).encode() for event in events)
    return client.post("/events", content=body, headers=LINES)


def receipts_of(answer: Any, events: Sequence[Event]) -> list[Receipt]:
    """Give the receipts of an answer; fail unless there is one for each fact, in order."""
    assert answer.status_code == 200, answer.text
    receipts: list[Receipt] = answer.json()["receipts"]
    assert [receipt["index"] for receipt in receipts] == list(range(len(events)))
    return receipts


def post(client: Any, events: Sequence[Event]) -> list[Receipt]:
    """Send facts as lines and give their receipts."""
    return receipts_of(send(client, events), events)


def facts(name: str) -> Iterator[Event]:
    """Give deliveries without end: projects, their facts, and some before their project."""
    for number in itertools.count():
        subject = f"project/{name}-{number}"
        yield delivered(f"{name}-early-{number}", subject=subject)
        yield registration(f"{name}-{number}", subject=subject)
        # A project without an id of its own, which the ledger gives it.
        yield registration(f"{name}-nameless-{number}", subject=None)
        for at in range(7):
            yield delivered(f"{name}-{number}-{at}", subject=subject)


class Book:
    """What was sent, in order, and the receipt of each delivery that was acknowledged."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self._lock = threading.Lock()
        self.sent: list[Event] = []
        self.receipts: dict[str, Receipt] = {}

    def waiting(self) -> set[str]:
        """Name the deliveries whose project was never sent, since their client was cut off."""
        registered = {e["subject"] for e in self.sent if e["type"] == "ProjectRegistered"}
        return {e["id"] for e in self.sent if e["subject"] not in registered}

    def note_sent(self, events: Sequence[Event]) -> None:
        """Note what will be sent next."""
        with self._lock:
            self.sent += events

    def note_receipts(self, events: Sequence[Event], receipts: Sequence[Receipt]) -> None:
        """Note what came back."""
        with self._lock:
            self.receipts |= {
                event["id"]: receipt for event, receipt in zip(events, receipts, strict=True)
            }


def check_recorded(book: Book, events: Sequence[Event]) -> int:
    """Check that every acknowledged event is where its receipt says, and count them."""
    recorded = {event["body"]["id"]: at for at, event in enumerate(events, start=1)}
    appended = [receipt for receipt in book.receipts.values() if "position" in receipt]
    for receipt in appended:
        assert recorded[receipt["event_id"]] == receipt["position"]
    assert len({receipt["event_id"] for receipt in appended}) == len(appended)
    return len(appended)


def check_quarantine(database: str, book: Book) -> None:
    """Check that nothing waits for a project that is there."""
    with psycopg.connect(database) as connection:
        kept = connection.execute(
            "SELECT source_key FROM ledger.quarantine AS q WHERE NOT EXISTS"
            " (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number)"
        ).fetchall()
    assert {key.removeprefix("approval/") for (key,) in kept} == book.waiting()


class Crowd:
    """Clients that deliver, some one fact at a time and some many, until they are cut off.

    If they insist, they send again what was answered with 503, as they are told.
    """

    def __init__(
        self,
        server: Server,
        book: Book,
        name: str,
        sizes: Sequence[int],
        *,
        insisting: bool = False,
    ) -> None:
        """Deliver with one client for each number of facts a request."""
        self._server = server
        self._book = book
        self._clients = [(f"{name}{at}", size) for at, size in enumerate(sizes)]
        self._insisting = insisting
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(len(sizes))
        self._ends: list[Future[None]] = []
        self.refusals: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        """Let them begin."""
        self._ends = [self._threads.submit(self._deliver, *client) for client in self._clients]
        return self

    def __exit__(self, *_: object) -> None:
        """Tell them to stop, wait for them and report what they did not expect."""
        self._stopping.set()
        for end in self._ends:
            end.result(PATIENCE_SECONDS)
        self._threads.shutdown()

    def _deliver(self, name: str, size: int) -> None:
        source = facts(name)
        try:
            with self._server.client() as client:
                while not self._stopping.is_set():
                    events = list(itertools.islice(source, size))
                    self._book.note_sent(events)
                    self._book.note_receipts(events, self._answered(client, events))
        except httpx2.TransportError:
            # The server is gone; whether these facts were recorded nobody can know yet.
            assert not self._insisting

    def _answered(self, client: Any, events: Sequence[Event]) -> list[Receipt]:
        while (answer := send(client, events)).status_code == 503 and self._insisting:
            self.refusals.append(answer.json())
        return receipts_of(answer, events)


UNLINKED = tuple(kind for kind in FACTS if kind != "IdentitiesLinked")
"""The kinds that leave two projects two."""


def portfolio(projects: int) -> Iterator[Event]:
    """Give many facts of many kinds, some of them revised, corrected and retracted."""
    for number in range(projects):
        subject, name = f"project/P{number}", f"p{number}"
        yield registration(name, subject=subject)
        for kind in UNLINKED:
            day = day_for(kind, "2024-03-05")
            stream = f"{KINDS[kind].stream_type}/P{number}"
            yield event(kind, f"{name}-{kind}", 1, subject=stream, occurredon=day)
        for version in (2, 3):
            yield event("ConstructionStarted", f"{name}-again", version, subject=subject)
        target = f"source:approval/{name}-Commissioned"
        for kind, data in (("EventCorrected", {"occurred_on": "2024-04"}), ("EventRetracted", {})):
            yield event(kind, f"{name}-{kind}", 1, subject=subject, corrects=target, data=data)


def deliver(conninfo: str, events: Iterable[Event]) -> list[Receipt]:
    """Take facts in within this process, without any read model following."""

    async def run() -> list[Answer]:
        settings = Settings(data=Path("/nonexistent"), database_url=conninfo)
        async with opened(settings, conninfo) as house:
            return await house.intake.receive([read_event(event) for event in events], OPERATOR)

    return [receipt.as_json(at) for at, receipt in enumerate(asyncio.run(run()))]
