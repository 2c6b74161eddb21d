"""Remember how far each read model has followed the ledger, and what stopped it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from psycopg import Connection, Cursor, sql

from ledger.rows import text_array
from projections.folding.projection import SCHEMA, Projection

_CREATE = """
CREATE TABLE IF NOT EXISTS read.tracking (
    name text PRIMARY KEY,
    version integer NOT NULL,
    definition text NOT NULL DEFAULT '',
    position bigint NOT NULL,
    stopped_at bigint,
    problem text
)
"""

# Altering waits for every reader, so it is done only where an older program made the table.
_IS_OLDER = """
SELECT 1 WHERE NOT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = 'read.tracking'::regclass AND attname = 'definition'
)
"""
_ADD_DEFINITION = "ALTER TABLE read.tracking ADD COLUMN definition text NOT NULL DEFAULT ''"

LEASE = 7_205_759_403_792_793
"""The advisory lock held by whoever writes read models."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The state of one read model; `stopped_at` is the position of the event it could not fold."""

    name: str
    version: int
    definition: str
    position: int
    stopped_at: int | None
    problem: str | None


def ensure(connection: Connection[Any], projections: Sequence[Projection]) -> None:
    """Create the tables of read models that are new or of another version, to be folded anew."""
    with connection.transaction():
        # No runner may be between reading a position and writing the rows that follow it.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LEASE,))
        connection.execute(_CREATE)
        if connection.execute(_IS_OLDER).fetchone():
            connection.execute(_ADD_DEFINITION)
        connection.execute("SELECT set_config('search_path', %s, true)", (SCHEMA,))
        tracked = {state.name: state for state in states(connection)}
        for projection in projections:
            state = tracked.pop(projection.name, None)
            if state is not None and is_current(state, projection):
                continue
            create_tables(connection, projection)
            remember(connection.cursor(), (projection,), 0)
        for name in tracked:
            connection.execute("DELETE FROM read.tracking WHERE name = %s", (name,))


def is_current(state: Tracked, projection: Projection) -> bool:
    """Tell whether tables are those that a read model would create and fill today."""
    return (state.version, state.definition) == (projection.version, definition_of(projection))


@cache
def definition_of(projection: Projection) -> str:
    """Give a digest of a read model's tables, so that a changed column is never overlooked."""
    return sha256("\n".join(projection.create()).encode()).hexdigest()


def create_tables(connection: Connection[Any], projection: Projection) -> None:
    """Create a read model's tables, empty, in the first schema of the search path."""
    for table in projection.tables():
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
    for statement in projection.create():
        connection.execute(statement.encode())


def states(connection: Connection[Any]) -> list[Tracked]:
    """Give the state of every read model, by name."""
    rows = connection.execute(
        "SELECT name, version, definition, position, stopped_at, problem"
        " FROM read.tracking ORDER BY name"
    ).fetchall()
    return [Tracked(*row) for row in rows]


def remember(cursor: Cursor[Any], group: Sequence[Projection], position: int) -> None:
    """Set positions, in the transaction that writes the rows, and clear problems."""
    cursor.execute(
        "INSERT INTO read.tracking (name, version, definition, position)"
        " SELECT name, version, definition, %s"
        " FROM unnest(%s::text[], %s::integer[], %s::text[]) AS n (name, version, definition)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
        " definition = excluded.definition, position = excluded.position,"
        " stopped_at = NULL, problem = NULL",
        (
            position,
            text_array([view.name for view in group]),
            [view.version for view in group],
            text_array([definition_of(view) for view in group]),
        ),
    )


def stop(cursor: Cursor[Any], projection: Projection, position: int, problem: str) -> None:
    """Note that a read model could not fold the event at a position."""
    cursor.execute(
        "UPDATE read.tracking SET stopped_at = %s, problem = %s WHERE name = %s",
        (position, problem, projection.name),
    )
