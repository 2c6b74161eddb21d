"""Write down the receipts of batches; requests that end at the same time are written together."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from domain.errors import Conflict
from domain.receipt import Receipt
from intake.appending import Pool
from intake.gathering import Gathering
from ledger.clock import utc_now

_TOGETHER = 256
"""Parts written in one transaction, so that nobody waits long behind others."""
_UNPRINTABLE = "\x00"

# One statement for both, since asking costs more than writing.
_PARTS = (
    "WITH begun AS (INSERT INTO ledger.batches (id, received_at, actor, source, door, file_name)"
    " SELECT DISTINCT ON (1) b.id, %s, b.actor, b.source, b.door, b.file_name FROM"
    " unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
    " AS b (id, actor, source, door, file_name) ON CONFLICT DO NOTHING)"
    " INSERT INTO ledger.batch_parts"
    " (batch, request, first, counts, receipts, received_at, outcome, sha256)"
    " SELECT p.batch, p.request, p.first, string_to_array(p.counts, ',')::integer[], p.receipts,"
    " %s, p.outcome, p.sha256 FROM unnest(%s::text[], %s::uuid[], %s::bigint[], %s::text[],"
    " %s::bytea[], %s::text[], %s::text[])"
    " AS p (batch, request, first, counts, receipts, outcome, sha256)"
)
_ROWS = (
    "COPY ledger.batch_rows (batch, request, place, row_no, source_key, record_version, kind,"
    " status, event, position, code, field, value, cure, payload) FROM STDIN"
)


class BatchOfAnother(Conflict):
    """Batch {value} belongs to somebody else."""

    code = "batch_of_another"
    field = "ledger-batch"
    cure = "Choose another name for the batch, or leave it out."


class RowKept(msgspec.Struct, frozen=True):
    """A row that was not simply accepted."""

    place: int
    row_no: int
    source_key: str | None
    record_version: str | None
    kind: str | None
    receipt: Receipt
    payload: dict[str, Any] | None


class Part(msgspec.Struct, frozen=True):
    """The receipts of some rows of one request."""

    batch: str
    request: str
    actor: str
    source: str
    door: str
    file_name: str | None
    first: int
    counts: list[int]
    receipts: bytes
    rows: Sequence[RowKept]
    outcome: str | None = None
    sha256: str | None = None

    def ending(self, outcome: str, sha256: str | None) -> "Part":
        """Give the part as the last one of its request."""
        return msgspec.structs.replace(self, outcome=outcome, sha256=sha256)


class ReceiptBook:
    """Keeps the receipts of every batch, several requests in one transaction."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime] = utc_now) -> None:
        """Write through a pool of connections."""
        self._pool = pool
        self._clock = clock
        self._parts: Gathering[Part, None] = Gathering(self._write, most=_TOGETHER)

    async def keep(self, part: Part) -> None:
        """Write a part down; it is durable when this returns."""
        await self._parts.bring(part)

    async def check_owner(self, batch: str, actor: str) -> None:
        """Refuse to go on with a batch that somebody else began. Raises BatchOfAnother."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT actor FROM ledger.batches WHERE id = %s", (batch,)
            )
            row = await cursor.fetchone()
        if row is not None and row[0] != actor:
            raise BatchOfAnother(value=batch)

    async def _write(self, parts: Sequence[Part]) -> Sequence[None]:
        """Write parts, all of them or none."""
        rows = [(part, row) for part in parts for row in part.rows]
        async with self._pool.connection() as connection:
            if not rows:
                await _write_parts(connection, parts, self._clock())
                return [None] * len(parts)
            async with connection.transaction(), connection.cursor() as cursor:
                await _write_parts(connection, parts, self._clock())
                async with cursor.copy(_ROWS) as copy:
                    for part, row in rows:
                        await copy.write_row(_kept_row(part, row))
        return [None] * len(parts)


async def _write_parts(
    connection: AsyncConnection[Any], parts: Sequence[Part], now: datetime
) -> None:
    """Write parts, and the batches that they begin."""
    begun = [(p.batch, p.actor, p.source, p.door, p.file_name) for p in parts]
    told = [
        (p.batch, p.request, p.first, ",".join(map(str, p.counts)), p.receipts, p.outcome, p.sha256)
        for p in parts
    ]
    values = [now, *_columns(begun), now, *_columns(told)]
    await connection.execute(_PARTS, values, prepare=True)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    """Turn rows into columns."""
    return [list(column) for column in zip(*rows, strict=True)]


def _kept_row(part: Part, row: RowKept) -> tuple[object, ...]:
    """Give the columns of a row that was not simply accepted."""
    receipt = row.receipt
    return (
        part.batch,
        part.request,
        row.place,
        row.row_no,
        _storable(row.source_key),
        _storable(row.record_version),
        _storable(row.kind),
        receipt.status.value,
        receipt.event_id,
        receipt.position,
        receipt.code,
        _storable(receipt.field),
        _storable(receipt.value),
        _storable(receipt.cure),
        None if row.payload is None else Jsonb(row.payload),
    )


def _storable(text: str | None) -> str | None:
    """Give a text that the database can keep: no NUL, no half of a pair."""
    if text is None:
        return None
    return text.replace(_UNPRINTABLE, "\ufffd").encode(errors="backslashreplace").decode()
