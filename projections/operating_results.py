"""The operating results of enterprises, year by year."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import decimal, whole, yuan
from projections.projection import Column, FactView


class OperatingResults(FactView):
    """One row a report of a year's results (经营数据)."""

    name = "operating_results"
    kinds = frozenset({"OperatingResultReported"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("year", "integer NOT NULL"),
        Column("output", "bigint"),
        Column("revenue", "bigint"),
        Column("tax", "bigint"),
        Column("research", "bigint"),
        Column("energy_tce", "numeric"),
        Column("staff", "integer"),
        Column("land_occupied_mu", "numeric"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the amounts under the year that they were reported for."""
        payload = fact.payload
        yield (
            fact.occurred_on.latest.year,
            yuan(payload, "output"),
            yuan(payload, "revenue"),
            yuan(payload, "tax"),
            yuan(payload, "rd"),
            decimal(payload, "energy_tce"),
            whole(payload, "staff"),
            decimal(payload, "land_occupied_mu"),
        )


VIEW = OperatingResults()
