"""The investment that was reported month by month."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar

from domain.fact import Fact
from domain.splits import SPLIT, YearToDate, concerned, passed_investments
from projections.folding.derived import Derivation, DerivedView
from projections.folding.payload import as_reported, text, yuan
from projections.folding.projection import BELIEF, Column
from projections.terms.seen import seen


class Investments(DerivedView):
    """One row a monthly report (完成投资): what was invested since January, on one basis.

    What passes to a project by a split stands, `passed`, under the month of the last report.
    """

    name = "investments"
    version = 3
    kinds = frozenset({"InvestmentReported"})
    deriving = frozenset({SPLIT})
    reading = frozenset({"InvestmentReported", SPLIT})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("basis", "text NOT NULL"),
        Column("month", 'text COLLATE "C" NOT NULL'),
        Column("year", "integer NOT NULL"),
        Column("month_no", "integer NOT NULL"),
        Column("ytd", "bigint NOT NULL"),
        Column("ytd_as_reported", "text"),
        Column("cumulative", "bigint"),
        Column("passed", "boolean NOT NULL"),
        Column("ten_day", "text"),
    )
    indexes = BELIEF

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
            False,
            text(payload, "ten_day"),
        )

    def concerned(self, fact: Fact) -> Iterable[str]:
        """Name the projects that a split is about, and the one it was recorded for."""
        return dict.fromkeys([*concerned(fact), *filter(None, [fact.project])])

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give what each split passes on, placed right after the last report before it."""
        done: dict[tuple[str, str], list[YearToDate]] = defaultdict(list)
        for passed in passed_investments(facts):
            done[passed.fact.id, passed.project].append(passed)
        for each in done.values():
            rows = tuple(
                (
                    one.basis,
                    f"{one.month.occurred_on.latest:%Y-%m}",
                    one.month.occurred_on.latest.year,
                    one.month.occurred_on.latest.month,
                    one.ytd,
                    None,
                    None,
                    True,
                    None,
                )
                for one in each
            )
            place = max(one.month.order_key for one in each)
            fact = each[0].fact
            yield Derivation(fact, each[0].project, rows, f"{place}~{fact.order_key}")


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
