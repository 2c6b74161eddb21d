"""Keep deliveries that cannot be appended yet, with the reason, until they are released or refused.

Rows are only ever added: a delivery, and later the decision about it. Names of persons lie beside,
in the table that allows their erasure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from domain.draft import Draft
from domain.envelope import Actor
from domain.receipt import Receipt, Status
from intake.delivery import Delivery
from intake.grant import Limits
from intake.masking import receipt_without_persons
from intake.names import keep_names
from intake.sealing import opened, sealed, stray_names
from ledger.key_place import keys_of

KEEPING = 7_205_759_403_792_811
"""The advisory lock under which rows are added, so that their numbers become visible in order."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A quarantined delivery, as it would be taken in again, and what it waits for.

    It may only be taken in by itself within the limits of who sent it.
    """

    number: int
    waiting_for: str | None
    delivery: Delivery
    actor: Actor
    limits: Limits | None = None


async def keep(
    connection: AsyncConnection[Any],
    delivery: Delivery,
    draft: Draft,
    receipt: Receipt,
    *,
    actor: Actor,
    received_at: datetime,
    waiting_for: str | None = None,
    limits: Limits | None = None,
) -> int:
    """Keep a delivery once, however often it is sent under some limits, and give its number."""
    digest = _digest(delivery, draft, receipt, waiting_for, limits)
    receipt = receipt_without_persons(receipt)
    names = (*draft.names, *stray_names(delivery, draft.names))
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (KEEPING,))
        cursor = await connection.execute(
            "SELECT number FROM ledger.quarantine WHERE digest = %s", (digest,)
        )
        known = await cursor.fetchone()
        if known is not None:
            return int(known[0])
        cursor = await connection.execute(
            "INSERT INTO ledger.quarantine (draft, received_at, digest, kind, subject, occurred_on,"
            " source_key, record_version, code, field, value, cure, waiting_for, actor, delivery,"
            " limits) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " RETURNING number",
            (
                draft.id,
                received_at,
                digest,
                delivery.kind,
                delivery.subject,
                delivery.occurred_on,
                delivery.source_key,
                delivery.record_version,
                receipt.code,
                receipt.field,
                receipt.value,
                receipt.cure,
                waiting_for,
                Jsonb(msgspec.to_builtins(msgspec.structs.replace(actor, name=None))),
                sealed(delivery, names),
                None if limits is None else Jsonb(msgspec.to_builtins(limits)),
            ),
        )
        row = await cursor.fetchone()
        await keep_names(connection, draft.id, names)
    assert row is not None
    return int(row[0])


async def waiting_since(connection: AsyncConnection[Any], number: int) -> list[tuple[int, str]]:
    """Give number and key of the waiting rows after a number that nobody has decided about."""
    cursor = await connection.execute(
        "SELECT q.number, q.waiting_for FROM ledger.quarantine AS q"
        " WHERE q.number > %s AND q.waiting_for IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number)"
        " ORDER BY q.number",
        (number,),
    )
    return await cursor.fetchall()


async def read_kept(
    connection: AsyncConnection[Any], numbers: Sequence[int], *, decided: bool = False
) -> list[Kept]:
    """Read kept deliveries, names included, in the order they arrived; if wanted `decided` ones."""
    cursor = await connection.execute(
        "SELECT q.number, q.waiting_for, q.actor, q.delivery, (SELECT"
        " coalesce(jsonb_agg(jsonb_build_array(to_jsonb(n.path), n.value)), '[]')"
        " FROM ledger.person_names AS n WHERE n.event = q.draft), q.limits"
        " FROM ledger.quarantine AS q WHERE q.number = ANY(%s) AND (%s OR NOT EXISTS"
        " (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number))"
        " ORDER BY q.number",
        (list(numbers), decided),
    )
    kept, keys = [], keys_of(connection)
    async for number, waiting_for, actor, data, names, limits in cursor:
        delivery, name = opened(data, ((path, keys.unlock(value)) for path, value in names))
        sender = Actor(**{**actor, "name": name})
        kept.append(Kept(number, waiting_for, delivery, sender, _limits(limits)))
    return kept


async def decide(
    connection: AsyncConnection[Any], decided: Iterable[tuple[int, Receipt]], at: datetime
) -> None:
    """Note what became of kept deliveries; of several decisions at once the first one counts."""
    async with connection.transaction():
        for number, receipt in decided:
            decision = _DECISIONS.get(receipt.status, "released")
            await close(connection, number, decision, receipt, at)


async def close(
    connection: AsyncConnection[Any], number: int, decision: str, receipt: Receipt, at: datetime
) -> None:
    """Note one decision."""
    await connection.execute(
        "INSERT INTO ledger.quarantine_decisions (number, decided_at, decision, status,"
        " event, position, code) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (
            number,
            at,
            decision,
            receipt.status.value,
            receipt.event_id,
            receipt.position,
            receipt.code,
        ),
    )


_DECISIONS = {Status.REJECTED: "refused", Status.QUARANTINED: "replaced"}


async def listed(
    connection: AsyncConnection[Any], *, decided: bool, limit: int
) -> list[dict[str, Any]]:
    """List kept deliveries, the newest first; with `decided` also those that have left."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            "SELECT q.number, q.received_at, q.kind, q.subject, q.occurred_on, q.source_key,"
            " q.record_version, q.code, q.field, q.value, q.cure, q.waiting_for, d.decision,"
            " d.decided_at, d.event, d.position FROM ledger.quarantine AS q"
            " LEFT JOIN ledger.quarantine_decisions AS d USING (number)"
            " WHERE %s OR d.number IS NULL ORDER BY q.number DESC LIMIT %s",
            (decided, limit),
        )
        return await cursor.fetchall()


def _limits(kept: dict[str, Any] | None) -> Limits | None:
    """Read the limits of who sent a delivery."""
    return None if kept is None else msgspec.convert(kept, Limits)


def _digest(
    delivery: Delivery,
    draft: Draft,
    receipt: Receipt,
    waiting_for: str | None,
    limits: Limits | None,
) -> bytes:
    """Identify a delivery, the reason it is kept and its limits, without the names in it."""
    parts: tuple[Any, ...] = (
        delivery.source_key,
        delivery.record_version,
        delivery.subject,
        delivery.corrects,
        receipt.code,
        waiting_for,
        draft.content_digest.hex(),
    )
    if limits is not None:
        parts = (*parts, limits)
    return sha256(msgspec.json.encode(parts)).digest()
