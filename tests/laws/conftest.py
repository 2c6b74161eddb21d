"""Run deliveries through the whole write side: intake, ledger, read models."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.envelope import Actor
from domain.receipt import Receipt
from intake.checking import Task, found_in
from intake.cloudevents import read_event
from intake.feed import feeding
from intake.grant import Grant, Right
from intake.intake import Intake
from intake.unread import Arrived, read_where_needed
from ledger.ledger import Ledger
from projections.catalogue import VIEWS
from projections.folding.content import digest
from projections.runner import Runner
from tests.databases import at, create, drop

NOW = datetime(2025, 3, 31, 4, tzinfo=UTC)
EVERYTHING = Grant(Actor(id="desk", org="DRC", role="clerk"), frozenset(Right))

Batches = Sequence[Sequence[dict[str, Any]]]


class World:
    """A ledger of its own, fed batch by batch."""

    def __init__(self, conninfo: str) -> None:
        """Work on a migrated database."""
        self.conninfo = conninfo

    def send(self, batches: Batches) -> list[Receipt]:
        """Send batches of deliveries one after the other and fold what came of them."""
        receipts = self.take(batches)
        Runner(self.conninfo, VIEWS, batch=7).catch_up()
        return receipts

    def take(
        self, batches: Batches, *, singly: bool = False, unread: bool = False
    ) -> list[Receipt]:
        """Take in batches of one feed, or each `singly`, as if no other came before or after.

        With `unread` they come as lines that have been checked elsewhere.
        """
        return asyncio.run(self._take(batches, singly=singly, unread=unread))

    async def _take(self, batches: Batches, *, singly: bool, unread: bool) -> list[Receipt]:
        ledger = await Ledger.open(self.conninfo, clock=lambda: NOW)
        pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            self.conninfo, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
        )
        async with pool:
            intake = Intake(ledger, pool, clock=lambda: NOW)
            receipts: list[Receipt] = []
            async with feeding(intake, EVERYTHING) as feed:
                for batch in batches:
                    if singly:
                        deliveries = list(map(read_event, batch))
                        receipts += await intake.receive(deliveries, EVERYTHING)
                    elif unread:
                        receipts += await feed.give(_unread(batch))
                    else:
                        receipts += await feed.give(map(read_event, batch))
                receipts += await feed.finish()
            await ledger.close()
        return receipts

    def meaning(self) -> dict[str, str]:
        """Give the digest of what every read model says now, whenever and as what it arrived."""
        return self._digests(meaning_only=True)

    def content(self) -> dict[str, str]:
        """Give the digest of every row of every read model."""
        return self._digests(meaning_only=False)

    def _digests(self, *, meaning_only: bool) -> dict[str, str]:
        with psycopg.connect(self.conninfo) as connection:
            return {
                view.name: digest(connection, view, schema="read", meaning_only=meaning_only)
                for view in VIEWS
            }

    def size(self) -> int:
        """Give the number of events in the ledger."""
        with psycopg.connect(self.conninfo) as connection:
            row = connection.execute("SELECT count(*) FROM ledger.events").fetchone()
            assert row is not None
            return int(row[0])


def _unread(batch: Sequence[dict[str, Any]]) -> Iterable[Arrived]:
    """Give deliveries as lines that were checked elsewhere, where that suffices."""
    lines = [orjson.dumps(each) for each in batch]
    found = found_in(Task(lines, EVERYTHING.actor, "law"))
    return read_where_needed(lines, found, EVERYTHING)


@pytest.fixture(autouse=True)
def drafted_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the few deliveries of a law be drafted early, as only many are otherwise."""
    monkeypatch.setattr("intake.intake.SMALL", 0)


@pytest.fixture
def new_world(server: str, modelled: str) -> Iterator[Callable[[], World]]:
    """Give a function that makes worlds; hypothesis needs several in one test."""
    made: list[str] = []

    def make() -> World:
        made.append(create(server, modelled))
        return World(at(server, made[-1]))

    yield make
    for name in made:
        drop(server, name)
