"""Judge a page of projects from a small copy of what is known about them.

However large the read models are, a page is small enough to be hashed and sorted whatever it turns
out to be: nobody knows how many rows a judgement has half-way.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from psycopg import Connection, RawCursor

from projections.spans.card_days import BY_PROJECT as CARDS_BY_PROJECT
from projections.spans.span_days import BY_PROJECT, SPANS
from projections.terms.seen import believed

_GATHERED = tuple(sorted({*BY_PROJECT, *CARDS_BY_PROJECT}))
_MAKE = "".join(
    f"""CREATE TEMPORARY TABLE IF NOT EXISTS page_{table} (LIKE read.{table})
        ON COMMIT DELETE ROWS;"""
    for table in _GATHERED
) + "".join(
    f"CREATE INDEX IF NOT EXISTS page_{table}_of ON pg_temp.page_{table} (project, order_key);"
    for table in ("admissions", "projects", "signings")
)
"""Only of a few tables rows are looked up one by one."""
_EMPTY = "".join(f"DELETE FROM pg_temp.page_{table};" for table in _GATHERED)
# Only the pace of projects on lists is judged by what was invested in a year.
_AMONG = {
    "investments": " AND EXISTS (SELECT FROM read.listings l WHERE l.project = x.project)",
}
_GATHER = tuple(
    f"""INSERT INTO pg_temp.page_{table} SELECT x.* FROM read.{table} x
        WHERE x.project = ANY ($2::text[]) AND {believed("x")}{_AMONG.get(table, "")}"""
    for table in _GATHERED
)
_COUNT = f"ANALYZE {', '.join(f'pg_temp.page_{name}' for name in _GATHERED)}"
_WORTH_COUNTING = 50
"""Of so many projects at once PostgreSQL is told how many rows they have, to plan well."""

_LOOPS = "SELECT set_config('enable_nestloop', %s, false)"

SPANS_OF_PAGE: Final = re.sub(rf"\bread\.({'|'.join(_GATHERED)})\b", r"pg_temp.page_\1", SPANS)
"""The spans of the projects of the page that was gathered last."""


def prepare(connection: Connection[Any]) -> None:
    """Make the tables that hold a page, if this connection has none yet."""
    connection.execute(_MAKE.encode())


@contextmanager
def gathered(connection: Connection[Any], position: int, projects: list[str]) -> Iterator[None]:
    """Have what is known of some projects at a position, within a transaction."""
    connection.execute(_EMPTY.encode())
    for statement in _GATHER:
        ask(connection, statement, position, projects)
    if len(projects) >= _WORTH_COUNTING:
        connection.execute(_COUNT.encode())
    connection.execute(_LOOPS, ("off",))
    yield
    connection.execute(_LOOPS, ("on",))


def ask(
    connection: Connection[Any], statement: str, position: int, *values: object
) -> list[tuple[Any, ...]]:
    """Run a statement as known at a position, which is its first value."""
    text = statement.replace("$known", "$1::bigint").encode()
    with RawCursor(connection) as cursor:
        cursor.execute(text, (position, *values))
        return cursor.fetchall() if cursor.description else []
