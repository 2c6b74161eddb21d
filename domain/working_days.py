"""Working days of the Chinese calendar, with its public holidays and make-up workdays.

The State Council publishes a year's holidays late in the year before. A span that leaves the
published years has no number of working days yet, and none is guessed.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar.constants import holidays, workdays

from domain.errors import NotFound

_SATURDAY = 5


class CalendarUnknown(NotFound):
    """The holidays of {value} are not published."""

    code = "calendar_unknown"
    cure = "Ask again once the calendar of the year is published, or count calendar days."


@lru_cache(maxsize=1)
def published_years() -> range:
    """Give the years whose holidays are known."""
    return range(min(holidays).year, max(holidays).year + 1)


def published_days() -> Iterator[date]:
    """Give every day of the published years in order."""
    years = published_years()
    day, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    while day <= last:
        yield day
        day += timedelta(days=1)


@lru_cache(maxsize=1)
def working_days() -> tuple[date, ...]:
    """Give every working day of the published years in order: the table that queries count in."""
    # By the library's own lists, since it looks its years up anew for each day that it is asked.
    return tuple(
        day
        for day in published_days()
        if day in workdays or (day.weekday() < _SATURDAY and day not in holidays)
    )


def is_working_day(day: date) -> bool:
    """Say whether people work on that day. Raises CalendarUnknown."""
    _require(day)
    days = working_days()
    place = bisect_left(days, day)
    return place < len(days) and days[place] == day


def working_days_between(start: date, end: date) -> int:
    """Count the working days after `start` up to and including `end`: in (start, end].

    The same day gives 0. When `end` lies before `start`, the working days in (end, start] count
    negatively. Raises CalendarUnknown when either day lies outside the published years.
    """
    return _rank(end) - _rank(start)


def shift(day: date, by: int) -> date:
    """Go to the `by`-th working day strictly after (or, negative, strictly before) a day.

    By 0 it stays on the day, working or not. Raises CalendarUnknown when the way leads out of the
    published years.
    """
    if by == 0:
        return day
    _require(day)
    days = working_days()
    place = bisect_right(days, day) - 1 + by if by > 0 else bisect_left(days, day) + by
    if not 0 <= place < len(days):
        raise CalendarUnknown(value=day.year + (1 if by > 0 else -1))
    return days[place]


def _rank(day: date) -> int:
    _require(day)
    return bisect_right(working_days(), day)


def _require(day: date) -> None:
    if day.year not in published_years():
        raise CalendarUnknown(value=day.year)
