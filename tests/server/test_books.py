"""Books beside the ledger are closed without a gap, whoever closes them."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ledger.backup import back_up
from ledger.books import BOOKS, BookInUse, next_span
from ledger.clock import utc_now
from ledger.ledger import Ledger
from ledger.reading import ledger_events
from ledger.restore import restorable, restore
from ledger.verification.signatures import Trust
from ledger.verification.verify import Verification, verify
from server.books import close_books, close_books_daily
from server.house import House, opened
from server.settings import Settings
from server.signer import desk_of
from tests.ledger.conftest import make_fact

DENIED = (
    "INSERT INTO ledger.denials (denied_at, action, code, times)"
    " SELECT now(), 'read', 'forbidden', n FROM generate_series(1, %s) AS n"
)


def begin(database: str, *, days_ago: int = 0) -> None:
    """Record a first fact."""

    async def run() -> None:
        then = utc_now() - timedelta(days=days_ago)
        ledger = await Ledger.open(database, clock=lambda: then)
        await ledger.append([make_fact("first")])
        await ledger.close()

    asyncio.run(run())


def deny(database: str, times: int, *, is_kept: bool = True) -> None:
    """Write into a book, or draw numbers for what is then not written."""
    with psycopg.connect(database) as connection:
        connection.execute(DENIED, [times])
        if not is_kept:
            connection.rollback()


def closings(database: str) -> list[dict[str, Any]]:
    with psycopg.connect(database) as connection:
        return [event.payload for event in ledger_events(connection, ["BookClosed"])]


def verified(database: str) -> Verification:
    return verify(database, lambda *_: None, Trust(), processes=1)


def close(database: str, folder: Path) -> dict[str, int]:
    async def run() -> dict[str, int]:
        async with opened(Settings(data=folder), database) as house:
            return await close_books(house)

    return asyncio.run(run())


def test_every_book_can_be_closed_and_nothing_is_no_entry(database: str) -> None:
    deny(database, 2)
    with psycopg.connect(database, autocommit=True) as connection:
        found = {name: next_span(connection, book, 0) for name, book in BOOKS.items()}

    denials = found.pop("denials")
    assert denials is not None
    assert (denials.after, denials.last, denials.rows) == (0, 2, 2)
    assert set(found.values()) == {None}


def test_books_are_closed_once_a_day_and_not_on_the_first(database: str, tmp_path: Path) -> None:
    async def daily() -> list[bool]:
        async with opened(Settings(data=tmp_path), database) as house:
            return [await close_books_daily(house) for _ in range(2)]

    deny(database, 2)
    assert asyncio.run(daily()) == [False, False], "there is no ledger to record it in"
    begin(database, days_ago=1)
    assert asyncio.run(daily()) == [True, False]
    assert verified(database).ok
    assert verified(database).open_books == ()


def test_checkpoints_alone_are_closed_with_news_only(database: str, tmp_path: Path) -> None:
    """Closing a book makes a checkpoint; an idle ledger would close that one, and so on."""

    async def run() -> list[dict[str, int]]:
        async with opened(Settings(data=tmp_path), database) as house:
            told = [await _signed_and_closed(house) for _ in range(2)]
            ledger = await Ledger.open(database)
            await ledger.append([make_fact("second")])
            await ledger.close()
            return [*told, await _signed_and_closed(house), await close_books(house)]

    begin(database)

    assert asyncio.run(run()) == [{"checkpoints": 1}, {}, {"checkpoints": 2}, {}]
    assert verified(database).ok


async def _signed_and_closed(house: House) -> dict[str, int]:
    """Sign the present head, and close the books as every day."""
    with psycopg.connect(house.conninfo, autocommit=True) as connection:
        desk_of(house.settings).sign(connection)
    return await close_books(house, is_asked=False)


def test_who_closes_at_the_same_time_goes_on_where_the_other_ended(
    database: str, tmp_path: Path
) -> None:
    begin(database)
    deny(database, 50)

    async def crowd(houses: Sequence[House]) -> list[dict[str, int]]:
        return await asyncio.gather(*(close_books(house) for house in houses))

    async def run() -> list[dict[str, int]]:
        async with (
            opened(Settings(data=tmp_path), database) as one,
            opened(Settings(data=tmp_path), database) as other,
        ):
            found = await crowd([one, other])
            await asyncio.to_thread(deny, database, 7)
            return found + await crowd([other, one])

    told = asyncio.run(run())

    assert sorted(each.get("denials", 0) for each in told) == [0, 0, 7, 50]
    assert [(each["after"], each["rows"]) for each in closings(database)] == [(0, 50), (50, 7)]
    assert verified(database).ok


def test_a_restored_ledger_goes_on_closing(
    database: str, empty_database: str, tmp_path: Path
) -> None:
    begin(database)
    deny(database, 3)
    # What was drawn and not written must not be drawn again within a closed span.
    deny(database, 5, is_kept=False)
    assert close(database, tmp_path) == {"denials": 3}
    file = tmp_path / "ledger.backup"
    back_up(database, file, lambda *_: None)

    restore(empty_database, file, restorable(file), lambda *_: None)
    deny(empty_database, 2)
    assert verified(empty_database).ok
    assert close(empty_database, tmp_path) == {"denials": 2}
    assert [each["rows"] for each in closings(empty_database)] == [3, 2]
    assert verified(empty_database).ok


def test_a_book_in_use_is_closed_another_time(database: str, tmp_path: Path) -> None:
    begin(database)
    with psycopg.connect(database) as busy:
        busy.execute(DENIED, [1])
        with pytest.raises(BookInUse, match="denials"):
            close(database, tmp_path)
        assert closings(database) == []
    assert close(database, tmp_path) == {"denials": 1}
