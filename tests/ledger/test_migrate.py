"""Any number of programs may start on a database at once, old or new."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from domain.draft import Draft
from ledger.ledger import Ledger
from ledger.migrate import (
    NewerDatabase,
    UnsuitableDatabase,
    check_suitable,
    migrate,
    migrations,
)
from tests.databases import at, drop

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


@pytest.mark.parametrize("encoding", ["LATIN1", "EUC_CN", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_letter_is_refused_untouched(
    server: str, encoding: str
) -> None:
    name = f"test_{os.getpid()}_{encoding.lower()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode()
        )
    try:
        with pytest.raises(UnsuitableDatabase, match=encoding):
            migrate(at(server, name))

        with psycopg.connect(at(server, name)) as connection:
            row = connection.execute("SELECT to_regnamespace('ledger') IS NULL").fetchone()
        assert row == (True,)
    finally:
        drop(server, name)


def test_a_server_before_postgresql_15_is_refused() -> None:
    check_suitable(150_000, "UTF8")

    with pytest.raises(UnsuitableDatabase, match="version 14"):
        check_suitable(140_012, "UTF8")
