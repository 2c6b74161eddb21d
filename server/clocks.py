"""Read the two clocks as a person types them: a time or a day known, and the day judged."""

from datetime import date, datetime, timedelta

from domain.errors import Malformed
from domain.flexdate import BEIJING, FlexDate, Precision


def end_of(text: str, field: str = "known") -> datetime:
    """Give the last moment that a stated time covers: its whole second, or its whole period.

    Raises Malformed.
    """
    stated = _parsed(text, field)
    if stated.instant is None:
        return datetime.combine(stated.latest, datetime.max.time(), BEIJING)
    whole = stated.instant.microsecond == 0
    return stated.instant + timedelta(microseconds=999_999 if whole else 0)


def start_of(text: str, field: str) -> datetime:
    """Give the first moment that a stated time covers. Raises Malformed."""
    stated = _parsed(text, field)
    return stated.instant or datetime.combine(stated.earliest, datetime.min.time(), BEIJING)


def judged_day(text: str, field: str = "on") -> date:
    """Read the day the world is judged on. Raises Malformed."""
    stated = _parsed(text, field)
    if stated.precision > Precision.DAY:
        cure = "Give a day: 2024-06-30."
        raise Malformed(code="invalid_date", field=field, value=text, cure=cure)
    return stated.latest


def _parsed(text: str, field: str) -> FlexDate:
    """Read a date of any precision."""
    try:
        return FlexDate.parse(text)
    except Malformed as error:
        raise error.within(field) from error
