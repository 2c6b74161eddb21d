"""What could be seen on the sites."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import decimal, text
from projections.projection import Column, FactView


class ProgressReports(FactView):
    """One row a report of physical progress (形象进度)."""

    name = "progress_reports"
    kinds = frozenset({"PhysicalProgressReported"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("percent", "numeric"),
        Column("element", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the share of the works and the element that was finished."""
        yield (decimal(fact.payload, "percent"), text(fact.payload, "element"))


VIEW = ProgressReports()
