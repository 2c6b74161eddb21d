"""Record facts about the ledger itself, in the ledger."""

from typing import Any

from domain.errors import Refused
from domain.flexdate import beijing_day
from domain.receipt import Receipt, Status
from intake.delivery import Delivery
from intake.grant import Grant
from ledger.clock import utc_now
from server.house import House
from server.operator import OPERATOR

SYSTEM = "ledger"
_RECORDED = frozenset({Status.ACCEPTED, Status.DUPLICATE})


class NotRecorded(Refused):
    """The ledger did not take the fact about itself: {reason}."""

    code = "not_recorded"
    cure = "Nothing was changed; mend what the reason says and try again."


async def record(
    house: House,
    kind: str,
    payload: dict[str, Any],
    *,
    record_id: str,
    reason: str | None = None,
    grant: Grant = OPERATOR,
) -> Receipt:
    """Append a fact about the ledger and wait until it is durable. Raises NotRecorded."""
    receipt = await request(house, kind, payload, record_id=record_id, reason=reason, grant=grant)
    if receipt.status not in _RECORDED:
        raise NotRecorded(reason=f"{receipt.status.value}: {receipt.code} {receipt.cure}")
    return receipt


async def request(
    house: House,
    kind: str,
    payload: dict[str, Any],
    *,
    record_id: str,
    reason: str | None,
    grant: Grant,
) -> Receipt:
    """Send a fact about the ledger; perhaps it waits for a second person."""
    delivery = Delivery(
        kind=kind,
        system=SYSTEM,
        record_id=record_id,
        occurred_on=beijing_day(utc_now()).isoformat(),
        reason=reason,
        payload={name: value for name, value in payload.items() if value is not None},
    )
    [receipt] = await house.intake.receive([delivery], grant)
    return receipt
