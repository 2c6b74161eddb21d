"""Tell which rows of a table a limited caller sees now, for doors that read without a question."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString

from psycopg import AsyncConnection

from projections.folding.belief import OPEN
from projections.judging.reach import Reach, restricted

_TOKEN = re.compile(r"\$(known|on|regions|actor)\b")
_CASTS = {"known": "bigint", "on": "date", "regions": "text[]", "actor": "text"}


async def shown(
    connection: AsyncConnection[Any],
    reach: Reach | None,
    column: LiteralString,
    values: Sequence[Any],
    *,
    on: date,
) -> set[Any]:
    """Give those of some values of a column, as ledger.events.id, whose rows are within reach.

    Everything recorded counts, and the world is judged as it is on the day. Whoever is not limited
    sees all.
    """
    if reach is None:
        return set(values)
    table, _, name = column.rpartition(".")
    asked = f"SELECT DISTINCT s.{name}::text FROM {table} s WHERE s.{name}::text = ANY (%(values)s)"
    text = restricted(asked)
    limits = {
        "known": OPEN - 1,
        "on": on,
        "regions": list(reach.regions),
        "actor": reach.actor,
        "values": [str(value) for value in values],
    }
    statement = _TOKEN.sub(lambda match: f"%({match[1]})s::{_CASTS[match[1]]}", text)
    cursor = await connection.execute(statement.encode(), limits)
    seen = {row[0] for row in await cursor.fetchall()}
    return {value for value in values if str(value) in seen}
