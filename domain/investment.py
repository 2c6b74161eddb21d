"""Annual investment: plan, completion, pace and the curve through the year.

Amounts are yuan. A report states what was invested from January to its month (`ytd`). Everything
is exact; rounding happens once, half up, where a figure is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from domain.fact import Fact
from domain.months import months_later
from domain.ratio import Number, Ratio
from domain.working_days import working_days_between

MONTHS = 12


def months_over(year: int, on: date) -> int:
    """Count the months of a year that are over on a day; a month's last day counts as over."""
    if on.year != year:
        return MONTHS if on.year > year else 0
    tomorrow = date.fromordinal(on.toordinal() + 1)
    return tomorrow.month - 1 if tomorrow.year == year else MONTHS


def share_due(year: int, month: int, rules: Mapping[str, Any] | None = None) -> Fraction:
    """Give the share of a year's plan that is due by the end of a month, under a pace policy.

    Without one it is the even share. Raises CalendarUnknown where working days decide and those of
    the year are not published.
    """
    curve = "linear" if rules is None else rules["curve"]
    if curve == "workdays":
        before = date(year - 1, MONTHS, 31)
        over = working_days_between(before, months_later(before, month))
        return Fraction(over, working_days_between(before, date(year, MONTHS, 31)))
    if rules is not None and curve == "monthly":
        return Fraction(rules["monthly_percent"][month - 1]) / 100 if month else Fraction()
    return Fraction(month, MONTHS)


def plan_to_date(plan: Number, month: int) -> Fraction:
    """Give the even share of an annual plan that is due by the end of a month (序时进度)."""
    return Fraction(plan) * month / MONTHS


def performance(ytd: Number, due: Number) -> Fraction | None:
    """Give the schedule performance index: what was invested of what was due; None if nothing."""
    return None if due == 0 else Fraction(ytd) / Fraction(due)


def completion(ytd: Number, plan: Number, policy: str | None = None) -> Ratio:
    """Give the investment completion rate (投资完成率): sum of ytd over sum of annual plans."""
    return Ratio(ytd, plan, policy)


def pace_gap(ytd: Number, plan: Number, month: int) -> Fraction | None:
    """Give completion less time in percentage points: positive ahead (超序时), None without plan.

    The gap is taken from unrounded values and still to be rounded.
    """
    share = completion(ytd, plan).exact()
    return None if share is None else (share - Fraction(month, MONTHS)) * 100


@dataclass(frozen=True, slots=True)
class Report:
    """What one report says: year to date at the end of a month, on one basis."""

    fact: Fact
    basis: str
    year: int
    month: int
    ytd: int

    @property
    def place(self) -> tuple[int, str]:
        """Order reports: by month, then by fold order, so that a later record of a month wins."""
        return (self.month, self.fact.order_key)


def reports(facts: Iterable[Fact], year: int, basis: str) -> list[Report]:
    """Give the reports of a year on a basis, one a month in order.

    A report belongs to the month of its date's last day. Of several for one month the last in fold
    order holds.
    """
    by_month: dict[int, Report] = {}
    for report in sorted(_read(facts), key=lambda each: each.place):
        if report.year == year and report.basis == basis:
            by_month[report.month] = report
    return list(by_month.values())


def year_to_date(monthly: Sequence[Report], month: int) -> int | None:
    """Give the ytd of the last report up to a month; None when there is none (unreported)."""
    known = [report.ytd for report in monthly if report.month <= month]
    return known[-1] if known else None


@dataclass(frozen=True, slots=True)
class Point:
    """One month of the curve; plan parts are None without an annual plan."""

    period: str
    ytd: int
    plan_to_date: Fraction | None
    completion: Ratio | None
    gap: Fraction | None


def curve(monthly: Sequence[Report], plan: int | None) -> list[Point]:
    """Give the S-curve: one point for every month with a report."""
    return [_point(report, plan) for report in monthly]


def _point(report: Report, plan: int | None) -> Point:
    period = f"{report.year:04d}-{report.month:02d}"
    if plan is None:
        return Point(period, report.ytd, None, None, None)
    return Point(
        period,
        report.ytd,
        plan_to_date(plan, report.month),
        completion(report.ytd, plan),
        pace_gap(report.ytd, plan, report.month),
    )


def _read(facts: Iterable[Fact]) -> Iterable[Report]:
    for fact in facts:
        if fact.kind == "InvestmentReported":
            last = fact.occurred_on.latest
            ytd = int(fact.payload["ytd"]["yuan"])
            yield Report(fact, str(fact.payload["basis"]), last.year, last.month, ytd)
