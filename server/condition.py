"""Say how the ledger is: its size, its clock, and how far each read model has followed."""

from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from ledger.reading import events_after, head
from projections.catalogue import VIEWS
from projections.folding.projection import Projection
from server.version import VERSION

OPENING = "LedgerOpened"
REPLAYED = "replayed"


async def clock_of(connection: AsyncConnection[Any]) -> str:
    """Tell whether the ledger's first events replay times of receipt or all are recorded live."""
    first = await events_after(connection, 0, 1)
    is_replayed = bool(first and first[0].kind == OPENING and first[0].payload["clock"] == REPLAYED)
    return REPLAYED if is_replayed else "real"


async def condition(connection: AsyncConnection[Any]) -> dict[str, Any]:
    """Describe the ledger and its read models; `status` is "ok", "behind" or "stopped"."""
    top = await head(connection)
    views = await _views(connection, top.size)
    stopped = any(view["problem"] for view in views)
    behind = any(view["lag"] for view in views)
    return {
        "status": "stopped" if stopped else "behind" if behind else "ok",
        "version": VERSION,
        "clock": await clock_of(connection),
        "position": top.size,
        "root": top.root.hex(),
        "recorded_at": top.recorded_at.isoformat() if top.recorded_at else None,
        "quarantined": await _quarantined(connection),
        "projections": views,
    }


async def _views(connection: AsyncConnection[Any], size: int) -> list[dict[str, Any]]:
    """Give each read model's position, its lag and what stopped it."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT to_regclass('read.tracking') IS NOT NULL AS made")
        row = await cursor.fetchone()
        if row is None or not row["made"]:
            return [_unmade(view, size) for view in VIEWS]
        await cursor.execute(
            "SELECT name, version, position, greatest(%s - position, 0) AS lag, stopped_at, problem"
            " FROM read.tracking ORDER BY name",
            (size,),
        )
        return await cursor.fetchall()


def _unmade(view: Projection, size: int) -> dict[str, Any]:
    """Describe a read model that has not begun to follow."""
    return {
        "name": view.name,
        "version": view.version,
        "position": 0,
        "lag": size,
        "stopped_at": None,
        "problem": None,
    }


async def _quarantined(connection: AsyncConnection[Any]) -> int:
    """Count the deliveries in the quarantine that nobody has decided about."""
    cursor = await connection.execute(
        "SELECT (SELECT count(*) FROM ledger.quarantine)"
        " - (SELECT count(*) FROM ledger.quarantine_decisions)"
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
