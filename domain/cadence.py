"""How often something is meant to happen, and the periods of the calendar that this cuts."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

Cadence = Literal["weekly", "monthly", "two-monthly", "quarterly", "half-yearly", "yearly"]
"""How often a meeting is meant to be held."""

MONTHS: Final[dict[Cadence, int]] = {
    "monthly": 1,
    "two-monthly": 2,
    "quarterly": 3,
    "half-yearly": 6,
    "yearly": 12,
}
"""The months in a period; a week is counted in days, from Monday."""

_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


class Period(NamedTuple):
    """A period of the calendar, both days included."""

    first: date
    last: date


def periods(cadence: Cadence, since: date, until: date) -> Iterator[Period]:
    """Give the periods that hold a day from `since` to `until`, the oldest first.

    They follow the calendar: two months are January and February, a week begins on Monday.
    """
    start = _start(cadence, since)
    while start <= until:
        after = _next(cadence, start)
        yield Period(start, after - _DAY)
        start = after


def _start(cadence: Cadence, day: date) -> date:
    """Give the first day of the period of a day."""
    if cadence == "weekly":
        return day - timedelta(days=day.weekday())
    months = MONTHS[cadence]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next(cadence: Cadence, start: date) -> date:
    """Give the first day of the period after the one that begins on a day."""
    if cadence == "weekly":
        return start + _WEEK
    month = start.month - 1 + MONTHS[cadence]
    return date(start.year + month // 12, month % 12 + 1, 1)
