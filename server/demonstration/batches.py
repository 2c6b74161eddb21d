"""Cut the deliveries into batches that are recorded as if each had arrived alone.

A fact that waits for its project is recorded in the moment that brings the project. A call of the
intake has one such moment, its last, so what others wait for must be the end of a call.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from server.demonstration.book import Payload

LARGEST = 2_000


def batches(events: Sequence[Payload]) -> Iterator[list[Payload]]:
    """Give the deliveries in their order, as few batches as that allows."""
    known: set[str] = set()
    wanted: set[str] = set()
    batch: list[Payload] = []
    for _, arrived_together in groupby(events, key=lambda event: event["receivedat"]):
        moment = list(arrived_together)
        brought = set().union(*map(_brought, moment))
        known |= brought
        wanted |= set().union(*map(_named, moment)) - known
        frees = not wanted.isdisjoint(brought)
        if batch and (frees or len(batch) + len(moment) > LARGEST):
            yield batch
            batch = []
        batch += moment
        if frees:
            wanted -= brought
            yield batch
            batch = []
    if batch:
        yield batch


def _brought(event: Payload) -> set[str]:
    """Give the names under which a delivery makes something known."""
    system, record = event["source"].rpartition("/")[2], event["id"].partition("#")[0]
    names = {f"source:{system}/{record}"}
    if event["type"] == "ProjectCodeAssigned":
        names.add(f"code:{event['data']['code']}")
    return names


def _named(event: Payload) -> set[str]:
    """Give the names that must be known before a delivery can be recorded."""
    aliases = {event["subject"], event.get("corrects", "")}
    return {alias for alias in aliases if alias.startswith(("source:", "code:"))}
