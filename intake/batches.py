"""Read what became of batches, requests and records, long after they were answered."""

import zlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from domain.errors import NotFound
from domain.receipt import Status

PARTS_AT_ONCE = 16
LONGEST_HISTORY = 1_000
"""Receipts given for one record; nobody reads more."""

_RETRACTION = """(r.kind = 'EventRetracted' AND NOT EXISTS (
    SELECT FROM ledger.events AS u WHERE u.corrects = r.id AND u.kind = 'EventRetracted'))"""
"""Holds for a retraction that was not taken back itself."""
_RETRACTED = f"""
SELECT count(DISTINCT r.corrects) FROM ledger.events AS r
WHERE r.corrects = ANY (%s::uuid[]) AND {_RETRACTION}
"""
_BATCH = """
SELECT b.id AS batch_id, b.source, b.received_at, b.file_name, b.actor, b.door,
    (SELECT array_agg(p.sha256 ORDER BY p.received_at) FROM ledger.batch_parts AS p
     WHERE p.batch = b.id AND p.sha256 IS NOT NULL) AS digests,
    (SELECT bool_and(r.ended) FROM (SELECT bool_or(p.outcome IS NOT NULL) AS ended
     FROM ledger.batch_parts AS p WHERE p.batch = b.id GROUP BY p.request) AS r) AS ended,
    (SELECT bool_or(p.outcome = 'broken') FROM ledger.batch_parts AS p
     WHERE p.batch = b.id) AS broken,
    (SELECT array_agg(s.sum ORDER BY s.place) FROM (
        SELECT c.place, sum(c.count)::bigint FROM ledger.batch_parts AS p
        CROSS JOIN LATERAL unnest(p.counts) WITH ORDINALITY AS c (count, place)
        WHERE p.batch = b.id GROUP BY c.place) AS s) AS counts
FROM ledger.batches AS b WHERE b.id = %s
"""
_PARTS = """
SELECT p.receipts FROM ledger.batch_parts AS p
WHERE p.{} = %s ORDER BY p.received_at, p.request, p.first
"""
_RECORD = f"""
SELECT r.*, coalesce(b.received_at, r.recorded_at) AS received_at FROM (
    SELECT e.position, e.id::text AS event_id, e.record_version, e.recorded_at,
        convert_from(e.bytes, 'UTF8')::jsonb #>> '{{body,source,batch_id}}' AS batch_id,
        (convert_from(e.bytes, 'UTF8')::jsonb #>> '{{body,source,row_no}}')::bigint AS row_no,
        CASE WHEN e.corrects IS NOT NULL AND EXISTS (
            SELECT FROM ledger.events AS f
            WHERE f.source_key = e.source_key AND f.position < e.position
        ) THEN 'corrected' ELSE 'accepted' END AS status,
        (SELECT max(r.position) FROM ledger.events AS r WHERE r.corrects = e.id
            AND {_RETRACTION}) AS retracted_by
    FROM ledger.events AS e WHERE e.source_key = %s ORDER BY e.position LIMIT %s
) AS r LEFT JOIN ledger.batches AS b ON b.id = r.batch_id
"""
_ROWS = """
SELECT r.batch AS batch_id, r.row_no, r.record_version, r.status, r.event::text AS event_id,
    r.position, r.code, r.field, r.value, r.cure, b.received_at,
    k.number AS quarantine_number, k.decision, k.decided_at
FROM ledger.batch_rows AS r JOIN ledger.batches AS b ON b.id = r.batch
-- A version that was kept with several contents has several entries; the row does not say which.
LEFT JOIN LATERAL (
    SELECT min(q.number) AS number, min(d.decision) AS decision, min(d.decided_at) AS decided_at
    FROM ledger.quarantine AS q LEFT JOIN ledger.quarantine_decisions AS d USING (number)
    WHERE q.source_key = r.source_key AND q.record_version IS NOT DISTINCT FROM r.record_version
    HAVING count(*) = 1
) AS k ON r.status = 'quarantined'
WHERE r.source_key = %s AND r.status NOT IN ('accepted', 'corrected')
ORDER BY b.received_at, r.batch, r.row_no LIMIT %s
"""


_BROUGHT = frozenset({Status.ACCEPTED.value, Status.CORRECTED.value})


class UnknownBatch(NotFound):
    """There is no batch {value}."""

    code = "unknown_batch"
    cure = "Take the id from the header Ledger-Batch or the batch_id of the answer."


class UnknownRecord(NotFound):
    """Nothing was ever received from the record {value}."""

    code = "unknown_record"
    cure = "Name it as /receipts/<system>/<record id>, as in source and id of its event."


async def batch(connection: AsyncConnection[Any], batch_id: str) -> dict[str, Any]:
    """Say what became of a batch, in numbers. Raises UnknownBatch."""
    if not batch_id.isprintable():
        raise UnknownBatch(value=batch_id)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_BATCH, (batch_id,))
        found = await cursor.fetchone()
    if found is None:
        raise UnknownBatch(value=batch_id)
    counts = dict(zip(Status, found["counts"], strict=True))
    return {
        **{name: found[name] for name in ("batch_id", "source", "received_at", "file_name")},
        "sha256": found["digests"][-1] if found["digests"] else None,
        "state": _state(found),
        "rows": sum(counts.values()),
        **{status.value: count for status, count in counts.items()},
        "retracted": await retracted_of_batch(connection, batch_id),
    }


def _state(found: dict[str, Any]) -> str:
    """Say how a batch stands: still coming, broken off by its sender, or complete."""
    if found["broken"]:
        return "broken"
    return "complete" if found["ended"] else "open"


async def receipts_of_batch(
    connection: AsyncConnection[Any], batch_id: str
) -> AsyncIterator[dict[str, Any]]:
    """Give all receipts of a batch, its requests one after the other, numbered throughout."""
    index = 0
    async for receipts in _parts(connection, "batch", batch_id):
        for receipt in receipts:
            yield receipt | {"index": index}
            index += 1


async def events_of_batch(
    connection: AsyncConnection[Any], batch_id: str
) -> AsyncIterator[list[str]]:
    """Name the events that a batch brought, in their order, some at a time."""
    async for receipts in _parts(connection, "batch", batch_id):
        yield [
            told["event_id"]
            for receipt in receipts
            for told in receipt.get("facts") or (receipt,)
            if told["status"] in _BROUGHT and "event_id" in told
        ]


async def retracted_of_batch(connection: AsyncConnection[Any], batch_id: str) -> int:
    """Count the events of a batch that have been taken back since, and not again."""
    retracted = 0
    async for events in events_of_batch(connection, batch_id):
        cursor = await connection.execute(_RETRACTED, (events,))
        retracted += sum(count for (count,) in await cursor.fetchall())
    return retracted


async def receipts_of_request(
    connection: AsyncConnection[Any], request: str
) -> AsyncIterator[dict[str, Any]]:
    """Give the receipts of one request, as they were answered."""
    async for receipts in _parts(connection, "request", request):
        for receipt in receipts:
            yield receipt


async def _parts(
    connection: AsyncConnection[Any], column: str, value: str
) -> AsyncIterator[list[dict[str, Any]]]:
    """Read parts without holding all of them in memory."""
    async with connection.transaction(), connection.cursor(name="parts") as cursor:
        cursor.itersize = PARTS_AT_ONCE
        await cursor.execute(_PARTS.format(column), (value,))
        async for (receipts,) in cursor:
            yield orjson.loads(zlib.decompress(receipts))


async def receipts_of_record(
    connection: AsyncConnection[Any], source_key: str
) -> list[dict[str, Any]]:
    """Give what became of a record each time it came, the oldest first. Raises UnknownRecord.

    Where it was kept in the quarantine, also under which number, and what was decided since.
    """
    if not source_key.isprintable():
        # No record has such a name, and the database could not even be asked for some.
        raise UnknownRecord(value=source_key)
    found: list[dict[str, Any]] = []
    async with connection.cursor(row_factory=dict_row) as cursor:
        for statement in (_RECORD, _ROWS):
            await cursor.execute(statement, (source_key, LONGEST_HISTORY))
            found += await cursor.fetchall()
    if not found:
        raise UnknownRecord(value=source_key)
    found.sort(key=lambda receipt: (receipt["received_at"], receipt["row_no"] or 0))
    return [
        {name: value for name, value in receipt.items() if value is not None} for receipt in found
    ]
