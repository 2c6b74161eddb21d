"""A fact and the span of positions in which it is believed, as rows of read models say it."""

from functools import lru_cache

import msgspec

from domain.fact import Fact
from domain.flexdate import FlexDate
from projections.folding.copying import NULL, Written, text, written

OPEN = 9223372036854775807
"""The value of `known_to` while a row is believed: the largest bigint."""


class Belief(msgspec.Struct, gc=False):
    """A fact, the position from which it is believed, and the one from which it no longer is."""

    fact: Fact
    known_from: int
    known_to: int = OPEN
    _before: str = ""
    _behind: str = ""

    def line(self, subject: str | None, row: tuple[object, ...]) -> str:
        """Write a row for COPY: the common columns, which are written once, then its own."""
        if not self._behind:
            fact = self.fact
            phase = NULL if fact.phase_id is None else text(fact.phase_id)
            self._behind = (
                f"\t{phase}\t{days(fact.occurred_on.text)}\t{text(fact.order_key)}{self.span}"
            )
        about = NULL if subject is None else text(subject)
        own = f"\t{written(row)}\n" if row else "\n"
        return f"{self.event}{about}{self._behind}{own}"

    @property
    def event(self) -> str:
        """Write which fact it is, and where it lies."""
        if not self._before:
            self._before = f"{self.fact.id}\t{self.fact.position}\t"
        return self._before

    @property
    def span(self) -> str:
        """Write from where to where it is believed."""
        return f"\t{self.known_from}\t{self.known_to}"


@lru_cache(maxsize=8_192)
def days(date: str) -> Written:
    """Write a date as its source did, and the first and the last day that it means."""
    read = FlexDate.parse(date)
    return Written(written((read.text, read.earliest, read.latest)))
