"""Keep the ledger's own books beside the server: rights, ends of days, approved erasures.

Tokens are given out before there is a ledger to record it in, and by several
doors; whatever was given or taken without its event gets it here.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import PoolTimeout

from domain.errors import LedgerError
from domain.flexdate import beijing_day
from ledger.clock import utc_now
from ledger.publication import root_at
from ledger.reading import events_after, head, ledger_events
from ledger.stream_heads import heads_root, stream_heads
from server.administration import NotRecorded, record
from server.books import close_books_daily
from server.configuration import digests, record_settings
from server.erasure import erase_approved
from server.house import House
from server.stamping import stamp

_UNRECORDED = """
SELECT t.id::text AS token_id, c.act, t.label, t.actor, t.org, t.role, t.rights, t.systems, t.kinds,
    t.regions, t.expires_at, encode(sha256(t.hash), 'hex') AS secret_digest
FROM ledger.tokens AS t
LEFT JOIN ledger.token_revocations AS r ON r.token = t.id
CROSS JOIN LATERAL (VALUES ('created'), ('revoked')) AS c (act)
WHERE (c.act = 'created' OR r.token IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM ledger.events AS e WHERE e.source_key = 'ledger/token-' || c.act || '-' || t.id)
ORDER BY t.created_at, c.act
"""


@asynccontextmanager
async def keeping(house: House) -> AsyncIterator[None]:
    """Keep the books for the length of an `async with`."""
    task = asyncio.create_task(_keep(house))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep(house: House) -> None:
    """Look again and again; what cannot be recorded now is found again the next time."""
    heeded = digests(house.settings)
    while True:
        await asyncio.sleep(house.settings.clerk_seconds)
        await keep_once(house, heeded)


async def keep_once(house: House, heeded: dict[str, str | None]) -> None:
    """Do each duty once; one that cannot be done now holds up none of the others.

    `heeded` are the digests of the settings that this server was started with.
    """
    duties = (
        partial(record_settings, found=heeded),
        *(record_tokens, record_stream_heads, close_books_daily, stamp_daily, _erase),
    )
    for duty in duties:
        with suppress(psycopg.OperationalError, PoolTimeout, LedgerError):
            await duty(house)


async def _erase(house: House) -> int:
    """Erase what was approved and not erased yet."""
    return await asyncio.to_thread(erase_approved, house.conninfo)


async def record_tokens(house: House) -> int:
    """Record what was given or taken without an event; an empty ledger is still to be opened.

    Raises NotRecorded once all others are recorded.
    """
    async with house.pool.connection() as connection:
        if not (await head(connection)).size:
            return 0
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_UNRECORDED)
            rows = await cursor.fetchall()
    refusals = []
    for row in rows:
        try:
            await record(house, "TokenChanged", _payload(row), record_id=_record(row))
        except NotRecorded as error:
            # Whatever cannot be told of one token is no reason not to tell of the others.
            refusals.append(error)
    if refusals:
        raise refusals[0]
    return len(rows)


def _record(row: dict[str, Any]) -> str:
    return f"token-{row['act']}-{row['token_id']}"


def _payload(row: dict[str, Any]) -> dict[str, Any]:
    """Say who got which rights; whose they were is known when they are taken."""
    if row["act"] == "revoked":
        return {name: row[name] for name in ("token_id", "act", "label")}
    expires_at = row["expires_at"]
    return {**row, "expires_at": None if expires_at is None else expires_at.isoformat()}


async def record_stream_heads(house: House) -> bool:
    """Close yesterday: commit to every stream's last version, once a day with events."""
    today = beijing_day(utc_now())
    async with house.pool.connection() as connection:
        top = await head(connection)
        closed = await ledger_events(connection, ["StreamHeads"])
        done = closed[-1].payload["size"] if closed else 0
        own = {event.position for event in closed}
        later = await events_after(connection, done, 2)
        since = [event for event in later if event.position not in own]
        # What was recorded today already keeps nobody from closing yesterday.
        if not since or beijing_day(since[0].recorded_at) >= today:
            return False
        root = await root_at(connection, top.size)
    heads = await asyncio.to_thread(_heads, house.conninfo, top.size)
    day = (today - timedelta(days=1)).isoformat()
    payload = {"size": top.size, "root": root.hex(), **heads}
    await record(house, "StreamHeads", payload, record_id=f"stream-heads-{day}")
    return True


async def stamp_daily(house: House) -> bool:
    """Have the checkpoint stamped once a day on which something was recorded, if that is wanted."""
    authority, root = house.settings.time_authority, house.settings.time_root
    if authority is None or root is None:
        return False
    async with house.pool.connection() as connection:
        size = (await head(connection)).size
        tokens = await ledger_events(connection, ["TimeTokenReceived"])
    if tokens:
        last = tokens[-1]
        is_done = beijing_day(last.recorded_at) >= beijing_day(utc_now())
        if is_done or last.position >= size:
            return False
    await stamp(house, authority, root)
    return True


def _heads(conninfo: str, size: int) -> dict[str, Any]:
    """Read and hash the heads of all streams."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        heads = stream_heads(connection, size)
    return {"streams": len(heads), "heads_root": heads_root(heads).hex()}
