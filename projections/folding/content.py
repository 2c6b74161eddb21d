"""Compare the contents of read models: after a rebuild, or between two ledgers.

The digest of a table is a sum over its rows, so neither their order nor memory matters.
"""

from typing import Any

from psycopg import Connection, sql

from projections.folding.belief import OPEN
from projections.folding.projection import Projection

ARRIVAL = frozenset({"fact", "position", "known_from", "known_to", "target", "against"})
"""Columns that say when and as what a fact arrived, not what it says."""

COMMITMENT = "hmac-sha256:[0-9a-f]{64}"
"""What stands for a person's name in a row; its salt differs between two deliveries of one fact."""


def digest(
    connection: Connection[Any], projection: Projection, *, schema: str, meaning_only: bool = False
) -> str:
    """Give the number of rows and the sum of their hashes.

    With `meaning_only`, only rows believed now count and columns of arrival do not: two ledgers
    that received the same facts in different order then have the same digest.
    """
    parts = [
        _table_digest(connection, schema, table, meaning_only=meaning_only)
        for table in sorted(projection.tables())
    ]
    return " ".join(parts)


def _table_digest(
    connection: Connection[Any], schema: str, table: str, *, meaning_only: bool
) -> str:
    """Give the digest of one table."""
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name::text FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = %s ORDER BY column_name",
            (schema, table),
        )
    ]
    kept = [column for column in columns if not (meaning_only and column in ARRIVAL)]
    text: sql.Composable = sql.SQL("ROW({})::text").format(
        sql.SQL(", ").join(map(sql.Identifier, kept))
    )
    condition: sql.Composable = sql.SQL("true")
    if meaning_only:
        text = sql.SQL("regexp_replace({}, {}, '', 'g')").format(text, COMMITMENT)
        condition = sql.SQL("known_to = {}").format(OPEN)
    row = connection.execute(
        sql.SQL(
            "SELECT count(*) || ':' || coalesce(sum(('x' || left(md5({}), 15))"
            "::bit(60)::bigint::numeric), 0) FROM {} WHERE {}"
        ).format(text, sql.Identifier(schema, table), condition)
    ).fetchone()
    return f"{table}={row[0] if row else ''}"
