"""Keep the content of record versions that arrived after a later one: shown, never folded."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from domain.draft import Draft
from domain.receipt import Receipt
from intake.names import keep_names


async def keep_superseded(
    connection: AsyncConnection[Any], draft: Draft, receipt: Receipt, *, received_at: datetime
) -> None:
    """Keep an overtaken version once, with the event that stands in its place."""
    async with connection.transaction():
        cursor = await connection.execute(
            "INSERT INTO ledger.superseded (draft, received_at, stream, kind, source_key,"
            " record_version, event, content_digest, body)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                draft.id,
                received_at,
                draft.stream,
                draft.kind,
                draft.source_key,
                draft.record_version or "",
                receipt.event_id,
                draft.content_digest,
                draft.body,
            ),
        )
        if cursor.rowcount:
            await keep_names(connection, draft.id, draft.names)
