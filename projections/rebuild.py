"""Fold a read model anew beside the live one and swap the two in one transaction.

Reads go on from the live tables until the swap, and see either all of the old rows or all of
the new ones. A rebuild that is cut off leaves the live tables as they were; the next one starts
afresh.
"""

from typing import Any

import psycopg
from psycopg import Connection, sql

from ledger.connection import APPLICATION_ROLE, SET_ROLE
from ledger.reading import events_after, head_size
from projections.folding.projection import SCHEMA, Changes, Projection
from projections.folding.resolution import changes as changes_of
from projections.folding.tracking import LEASE, create_tables, remember
from projections.runner import BATCH, CHANNEL, Progress

BESIDE = "rebuilt"


def rebuild(conninfo: str, projection: Projection, progress: Progress | None = None) -> int:
    """Rebuild one read model and give the position at which it went live."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(SET_ROLE, (APPLICATION_ROLE,))
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (f"rebuild {projection.name}",))
        _prepare(connection, projection)
        position = _fold(connection, projection, 0, progress)
        for table in projection.tables():
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
        with connection.transaction():
            # From here on no runner folds, so the events that are left are the last ones.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (LEASE,))
            position = _fold(connection, projection, position, progress)
            _swap(connection, projection, position)
        return position


def _prepare(connection: Connection[Any], projection: Projection) -> None:
    """Create empty tables beside the live ones and let unqualified names mean them."""
    connection.execute("SELECT set_config('search_path', %s, false)", (BESIDE,))
    create_tables(connection, projection)


def _fold(
    connection: Connection[Any], projection: Projection, position: int, progress: Progress | None
) -> int:
    """Fold from a position up to the head as it is when the end is reached."""
    while True:
        head = head_size(connection)
        if progress:
            progress(position, head)
        if position >= head:
            return position
        with connection.transaction(), connection.cursor() as cursor:
            batch = events_after(connection, position, BATCH)
            projection.fold(Changes(changes_of(connection, batch)), cursor)
        position = batch[-1].position


def _swap(connection: Connection[Any], projection: Projection, position: int) -> None:
    """Replace the live tables by the rebuilt ones, with their position."""
    with connection.cursor() as cursor:
        for table in projection.tables():
            live, beside = sql.Identifier(SCHEMA, table), sql.Identifier(BESIDE, table)
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(live))
            cursor.execute(
                sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(beside, sql.Identifier(SCHEMA))
            )
        remember(cursor, (projection,), position)
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(position)))
