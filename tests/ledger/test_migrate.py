"""Any number of programs may start on a database at once, old or new."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from domain.draft import Draft
from ledger.ledger import Ledger
from ledger.migrate import NewerDatabase, migrate, migrations

Fact = Callable[..., Draft]


def test_twenty_programs_may_start_at_once(empty_database: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        reached = list(pool.map(migrate, [empty_database] * 20))

    assert reached == [migrations()[-1].number] * 20
    with psycopg.connect(empty_database) as connection:
        applied = connection.execute("SELECT number, name FROM ledger.migrations ORDER BY number")
        assert applied.fetchall() == [(known.number, known.name) for known in migrations()]


def test_migrations_are_numbered_without_a_gap() -> None:
    # One with a number below those applied already would never be applied.
    assert [known.number for known in migrations()] == list(range(1, len(migrations()) + 1))


def test_starting_again_touches_nothing(
    database: str, fact: Fact, checked: Callable[[str], list[dict[str, Any]]]
) -> None:
    async def append() -> None:
        ledger = await Ledger.open(database)
        await ledger.append([fact()])
        await ledger.close()

    asyncio.run(append())
    before = checked(database)

    migrate(database)

    assert checked(database) == before


def test_an_older_program_refuses_a_newer_database(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO ledger.migrations (number, name) VALUES (9999, 'later')")

    with pytest.raises(NewerDatabase, match="9999"):
        migrate(database)
