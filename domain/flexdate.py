"""Dates as precise as their source knew them: `2024`, `2024-H1`, `2024-Q3`, `2024-06-11`.

An instant is an RFC 3339 datetime with its offset; the day it belongs to is the day in Beijing.
A coarse date is a range of days, so comparing two dates can be undecidable.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import IntEnum
from functools import lru_cache

from domain.errors import Malformed

BEIJING = timezone(timedelta(hours=8), "+08:00")

_FORM = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?P<time>T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?)?))?"
)

GRAMMAR = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "FlexDate",
    "description": "A date as precise as its source knew it: YYYY, YYYY-Hn, YYYY-Qn, YYYY-MM,"
    " YYYY-MM-DD or an RFC 3339 datetime. It means every day of its year, half year, quarter or"
    " month; a datetime means the day it falls on in Beijing (UTC+8).",
    "type": "string",
    "pattern": "^(?:" + re.sub(r"\?P<[a-z]+>", "?:", _FORM.pattern) + ")$",
    "examples": ["2024", "2024-H1", "2024-Q3", "2024-06", "2024-06-11", "2024-06-11T09:30:00Z"],
}
"""The form of such dates, as JSON Schema; that a month or day exists is checked beyond it."""


class Precision(IntEnum):
    """How exactly a date is known; finer sorts first."""

    INSTANT = 0
    DAY = 1
    MONTH = 2
    QUARTER = 3
    HALF = 4
    YEAR = 5


@dataclass(frozen=True, slots=True)
class FlexDate:
    """A date of any precision: its text as sent, and the days it may mean."""

    text: str
    earliest: date
    latest: date
    precision: Precision
    instant: datetime | None = None

    @staticmethod
    @lru_cache(maxsize=65_536)
    def parse(text: str) -> "FlexDate":
        """Read a date of any precision. Raises Malformed `invalid_date`.

        A text is read once; the same few thousand dates come back in every fold.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise _invalid(text)
        try:
            if match["time"]:
                return _instant(text)
            return FlexDate(text, *_days(match))
        except (ValueError, OverflowError) as error:
            raise _invalid(text) from error

    def __str__(self) -> str:
        """Give the text as it was sent."""
        return self.text


def _instant(text: str) -> FlexDate:
    """Read an RFC 3339 datetime; digits beyond the microsecond are cut."""
    instant = datetime.fromisoformat(text)
    day = instant.astimezone(BEIJING).date()
    return FlexDate(text, day, day, Precision.INSTANT, instant)


def _days(match: re.Match[str]) -> tuple[date, date, Precision]:
    """Give the first and the last day of a date without a time, and its precision."""
    year = int(match["year"])
    if match["day"]:
        day = date(year, int(match["month"]), int(match["day"]))
        return day, day, Precision.DAY
    if match["month"]:
        month = int(match["month"])
        return *_months(year, month, month), Precision.MONTH
    if match["quarter"]:
        last = 3 * int(match["quarter"])
        return *_months(year, last - 2, last), Precision.QUARTER
    if match["half"]:
        last = 6 * int(match["half"])
        return *_months(year, last - 5, last), Precision.HALF
    return *_months(year, 1, 12), Precision.YEAR


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    """Give the first day of one month and the last day of another of the same year."""
    start = date(year, first, 1)
    return start, date(year, last, monthrange(year, last)[1])


def _invalid(text: str) -> Malformed:
    """Say how a date is written."""
    return Malformed(
        code="invalid_date",
        value=text,
        cure="Give an existing date as YYYY, YYYY-Hn, YYYY-Qn, YYYY-MM, YYYY-MM-DD "
        "or an RFC 3339 datetime with its offset.",
    )


def not_after(one: FlexDate, other: FlexDate) -> bool | None:
    """Tell whether one date is before or on another; None when they are too coarse to tell."""
    if one.latest <= other.earliest:
        return True
    if one.earliest > other.latest:
        return False
    return None


def beijing_day(instant: datetime) -> date:
    """Give the day an aware instant belongs to in Beijing."""
    return instant.astimezone(BEIJING).date()
