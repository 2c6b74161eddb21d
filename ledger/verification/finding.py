"""What a verification finds, and how much of it is remembered."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from domain.errors import LedgerError

_REMEMBERED = 20
UNREADABLE = (
    *(LedgerError, msgspec.MsgspecError, ValueError, LookupError, TypeError, AttributeError),
    *(ArithmeticError, RecursionError),
)
"""What reading may end with where something was stored that no ledger holds."""


class Finding(NamedTuple):
    """Something that should not be: which check met it, where, and what it saw."""

    check: str
    message: str
    position: int | None = None


def in_words(error: Exception) -> str:
    """Say in a line why something could not be read; its type where it says nothing by itself."""
    told = "" if isinstance(error, LedgerError | msgspec.MsgspecError) else type(error).__name__
    return " ".join(f"{told} {error}".split())


class Findings:
    """The first findings of each check, and how many there were."""

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: Counter[str] = Counter()
        self.first: list[Finding] = []

    def add(self, check: str, message: str, position: int | None = None) -> None:
        """Note a finding."""
        self.counts[check] += 1
        if self.counts[check] <= _REMEMBERED:
            self.first.append(Finding(check, message, position))

    def extend(self, others: Iterable["Findings"]) -> None:
        """Take in what others found, in their order."""
        for other in others:
            for finding in other.first:
                self.add(*finding)
            told = Counter(finding.check for finding in other.first)
            self.counts.update(other.counts - told)

    def __bool__(self) -> bool:
        """Tell whether there is any doubt."""
        return bool(self.counts)
