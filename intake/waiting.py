"""Remember which kept deliveries wait for what, so that appends need not search for them."""

from collections.abc import Iterable
from typing import Any

from psycopg import AsyncConnection

from intake.quarantine import waiting_since


class WaitingList:
    """The open rows of the quarantine by what they wait for; other processes' rows included."""

    def __init__(self) -> None:
        """Start with nothing read."""
        self._seen = 0
        self._numbers: dict[str, list[int]] = {}

    async def refresh(self, connection: AsyncConnection[Any]) -> None:
        """Read the rows that were added since the last time."""
        for number, key in await waiting_since(connection, self._seen):
            self._numbers.setdefault(key, []).append(number)
            self._seen = number

    def numbers(self) -> list[int]:
        """Give all open rows, the oldest first."""
        return sorted(number for numbers in self._numbers.values() for number in numbers)

    def take(self, keys: Iterable[str]) -> list[int]:
        """Give the rows that wait for any of the keys, and forget them."""
        if not self._numbers:
            return []
        taken = [self._numbers.pop(key) for key in keys if key in self._numbers]
        return sorted(number for numbers in taken for number in numbers)
