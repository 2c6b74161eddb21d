"""Name attacks, with what finds each; the documentation's table is made from this."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple


class Attack(NamedTuple):
    """An attack as the documentation lists it."""

    number: int
    what: str
    finder: str
    test: str

    @property
    def checks(self) -> frozenset[str]:
        """Give the checks of `lifecycle verify` that are said to find it."""
        return frozenset(_CHECK.findall(self.finder))


_CHECK = re.compile(r"(?<=`)[a-z]+(?:_[a-z]+)*(?=`)")
ATTACKS: list[Attack] = []
"""All attacks of the test modules that were imported."""


def attack(number: int, what: str, finder: str) -> Callable[[Any], Any]:
    """Name the attack that a test makes, and the check that finds it."""

    def named(test: Any) -> Any:
        made = Attack(number, what, finder, f"{test.__module__}.{test.__name__}")
        ATTACKS.append(made)
        test.attack = made
        return test

    return named


def table() -> str:
    """Write all attacks as a table in Markdown."""
    lines = ["| # | attack | found by | test |", "|--:|---|---|---|"]
    for number, what, finder, test in sorted(set(ATTACKS)):
        lines.append(f"| {number} | {what} | {finder} | `{test.rpartition('.')[2]}` |")
    return "\n".join(lines) + "\n"
