"""Replayed clocks, closed ledgers and callers who went away."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from domain.draft import Draft
from domain.receipt import Receipt, Status
from ledger.ledger import Ledger, NotReplayed
from ledger.unavailable import Closed
from tests.ledger.appending import Checked, Fact, appended, statuses


def opening(fact: Fact, clock: str, recorded_at: datetime | None = None) -> Draft:
    return fact(
        "opening",
        kind="LedgerOpened",
        stream="ledger/main",
        payload={"clock": clock},
        recorded_at=recorded_at,
    )


def test_a_replayed_ledger_takes_the_times_of_its_facts(
    database: str, fact: Fact, checked: Checked
) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    days = [0, 2, 2, 1, 3]
    drafts = [fact(f"r{n}", recorded_at=start + timedelta(days=day)) for n, day in enumerate(days)]

    appended(database, [opening(fact, "replayed", start), *drafts], replayed=True)
    # Opened again it goes on the same way, and without the option by the machine's clock.
    appended(database, [fact("late", recorded_at=start + timedelta(days=9))], replayed=True)
    appended(database, [fact("now", recorded_at=start)])

    events = checked(database)
    assert [event["recorded_at"][:10] for event in events[:-1]] == [
        "2024-01-01",
        "2024-01-01",
        "2024-01-03",
        "2024-01-03",
        "2024-01-03",
        "2024-01-04",
        "2024-01-10",
    ]
    assert events[-1]["recorded_at"] > "2025"
    with psycopg.connect(database) as connection:
        sizes = connection.execute("SELECT size FROM ledger.heads ORDER BY size").fetchall()
    assert [size for (size,) in sizes] == [2, 5, 6, 7, 8]


def test_an_ordinary_ledger_is_never_replayed(database: str, fact: Fact) -> None:
    with pytest.raises(NotReplayed):
        appended(database, [fact("r1")], replayed=True)
    with pytest.raises(NotReplayed):
        appended(database, [opening(fact, "machine")], replayed=True)

    appended(database, [opening(fact, "machine")])

    with pytest.raises(NotReplayed):
        appended(database, [fact("r1")], replayed=True)


def test_a_closed_ledger_takes_nothing(database: str, fact: Fact) -> None:
    async def work() -> None:
        ledger = await Ledger.open(database)
        last = asyncio.ensure_future(ledger.append([fact("r1")]))
        await asyncio.sleep(0)
        await ledger.close()
        assert statuses(await last) == ["accepted"]
        await ledger.append([fact("r2")])

    with pytest.raises(Closed):
        asyncio.run(work())


def test_a_caller_with_several_groups_is_not_left_waiting_when_the_ledger_closes(
    database: str, fact: Fact
) -> None:
    async def work() -> None:
        ledger = await Ledger.open(database)
        facts = [fact(f"r{number}") for number in range(5_001)]
        long = asyncio.ensure_future(ledger.append(facts))
        await asyncio.sleep(0)
        await ledger.close()
        await asyncio.wait_for(long, 10)

    with pytest.raises(Closed):
        asyncio.run(work())


def test_a_caller_who_went_away_disturbs_nobody(
    database: str, fact: Fact, checked: Checked
) -> None:
    async def work() -> Receipt:
        ledger = await Ledger.open(database)
        gone = asyncio.ensure_future(ledger.append([fact("gone")]))
        stays: Awaitable[list[Receipt]] = asyncio.ensure_future(ledger.append([fact("stays")]))
        await asyncio.sleep(0)
        gone.cancel()
        [receipt] = await stays
        await ledger.close()
        return receipt

    assert asyncio.run(work()).status is Status.ACCEPTED
    checked(database)
