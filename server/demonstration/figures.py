"""Say what a planted figure is, and which of an answer's values it is to be compared with.

What was published stands under the number of its source; what stands in for an amount or a count
that no paper gives is `synthetic`. In a portfolio below the usual size, counts are `scaled`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from server.demonstration.portfolio import USUAL, Portfolio

SYNTHETIC, SCALED = "synthetic", "scaled"

Relation = Literal["=", ">", "<"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure, the question that shows it and the way to it in the answer.

    A path names fields; `name[field=value]` picks a row of a list, `name[0]` the first, `*` adds up
    what lies behind it in all rows and `#` counts them.
    """

    name: str
    place: str
    source: str
    expected: str
    question: str
    path: str
    relation: Relation = "="


class Sheet:
    """Collects the figures that the questions about one place show."""

    def __init__(self, portfolio: Portfolio, place: str) -> None:
        """Begin a sheet."""
        self.portfolio = portfolio
        self.place = place
        self.question = ""
        self._figures: list[Figure] = []

    def __iter__(self) -> Iterator[Figure]:
        """Give the figures in their order."""
        return iter(self._figures)

    def asks(self, question: str) -> None:
        """Let the figures that follow be shown by a question."""
        self.question = question

    def add(
        self,
        name: str,
        path: str,
        expected: object,
        source: str = SYNTHETIC,
        *,
        relation: Relation = "=",
    ) -> None:
        """Add a figure that every portfolio has."""
        self._figures.append(
            Figure(
                name=name,
                place=self.place,
                source=source,
                expected=str(expected),
                question=self.question,
                path=path,
                relation=relation,
            )
        )

    def count(self, name: str, path: str, expected: int, source: str = SYNTHETIC) -> None:
        """Add a count that is smaller in a small portfolio."""
        is_scaled = self.portfolio.projects < USUAL and source != SYNTHETIC
        self.add(name, path, expected, f"{source}, {SCALED}" if is_scaled else source)
