"""The operating results of enterprises, year by year."""

from collections.abc import Iterable
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from projections.folding.payload import decimal, whole, yuan
from projections.folding.projection import Column, FactView


class OperatingResults(FactView):
    """One row a report of a year's results (经营数据); `taxes` is yuan by kind of tax."""

    name = "operating_results"
    version = 2
    kinds = frozenset({"OperatingResultReported"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("year", "integer NOT NULL"),
        Column("output", "bigint"),
        Column("revenue", "bigint"),
        Column("tax", "bigint"),
        Column("taxes", "jsonb"),
        Column("research", "bigint"),
        Column("energy_tce", "numeric"),
        Column("staff", "integer"),
        Column("land_occupied_mu", "numeric"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the amounts under the year that they were reported for."""
        payload = fact.payload
        taxes = payload.get("taxes")
        yield (
            fact.occurred_on.latest.year,
            yuan(payload, "output"),
            yuan(payload, "revenue"),
            yuan(payload, "tax"),
            None if taxes is None else Jsonb({kind: tax["yuan"] for kind, tax in taxes.items()}),
            yuan(payload, "rd"),
            decimal(payload, "energy_tce"),
            whole(payload, "staff"),
            decimal(payload, "land_occupied_mu"),
        )


VIEW = OperatingResults()
