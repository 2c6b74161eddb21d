"""Load the demonstration facts as they once arrived, each recorded at the time of its receipt."""

from collections import Counter
from collections.abc import Callable

from domain.flexdate import beijing_day
from domain.receipt import Status
from intake.cloudevents import read_event
from intake.delivery import Delivery
from server.demonstration import batches, deliveries
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings

NOTE = "Demonstration: Zhangjiagang 2024, with Wujin and Zhenjiang"


async def load(
    settings: Settings, conninfo: str, move: Callable[[int, int], None]
) -> Counter[Status]:
    """Append all demonstration facts; what is there already is answered as a duplicate.

    Raises NotReplayed if the ledger holds other facts.
    """
    events = deliveries()
    counts: Counter[Status] = Counter()
    async with opened(settings, conninfo, replayed=True) as house:
        await house.intake.receive([_opening(read_event(events[0]))], OPERATOR)
        for batch in batches(events):
            facts = [read_event(event) for event in batch]
            receipts = await house.intake.receive(facts, OPERATOR)
            counts.update(receipt.status for receipt in receipts)
            move(counts.total(), len(events))
    return counts


def _opening(first: Delivery) -> Delivery:
    """Open the ledger just when the first fact arrives."""
    assert first.received_at is not None
    return Delivery(
        kind="LedgerOpened",
        system="ledger",
        record_id="opening",
        record_version="1",
        occurred_on=beijing_day(first.received_at).isoformat(),
        payload={"clock": "replayed", "note": NOTE},
        received_at=first.received_at,
    )
