"""Define a rule between facts of one project that refuses nothing, and what it finds."""

from dataclasses import dataclass
from typing import NamedTuple

from domain.fact import Fact
from domain.order_rules import Result, Severity
from domain.words import Words


@dataclass(frozen=True, slots=True)
class SoftRule:
    """A rule between facts: its name, how grave it is, and what is told.

    `missing` is told where the earlier fact is simply not recorded, as in an imported history.
    """

    id: str
    severity: Severity
    words: Words
    missing: Words | None = None


class Broken(NamedTuple):
    """A rule that is not kept, in which phase, the facts that show it, and what it says."""

    rule: SoftRule
    phase_id: str | None
    facts: tuple[Fact, ...]
    result: Result = Result.VIOLATED

    @property
    def words(self) -> Words:
        """Give what is told."""
        missing = self.rule.missing if self.result is Result.MISSING_PREDECESSOR else None
        return missing or self.rule.words
