"""Count months on the calendar."""

from datetime import MAXYEAR, date
from typing import Final

_MONTHS: Final = 12


def months_later(day: date, months: int) -> date:
    """Go so many months on; where a month is too short its last day stands, as in SQL."""
    count = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(count, _MONTHS)
    if year > MAXYEAR:
        return date.max
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            # The month has fewer days.
            continue
    raise AssertionError(day)
