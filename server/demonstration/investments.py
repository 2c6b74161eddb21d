"""Report a project's investment month by month, on both bases, up to a planted year's end."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from server.demonstration.days import later, month_end
from server.demonstration.money import in_wan
from server.demonstration.numbers import split
from server.demonstration.story import Story

Basis = Literal["statistical", "reported"]

LAST_MONTH = 12
QUARTER = 3
LATE = 0.05
"""The share of monthly reports that come a month late."""
SYSTEMS: dict[Basis, str] = {"statistical": "statistics", "reported": "dispatch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A project's investment of one year in 万元, and when it begins to be reported.

    Figures come at the end of every so many months: `each_months` of them in the statistics; the
    other basis comes by quarter unless it is `monthly`. The statistics of the month `slipping` are
    in the wrong unit until the year is over.
    """

    year: int
    actual: int
    reported_from: int
    enrolled_from: int
    before: int = 0
    monthly: bool = False
    each_months: int = 1
    through: int = LAST_MONTH
    slipping: int | None = None


def report_year(story: Story, year: Year) -> None:
    """Report the year to date; the bases differ by what is under way and agree in December."""
    random = story.book.random
    first = min(year.reported_from, year.enrolled_from)
    pace = [random.uniform(0.6, 1.4) for _ in range(first, year.through + 1)]
    done, steps = 0, split(year.actual, pace)
    every = 1 if year.monthly else QUARTER
    for month, (step, following) in enumerate(
        zip(steps, [*steps[1:], 0], strict=True), start=first
    ):
        done += step
        if month >= year.enrolled_from and month % year.each_months == 0:
            _report(story, year, month, "statistical", done)
        if month >= year.reported_from and month % every == 0:
            ahead = int(following * random.uniform(0.0, 0.5))
            _report(story, year, month, "reported", done + ahead)


def _report(story: Story, year: Year, month: int, basis: Basis, ytd: int) -> None:
    """Tell one month's figures after the month has ended."""
    random = story.book.random
    ended = month_end(year.year, month)
    late = random.randint(20, 38) if random.random() < LATE else random.randint(3, 16)
    slips = month == year.slipping and basis == "statistical"
    story.tell(
        "InvestmentReported",
        ended,
        {
            "basis": basis,
            "ytd": in_wan(ytd),
            "cumulative": in_wan(year.before + ytd),
            "method": "progress" if basis == "reported" else "financial",
        },
        text=f"{ended:%Y-%m}",
        told_on=later(ended, 5) if slips else _told(ended, late),
        system=SYSTEMS[basis],
        slips=slips,
    )


def _told(ended: date, late: int) -> date:
    """Give the day of delivery; December is reported after the first week and within the month."""
    return later(ended, min(max(late, 6), 25) if ended.month == LAST_MONTH else late)
