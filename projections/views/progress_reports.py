"""What could be seen on the sites."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import decimal, text
from projections.folding.projection import Column, FactView


class ProgressReports(FactView):
    """One row a report of physical progress (形象进度)."""

    name = "progress_reports"
    version = 2
    kinds = frozenset({"PhysicalProgressReported"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("percent", "numeric"),
        Column("element", "text"),
        Column("developed_mu", "numeric"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the share of the works, the element that was finished, and the area built on."""
        payload = fact.payload
        yield (
            decimal(payload, "percent"),
            text(payload, "element"),
            decimal(payload, "developed_mu"),
        )


VIEW = ProgressReports()
