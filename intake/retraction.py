"""Take a whole batch back, with one reason: every event it brought, and what of it still waits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.errors import LedgerError, Malformed
from domain.flexdate import beijing_day
from domain.receipt import Status
from intake.appending import Pool
from intake.batch import Batch
from intake.batches import UnknownBatch, events_of_batch
from intake.batches import batch as find_batch
from intake.delivery import Delivery
from intake.desk import SYSTEM, Desk
from intake.grant import Grant
from intake.intake import Intake
from intake.receipt_book import ReceiptBook
from projections.judging.sight import shown

AT_ONCE: Final = 1_000
_WAITING = (
    "SELECT q.number FROM ledger.quarantine AS q WHERE NOT EXISTS"
    " (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number)"
    " AND convert_from(q.delivery, 'UTF8')::jsonb ->> 'batch_id' = %s ORDER BY q.number"
)


@dataclass(slots=True)
class Retracted:
    """What became of a batch that was taken back; the retractions are a batch of their own."""

    batch_id: str
    retraction_batch_id: str | None = None
    counts: Counter[Status] = field(default_factory=Counter)
    refused: int = 0
    position: int = 0

    def as_json(self) -> dict[str, Any]:
        """Write it for programs."""
        return {
            "batch_id": self.batch_id,
            "retraction_batch_id": self.retraction_batch_id,
            "events": self.counts.total(),
            **{status.value: self.counts[status] for status in Status},
            "refused_in_quarantine": self.refused,
            "position": self.position,
        }


@dataclass(frozen=True, slots=True)
class Retraction:
    """Takes batches back on behalf of a caller."""

    intake: Intake
    book: ReceiptBook
    pool: Pool
    grant: Grant

    async def of(self, batch_id: str, reason: str) -> Retracted:
        """Retract all events of a batch and refuse what of it is still in the quarantine.

        Doing it again changes nothing. Raises UnknownBatch and Malformed.
        """
        if not reason.strip():
            raise Malformed(
                code="missing_reason", field="reason", cure="Say why; it is kept for good."
            )
        async with self.pool.connection() as connection:
            await find_batch(connection, batch_id)
            today, ids = beijing_day(self.intake.now()), [batch_id]
            if not await shown(connection, self.grant.reach, "ledger.batches.id", ids, on=today):
                self.intake.denials.note("retract", "beyond_reach", self.grant, batch_id)
                raise UnknownBatch(value=batch_id)
            parts = [part async for part in events_of_batch(connection, batch_id)]
            events = list(dict.fromkeys(event for part in parts for event in part))
            cursor = await connection.execute(_WAITING, (batch_id,))
            waiting = [int(number) for (number,) in await cursor.fetchall()]
        result = Retracted(batch_id)
        await self._retract(events, reason, result)
        desk = Desk(self.intake, self.pool, self.grant)
        for number in waiting:
            try:
                await desk.refuse(number, reason)
            except LedgerError:
                # It has left meanwhile, or it is another system's; either way it is not ours.
                continue
            result.refused += 1
        return result

    async def _retract(self, events: Sequence[str], reason: str, result: Retracted) -> None:
        """Retract events, the newest first, so that corrections go before what they correct."""
        if not events:
            return
        today = beijing_day(self.intake.now()).isoformat()
        retractions = Batch(self.intake, self.book, self.grant, door="command")
        result.retraction_batch_id = retractions.id
        newest_first = events[::-1]
        for start in range(0, len(events), AT_ONCE):
            part = newest_first[start : start + AT_ONCE]
            receipts = await retractions.take(
                [
                    Delivery(
                        kind="EventRetracted",
                        system=self.grant.own_system if self.grant.systems else SYSTEM,
                        record_id=f"batch-retraction/{event}",
                        record_version="1",
                        occurred_on=today,
                        reason=reason,
                        corrects=event,
                    )
                    for event in part
                ],
                last=start + AT_ONCE >= len(events),
            )
            result.counts.update(receipt.status for receipt in receipts)
        result.position = retractions.position
