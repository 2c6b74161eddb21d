"""Bring a database to the schema this program needs, whoever starts first.

Migrations are the numbered SQL files beside this module. They add; none of
them ever touches the bytes of a stored event.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from domain.errors import Conflict, Refused
from ledger.locking import lock_names

# Any fixed number will do; it must differ from the writer's lock.
MIGRATION_LOCK = 4_018_230_001
OLDEST_SERVER = 150_000
ENCODING = "UTF8"


class UnsuitableDatabase(Refused):
    """A database with the {what} {value} cannot hold a ledger."""

    code = "unsuitable_database"
    field = "DATABASE_URL"
    cure = "Name a database with the encoding UTF8 on PostgreSQL 15 or newer."


class NewerDatabase(Conflict):
    """The database has migration {found}, this program knows only up to {known}."""

    code = "newer_database"
    cure = "start the version of the program that made this database, or a newer one"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file."""

    number: int
    name: str
    sql: bytes


def migrations() -> list[Migration]:
    """List the shipped migrations in the order they are applied."""
    return sorted(_shipped(), key=lambda migration: migration.number)


def migrate(conninfo: str) -> int:
    """Apply what is missing, in one transaction, and return the number reached.

    Names of persons from before they were locked are locked then. Raises NewerDatabase when the
    database is ahead of this program, UnsuitableDatabase and UnreadableKeys.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        reached = migrate_connection(connection)
        lock_names(connection)
    return reached


def migrate_connection(connection: psycopg.Connection[Any]) -> int:
    """Apply what is missing over a connection of one's own."""
    info = connection.info
    check_suitable(info.server_version, info.parameter_status("server_encoding"))
    with connection.transaction():
        # Concurrent starts wait here; what they then see is already migrated,
        # because READ COMMITTED looks afresh after the lock.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [MIGRATION_LOCK])
        reached = _reached(connection)
        known = migrations()
        if reached > known[-1].number:
            raise NewerDatabase(found=reached, known=known[-1].number)
        for migration in known:
            if migration.number > reached:
                _apply(connection, migration)
        return known[-1].number


def check_suitable(server_version: int, encoding: str | None) -> None:
    """Check what a migration would only find half way, or a fact much later.

    Raises UnsuitableDatabase.
    """
    if server_version < OLDEST_SERVER:
        raise UnsuitableDatabase(what="version", value=server_version // 10_000)
    if encoding != ENCODING:
        raise UnsuitableDatabase(what="encoding", value=encoding)


def _reached(connection: psycopg.Connection[Any]) -> int:
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS ledger.migrations ("
        "number int PRIMARY KEY, name text NOT NULL, "
        "applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute("SELECT number FROM ledger.migrations").fetchall()
    return max((number for (number,) in rows), default=0)


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> None:
    connection.execute(migration.sql)
    connection.execute(
        "INSERT INTO ledger.migrations (number, name) VALUES (%s, %s)",
        [migration.number, migration.name],
    )


def _shipped() -> Iterator[Migration]:
    for file in files("ledger").joinpath("migrations").iterdir():
        number, _, rest = file.name.partition("_")
        if rest.endswith(".sql"):
            yield Migration(int(number), rest.removesuffix(".sql"), file.read_bytes())
