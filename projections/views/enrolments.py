"""The entries of projects into investment statistics."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text, yuan
from projections.folding.projection import Column, FactView


class Enrolments(FactView):
    """One row an enrolment (入库纳统)."""

    name = "enrolments"
    kinds = frozenset({"StatisticsEnrolled"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("stat_id", "text"),
        Column("planned_total", "bigint"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the number in statistics and the planned total."""
        payload = fact.payload
        yield (text(payload, "stat_id"), yuan(payload, "planned_total"))


VIEW = Enrolments()
