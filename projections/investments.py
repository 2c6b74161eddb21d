"""The investment that was reported month by month."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import as_reported, text, yuan
from projections.projection import Column, FactView


class Investments(FactView):
    """One row a monthly report (完成投资): what was invested since January, on one basis."""

    name = "investments"
    kinds = frozenset({"InvestmentReported"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("basis", "text NOT NULL"),
        Column("month", 'text COLLATE "C" NOT NULL'),
        Column("year", "integer NOT NULL"),
        Column("month_no", "integer NOT NULL"),
        Column("ytd", "bigint NOT NULL"),
        Column("ytd_as_reported", "text"),
        Column("cumulative", "bigint"),
    )
    indexes = ("(year, basis, project, order_key)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the amounts under the month that they were reported for."""
        payload = fact.payload
        last = fact.occurred_on.latest
        yield (
            text(payload, "basis"),
            f"{last.year:04d}-{last.month:02d}",
            last.year,
            last.month,
            yuan(payload, "ytd"),
            as_reported(payload, "ytd"),
            yuan(payload, "cumulative"),
        )


VIEW = Investments()
