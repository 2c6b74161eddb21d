"""Put a backup into an empty database, whole or not at all, and verify what is there then."""

import zipfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from domain.errors import Conflict
from ledger.backup import DamagedBackup, Manifest, Progress, check_backup
from ledger.migrate import migrate, migrations
from ledger.reading import head


class NotEmpty(Conflict):
    """The database holds a ledger already, with {size} events."""

    code = "not_empty"
    cure = "Restore into an empty database; what is there is never overwritten."


_REFERENCES = """
SELECT c.relname::text, f.relname::text FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS f ON f.oid = k.confrelid
WHERE k.contype = 'f' AND c.relnamespace = 'ledger'::regnamespace AND c.oid <> f.oid
"""
_COUNTERS = """
SELECT c.relname::text, a.attname::text FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'ledger'::regnamespace AND a.attidentity <> '' AND c.relkind = 'r'
"""


def restorable(path: Path) -> Manifest:
    """Check a backup before there is any database for it. Raises DamagedBackup."""
    manifest = check_backup(path)
    if manifest.migration > migrations()[-1].number:
        reason = f"it was made by a newer program, with migration {manifest.migration}"
        raise DamagedBackup(value=path, reason=reason)
    return manifest


def restore(conninfo: str, path: Path, manifest: Manifest, progress: Progress) -> None:
    """Put a backup that was found to be restorable in place. Raises DamagedBackup and NotEmpty."""
    migrate(conninfo)
    with psycopg.connect(conninfo) as connection, zipfile.ZipFile(path) as archive:
        _refuse_unknown(connection, path, manifest)
        _refuse_full(connection, manifest)
        order = _in_order(connection, manifest)
        for done, table in enumerate(order):
            try:
                _put(connection, archive, table, manifest.tables[table].columns)
            except (psycopg.DataError, psycopg.ProgrammingError, psycopg.IntegrityError) as error:
                raise DamagedBackup(value=path, reason=f"{table}: {error}") from error
            progress(done + 1, len(order))
        for table, column in connection.execute(_COUNTERS).fetchall():
            _continue_counter(connection, table, column)


def _refuse_unknown(connection: Connection[Any], path: Path, manifest: Manifest) -> None:
    """Refuse a backup of tables that no ledger has. Raises DamagedBackup."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'ledger'")
    for table in manifest.tables.keys() - {name for (name,) in rows.fetchall()}:
        raise DamagedBackup(value=path, reason=f"no ledger has a table {table}")


def _refuse_full(connection: Connection[Any], manifest: Manifest) -> None:
    """Refuse a database in which anything was recorded, given out or answered. Raises NotEmpty."""
    for table in manifest.tables:
        name = sql.Identifier("ledger", table)
        statement = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(name)
        [(is_filled,)] = connection.execute(statement).fetchall()
        if is_filled:
            raise NotEmpty(size=head(connection).size)


def _in_order(connection: Connection[Any], manifest: Manifest) -> list[str]:
    """Order tables so that what others refer to comes first."""
    needed: dict[str, set[str]] = {table: set() for table in manifest.tables}
    for table, other in connection.execute(_REFERENCES).fetchall():
        if table in needed and other in needed:
            needed[table].add(other)
    order: list[str] = []
    while needed:
        ready = sorted(table for table, others in needed.items() if not others)
        assert ready, "tables refer to each other in a circle"
        order += ready
        needed = {
            table: others - set(ready) for table, others in needed.items() if table not in ready
        }
    return order


def _put(
    connection: Connection[Any], archive: zipfile.ZipFile, table: str, columns: list[str]
) -> None:
    """Copy a table in."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier("ledger", table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with archive.open(table) as member, connection.cursor().copy(statement) as copy:
        while piece := member.read(1 << 20):
            copy.write(piece)


def _continue_counter(connection: Connection[Any], table: str, column: str) -> None:
    """Let a counter go on after the restored rows."""
    connection.execute(
        sql.SQL(
            "SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}"
            " HAVING max({}) IS NOT NULL"
        ).format(
            sql.Literal(f"ledger.{table}"),
            sql.Literal(column),
            sql.Identifier(column),
            sql.Identifier("ledger", table),
            sql.Identifier(column),
        )
    )
