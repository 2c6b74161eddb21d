"""Batches keep the order, and nothing is recorded later because of how they were cut."""

from itertools import chain
from typing import Any

from server.demonstration import batches


def registers(event: dict[str, Any]) -> str:
    """Give the name under which a delivery registers a project, if it does."""
    registered = event["type"] == "ProjectRegistered"
    record = event["id"].partition("#")[0]
    return f"source:investment-promotion/{record}" if registered else ""


def test_batches_are_the_deliveries_in_order(events: list[dict[str, Any]]) -> None:
    cut = list(batches(events))

    assert list(chain.from_iterable(cut)) == events
    assert len(cut) < 60


def test_what_others_wait_for_comes_in_a_moment_of_its_own(events: list[dict[str, Any]]) -> None:
    registered: set[str] = set()
    freed = 0
    for batch in batches(events):
        waiting: set[str] = set()
        at_one_moment = batch[0]["receivedat"] == batch[-1]["receivedat"]
        for event in batch:
            freed += at_one_moment and registers(event) != ""
            assert at_one_moment or registers(event) not in waiting
            registered.add(registers(event))
            if event["subject"].startswith("source:"):
                waiting |= {event["subject"]} - registered
    assert freed > 3
