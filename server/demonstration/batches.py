"""Cut the deliveries into batches that are recorded as if each had arrived alone.

A fact that waits for its project is recorded in the moment that brings the project. A call of the
intake has one such moment, its last, so what others wait for goes into a call with nothing of any
other moment.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice

from server.demonstration.book import Payload
from server.demonstration.deliveries import Arrival

LARGEST = 2_000


def batches(arrivals: Iterable[Arrival]) -> Iterator[list[Payload]]:
    """Give the deliveries in their order, as few batches as that and their size allow."""
    batch: list[Payload] = []
    for _, together in groupby(arrivals, key=lambda arrival: arrival.received_at):
        for piece in _pieces(together):
            frees = any(arrival.awaited for arrival in piece)
            if batch and (frees or len(batch) + len(piece) > LARGEST):
                yield batch
                batch = []
            batch += [arrival.event for arrival in piece]
            if frees:
                yield batch
                batch = []
    if batch:
        yield batch


def _pieces(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    """Cut a long moment into pieces."""
    remaining = iter(arrivals)
    while piece := list(islice(remaining, LARGEST)):
        yield piece
