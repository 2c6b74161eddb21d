"""Whoever reads along while others append sees every event once and in order."""

import threading
from collections.abc import Callable

import psycopg
import pytest

from ledger.reading import events_after, head_size
from tests.faults.crowd import Book, Crowd
from tests.faults.program import Server, wait_until

pytestmark = pytest.mark.slow
EVENTS = 1_500


class Tail(threading.Thread):
    """A reader that follows the ledger from its present head."""

    def __init__(self, database: str, wait: Callable[[psycopg.Connection], None]) -> None:
        """Read behind a connection string, waiting for more in the given way."""
        super().__init__(daemon=True)
        self._connection = psycopg.connect(database, autocommit=True)
        self._connection.execute("LISTEN ledger")
        self._wait = wait
        self._stopping = threading.Event()
        self.began = head_size(self._connection)
        self.seen: list[int] = []

    def run(self) -> None:
        """Follow until told to stop."""
        with self._connection as connection:
            while not self._stopping.is_set():
                position = self.seen[-1] if self.seen else self.began
                batch = events_after(connection, position)
                self.seen += [event.position for event in batch]
                if not batch:
                    self._wait(connection)

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self.join(10)


def by_notice(connection: psycopg.Connection) -> None:
    """Wait for the ledger's own notice of an append."""
    for _ in connection.notifies(timeout=0.2, stop_after=1):
        pass


def by_asking(_: psycopg.Connection) -> None:
    """Ask again at once, to catch every moment at which a gap could be seen."""


def test_readers_see_every_event_in_order(common_server: Server, project: str) -> None:
    book = Book()
    tails = [Tail(common_server.database, wait) for wait in (by_notice, by_asking)]
    for tail in tails:
        tail.start()

    with Crowd(common_server, book, f"tail{project}-", sizes=(1, 1, 1, 1, 5, 5, 50, 200)):
        wait_until(lambda: len(book.receipts) >= EVENTS, "receipts")

    with psycopg.connect(common_server.database) as connection:
        head = head_size(connection)
    for tail in tails:
        wait_until(lambda at=tail: at.seen and at.seen[-1] >= head, "last event", 5)
        tail.stop()
        assert tail.seen == list(range(tail.began + 1, head + 1))
    positions = [r["position"] for r in book.receipts.values() if "position" in r]
    assert set(positions) <= set(tails[0].seen)
    assert len(positions) == len(set(positions))
