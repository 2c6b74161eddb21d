"""Load the demonstration facts as they once arrived, each recorded at the time of its receipt."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from domain.flexdate import beijing_day
from domain.receipt import Status
from intake.cloudevents import read_event
from intake.delivery import Delivery
from server.demonstration import deliveries
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
    facts = [read_event(event) for event in deliveries()]
    counts: Counter[Status] = Counter()
    async with opened(settings, conninfo, replayed=True) as house:
        await house.intake.receive([_opening(facts[0])], OPERATOR)
        for day in _days(facts):
            receipts = await house.intake.receive(day, OPERATOR)
            counts.update(receipt.status for receipt in receipts)
            move(counts.total(), len(facts))
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


def _days(facts: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    """Give the facts day by day.

    What one of them releases from the quarantine is recorded with the last of its call, so a call
    must not reach over more than a day.
    """
    for _, day in groupby(facts, _day):
        yield list(day)


def _day(fact: Delivery) -> Any:
    """Give the day in Beijing on which a fact arrived."""
    assert fact.received_at is not None
    return beijing_day(fact.received_at)
