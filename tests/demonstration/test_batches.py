"""Batches keep the order, and nothing is recorded later because of how they were cut."""

from itertools import chain

import pytest

from server.demonstration import Portfolio, batches, books, spooled
from server.demonstration.batches import LARGEST
from server.demonstration.deliveries import Arrival


@pytest.fixture(scope="module")
def arrivals() -> list[Arrival]:
    """Give the deliveries of a small portfolio whose registrations come late very often."""
    noise = Portfolio().noise.changed("late-registrations=0.2")
    with spooled(books(Portfolio(seed=3, projects=230, noise=noise))) as spool:
        return list(spool.read())


def test_batches_are_the_deliveries_in_order(arrivals: list[Arrival]) -> None:
    cut = list(batches(arrivals))

    assert list(chain.from_iterable(cut)) == [arrival.event for arrival in arrivals]
    assert max(map(len, cut)) <= LARGEST


def test_what_others_wait_for_comes_in_a_moment_of_its_own(arrivals: list[Arrival]) -> None:
    awaited = {arrival.event["id"] for arrival in arrivals if arrival.awaited}
    registered: set[str] = set()
    freed = 0
    for batch in batches(arrivals):
        moments = {event["receivedat"] for event in batch}
        waiting: set[str] = set()
        for event in batch:
            record = f"source:investment-promotion/{event['id'].partition('#')[0]}"
            if event["type"] == "ProjectRegistered":
                freed += record in waiting or event["id"] in awaited
                assert record not in waiting or len(moments) == 1
                registered.add(record)
            if event["subject"].startswith("source:"):
                waiting |= {event["subject"]} - registered
        assert len(moments) == 1 or not awaited & {event["id"] for event in batch}
    assert freed > 20


def test_a_long_moment_is_cut_too(arrivals: list[Arrival]) -> None:
    at_once = [Arrival("2025-11-03T09:30:00+08:00", awaited=False, event=a.event) for a in arrivals]

    cut = list(batches(at_once))

    assert list(chain.from_iterable(cut)) == [arrival.event for arrival in arrivals]
    assert max(map(len, cut)) == LARGEST
