"""Let only a few exports run at a time, so that they never crowd out what is asked beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from domain.errors import LedgerError

AT_A_TIME: Final = 4


class TooManyExports(LedgerError):
    """As many exports are running as may run at a time."""

    code = "busy"
    cure = "Ask again after the seconds that Retry-After says."


class Slots:
    """Counts the exports that run."""

    def __init__(self, most: int = AT_A_TIME) -> None:
        """Start with none."""
        self._most = most
        self._running = 0

    def check(self) -> None:
        """Refuse another export. Raises TooManyExports."""
        if self._running >= self._most:
            raise TooManyExports

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Count one more export for the length of a `with`."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
