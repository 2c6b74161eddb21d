"""The starts of construction, with the ceremonies they were part of."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class ConstructionStarts(FactView):
    """One row a reported start (开工)."""

    name = "construction_starts"
    kinds = frozenset({"ConstructionStarted"})
    columns: ClassVar[tuple[Column, ...]] = (Column("ceremony", "text"),)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the ceremony, if it was one."""
        yield (text(fact.payload, "ceremony"),)


VIEW = ConstructionStarts()
