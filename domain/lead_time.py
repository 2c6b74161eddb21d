"""How long it took from one milestone to another, honestly about coarse dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.flexdate import FlexDate, Precision
from domain.ratio import Number, half_up
from domain.working_days import CalendarUnknown, working_days_between


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The days between two dates; negative when the later milestone came first.

    Both dates exact to the day: the minimum is the maximum. A coarse date gives an interval, from
    its days nearest to each other to those farthest apart. Working days are None beyond the
    published calendar.
    """

    days_min: int
    days_max: int
    workdays_min: int | None
    workdays_max: int | None
    precision: Precision

    @property
    def calendar_days(self) -> int | None:
        """Give the days, or None when a date is too coarse to tell."""
        return self.days_min if self._exact() else None

    @property
    def workdays(self) -> int | None:
        """Give the working days, or None when a date is too coarse or the calendar unknown."""
        return self.workdays_min if self._exact() else None

    def _exact(self) -> bool:
        return self.precision <= Precision.DAY


def lead_time(since: FlexDate, until: FlexDate) -> LeadTime:
    """Measure from one date to another: until - since in days, working days in (since, until].

    `precision` is that of the coarser date, never finer than the day.
    """
    return LeadTime(
        days_min=(until.earliest - since.latest).days,
        days_max=(until.latest - since.earliest).days,
        workdays_min=_workdays(since.latest, until.earliest),
        workdays_max=_workdays(since.earliest, until.latest),
        precision=max(since.precision, until.precision, Precision.DAY),
    )


def _workdays(since: date, until: date) -> int | None:
    try:
        return working_days_between(since, until)
    except CalendarUnknown:
        return None


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar: how many values lie in [since, until), the last bar including its end."""

    since: Decimal
    until: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """A set of durations, one a project, and how many could not be measured to the day.

    `values` are sorted. Quantiles are nearest-rank: the q-quantile of n values is the ceil(q n)-th
    smallest, at least the first, so every answer is a value that occurred. All are None when n = 0.
    """

    values: tuple[int, ...]
    excluded_for_precision: int

    @property
    def n(self) -> int:
        """Count the values."""
        return len(self.values)

    def quantile(self, percent: int) -> int | None:
        """Give the nearest-rank quantile: 0 the minimum, 50 the median, 100 the maximum."""
        if not self.values:
            return None
        rank = -(-self.n * percent // 100)
        return self.values[max(rank, 1) - 1]

    def histogram(self, bins: int) -> list[Bin]:
        """Divide [min, max] into equal bins; edges are rounded to 2 places only for display.

        A value v falls into bin floor((v - min) * bins / (max - min)), the maximum into the last.
        Without values there are no bins; when all values are equal there is one.
        """
        if not self.values:
            return []
        low, high = self.values[0], self.values[-1]
        if low == high:
            return [Bin(_edge(low), _edge(high), self.n)]
        counts = [0] * bins
        for value in self.values:
            counts[min((value - low) * bins // (high - low), bins - 1)] += 1
        edges = [_edge(low + Fraction(high - low) * step / bins) for step in range(bins + 1)]
        return [Bin(edges[i], edges[i + 1], count) for i, count in enumerate(counts)]


def distribution(measured: Iterable[int | None]) -> Distribution:
    """Gather durations within the published calendar; a None is excluded for precision."""
    every = list(measured)
    values = sorted(value for value in every if value is not None)
    return Distribution(tuple(values), len(every) - len(values))


def _edge(value: Number) -> Decimal:
    return half_up(value, 2)
