"""Take no more at once than can be held; who comes then is told when to come again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.errors import LedgerError

MOST_REQUESTS = 256
"""Requests that are worked at or wait for the ledger at the same time."""
MOST_BYTES = 256 * 2**20
"""Bytes of bodies that are held in memory at the same time."""


class Busy(LedgerError):
    """More deliveries arrive at the moment than can be taken in."""

    code = "busy"
    cure = "Send the same again after the seconds that Retry-After says; nothing was taken in."


@dataclass(slots=True)
class Pressure:
    """Counts what is being taken in."""

    most_requests: int = MOST_REQUESTS
    most_bytes: int = MOST_BYTES
    requests: int = 0
    bytes: int = 0

    def check(self) -> None:
        """Refuse a request that has not begun yet. Raises Busy."""
        if self.requests >= self.most_requests:
            raise Busy

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count one more request for the length of a `with`."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    @contextmanager
    def holding(self) -> Iterator["Held"]:
        """Count the bytes of a body for the length of a `with`."""
        held = Held(self)
        try:
            yield held
        finally:
            self.bytes -= held.bytes


@dataclass(slots=True)
class Held:
    """What is held of one body."""

    pressure: Pressure
    bytes: int = 0

    def add(self, count: int) -> None:
        """Hold more of it. Raises Busy."""
        if self.pressure.bytes + count > self.pressure.most_bytes:
            raise Busy
        self.bytes += count
        self.pressure.bytes += count
