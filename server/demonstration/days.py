"""Walk the calendar: working days, month ends and the coarse dates that cover a day."""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from random import Random

import chinese_calendar

JUNE = 6


is_workday = cache(chinese_calendar.is_workday)
"""The days of a demonstration are a few thousand, and each is asked for often."""


def later(day: date, days: int) -> date:
    """Give the day so many calendar days after another; negative numbers go back."""
    return day + timedelta(days=days)


def between(random: Random, first: date, last: date) -> date:
    """Draw a working day of a range, both ends included where they are working days."""
    return working(later(first, random.randint(0, (last - first).days)), last)


def working(day: date, last: date | None = None) -> date:
    """Give the day itself or the nearest working day after it, but none after `last`."""
    step = 1
    while not is_workday(day):
        if last is not None and day >= last:
            step = -1
        day = later(day, step)
    return day


def next_working(day: date, count: int = 1) -> date:
    """Give the working day that lies so many working days after a day."""
    for _ in range(count):
        day = working(later(day, 1))
    return day


def month_end(year: int, month: int) -> date:
    """Give the last day of a month."""
    return date(year, month, monthrange(year, month)[1])


def as_month(day: date) -> str:
    """Write a day with the precision of its month."""
    return f"{day:%Y-%m}"


def as_quarter(day: date) -> str:
    """Write a day with the precision of its quarter."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def as_half(day: date) -> str:
    """Write a day with the precision of its half-year."""
    return f"{day.year}-H{1 if day.month <= JUNE else 2}"
