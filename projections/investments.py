"""The investment that was reported month by month."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import as_reported, text, yuan
from projections.projection import Column, FactView
from projections.seen import seen


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


def of_year(project: str, year: str, months: str = "12") -> str:
    """Give the condition that a report `r` is a project's, for one of the first months of a year.

    The fold order of a report begins with its month, so the index that every read model has leads
    straight to the wanted months.
    """
    return (
        f"r.project = {project} AND r.order_key >= {year}::text || '-01'"
        f" AND r.order_key < {year}::text || '-' || lpad(({months} + 1)::text, 2, '0')"
    )


def last_report(project: str, year: str, months: str, basis: str) -> str:
    """Select what a project had invested by the last report of the first months of a year."""
    return (
        f"SELECT r.ytd FROM read.investments r WHERE {of_year(project, year, months)}"
        f" AND r.basis = {basis} AND {seen('r')} ORDER BY r.order_key DESC LIMIT 1"
    )


VIEW = Investments()
