"""Decide about deliveries in the quarantine: release, correct or refuse, by name and reason.

Every decision is an event on `ledger/quarantine`. A delivery is decided once; what it said stays.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from domain.errors import Conflict, Malformed, NotFound, Refused
from domain.flexdate import beijing_day
from domain.receipt import Receipt, Status
from intake import quarantine
from intake.appending import Pool
from intake.delivery import Delivery
from intake.grant import Grant, Right
from intake.intake import Intake
from intake.quarantine import Kept, read_kept
from ledger.key_place import keys_of
from projections.judging.sight import shown

STREAM: Final = "ledger/quarantine"
SYSTEM: Final = "ledger"
DECIDING: Final = 7_205_759_403_792_815
"""The first of the two keys of the advisory lock under which one delivery is decided."""
CHANGEABLE: Final = frozenset(
    {"subject", "occurred_on", "payload", "reason", "corrects", "record_version"}
)
_APPENDED = frozenset({Status.ACCEPTED, Status.CORRECTED, Status.DUPLICATE, Status.SUPERSEDED})


class UnknownEntry(NotFound):
    """There is no delivery {value} in the quarantine."""

    code = "unknown_quarantine_entry"
    field = "number"
    cure = "List the quarantine; its entries are named by their numbers."


class AlreadyDecided(Conflict):
    """Delivery {value} has left the quarantine: it was {decision}."""

    code = "already_decided"
    field = "number"
    cure = "Correct or retract the event it became, or send the fact anew."


class MayNotDecide(Refused):
    """This caller may not decide about the quarantine."""

    code = "forbidden"
    cure = 'Use a token with the right "correct", for the system the delivery came from.'


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and what became of the delivery."""

    number: int
    decision: str
    receipt: Receipt | None = None

    def as_json(self) -> dict[str, Any]:
        """Write the decision for programs."""
        became = self.receipt.as_json(0) if self.receipt else {}
        became.pop("index", None)
        return {"number": self.number, "decision": self.decision, **became}


class Desk:
    """Where people decide about what was kept."""

    def __init__(self, intake: Intake, pool: Pool, grant: Grant) -> None:
        """Decide on behalf of a caller."""
        self._intake = intake
        self._pool = pool
        self._grant = grant

    async def release(self, number: int, reason: str) -> Decision:
        """Take a delivery in as it is, however implausible.

        What lacks something that it names stays, with the receipt that says so. Raises
        UnknownEntry, AlreadyDecided, MayNotDecide and Malformed.
        """
        async with self._deciding(number, reason) as kept:
            receipt = await self._intake.take_again(kept, self._grant)
            if receipt.status not in _APPENDED:
                return Decision(number, "kept", receipt)
            await self._record(kept, "released", reason, receipt)
        return Decision(number, "released", receipt)

    async def correct(self, number: int, changes: Mapping[str, Any], reason: str) -> Decision:
        """Take a delivery in with other content in place of what it said.

        What cannot be read stays as it was; what is still held back becomes an entry of its own in
        place of this one. Raises UnknownEntry, AlreadyDecided, MayNotDecide and Malformed.
        """
        unknown = changes.keys() - CHANGEABLE
        if unknown or not changes:
            raise Malformed(
                code="extra_field" if unknown else "missing_field",
                field=min(unknown, default="changes"),
                cure=f"Change one or more of {', '.join(sorted(CHANGEABLE))}.",
            )
        async with self._deciding(number, reason) as kept:
            corrected = replace(kept, delivery=msgspec.structs.replace(kept.delivery, **changes))
            receipt = await self._intake.take_again(corrected, self._grant)
            if receipt.status is Status.REJECTED or corrected == kept:
                return Decision(number, "kept", receipt)
            await self._record(kept, "replaced", reason, receipt)
        return Decision(number, "replaced", receipt)

    async def refuse(self, number: int, reason: str) -> Decision:
        """Keep a delivery out for good; what it said stays in the quarantine's history.

        Raises UnknownEntry, AlreadyDecided, MayNotDecide and Malformed.
        """
        async with self._deciding(number, reason) as kept:
            await self._record(kept, "refused", reason, Receipt(Status.REJECTED))
        return Decision(number, "refused")

    @asynccontextmanager
    async def _deciding(self, number: int, reason: str) -> AsyncIterator[Kept]:
        """Hold an open entry while it is decided."""
        if not reason.strip():
            raise Malformed(
                code="missing_reason", field="reason", cure="Say why; it is kept for good."
            )
        async with self._pool.connection() as connection:
            await connection.execute(
                "SELECT pg_advisory_lock(%s, %s)", (DECIDING % 2**31, number % 2**31)
            )
            try:
                await self._see(connection, number)
                kept = await _open_entry(connection, number)
                self._check(kept.delivery)
                yield kept
            finally:
                await connection.execute(
                    "SELECT pg_advisory_unlock(%s, %s)", (DECIDING % 2**31, number % 2**31)
                )

    async def _see(self, connection: AsyncConnection[Any], number: int) -> None:
        """Know nothing of entries beyond the caller's reach. Raises UnknownEntry."""
        reach, today = self._grant.reach, beijing_day(self._intake.now())
        if not await shown(connection, reach, "ledger.quarantine.number", [number], on=today):
            self._intake.denials.note("decide", "beyond_reach", self._grant, str(number))
            raise UnknownEntry(value=number)

    def _check(self, delivery: Delivery) -> None:
        """Refuse a caller who may not decide. Raises MayNotDecide."""
        grant = self._grant
        own = grant.systems is None or delivery.system in grant.systems
        if Right.CORRECT not in grant.rights or not own:
            self._intake.denials.note("decide", MayNotDecide.code, grant, delivery.source_key)
            raise MayNotDecide

    async def _record(self, kept: Kept, decision: str, reason: str, receipt: Receipt) -> None:
        """Record the decision as an event, in the name of who made it."""
        payload: dict[str, Any] = {
            "number": kept.number,
            "decision": decision,
            "source_key": kept.delivery.source_key,
        }
        if receipt.event_id is not None:
            payload["event"] = receipt.event_id
        decided = Delivery(
            kind="QuarantineDecided",
            system=SYSTEM,
            record_id=f"quarantine/{kept.number}",
            record_version="1",
            subject=STREAM,
            occurred_on=beijing_day(self._intake.now()).isoformat(),
            reason=reason,
            payload=payload,
        )
        everything = Grant(self._grant.actor, frozenset(Right))
        [answer] = await self._intake.receive([decided], everything)
        # One that was recorded before a program ended in the middle is there already.
        assert answer.event_id, answer
        async with self._pool.connection() as connection:
            await quarantine.close(connection, kept.number, decision, receipt, self._intake.now())


async def _open_entry(connection: AsyncConnection[Any], number: int) -> Kept:
    """Read an entry that nobody has decided about. Raises UnknownEntry and AlreadyDecided."""
    cursor = await connection.execute(
        "SELECT d.decision FROM ledger.quarantine AS q"
        " LEFT JOIN ledger.quarantine_decisions AS d USING (number) WHERE q.number = %s",
        (number,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise UnknownEntry(value=number)
    if row[0] is not None:
        raise AlreadyDecided(value=number, decision=row[0])
    [kept] = await read_kept(connection, [number])
    return kept


async def explained(connection: AsyncConnection[Any], number: int) -> dict[str, Any]:
    """Say all about one entry: what it said, why it was kept, what became of it and why.

    Raises UnknownEntry.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_EXPLAIN, (number,))
        entry = await cursor.fetchone()
    if entry is None:
        raise UnknownEntry(value=number)
    [kept] = await read_kept(connection, [number], decided=True)
    said = kept.delivery
    return {
        **entry,
        "decided_by_name": keys_of(connection).unlock(entry["decided_by_name"]),
        "payload": said.payload,
        "reason": said.reason,
        "corrects": said.corrects,
        "batch_id": said.batch_id,
        "row_no": said.row_no,
        "delivered_by": kept.actor.id,
    }


_EXPLAIN = """
SELECT q.number, q.received_at, q.kind, q.subject, q.occurred_on, q.source_key, q.record_version,
    q.code, q.field, q.value, q.cure, q.waiting_for, d.decision, d.decided_at,
    d.event::text AS event, d.position, e.decided ->> 'reason' AS decision_reason,
    e.decided #>> '{actor,id}' AS decided_by, e.decided #>> '{actor,name}' AS decided_by_name
FROM ledger.quarantine AS q
LEFT JOIN ledger.quarantine_decisions AS d USING (number)
LEFT JOIN LATERAL (
    SELECT (convert_from(v.bytes, 'UTF8')::jsonb -> 'body') || jsonb_build_object('actor',
        ledger.resolved(v.id, convert_from(v.bytes, 'UTF8')::jsonb #> '{body,actor}', 'actor')
    ) AS decided
    FROM ledger.events AS v WHERE v.source_key = 'ledger/quarantine/' || q.number
) AS e ON true
WHERE q.number = %s
"""
