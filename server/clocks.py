"""Read the two clocks as a person types them: a time or a day known, and the day judged."""

from datetime import date, datetime, timedelta

from domain.errors import Malformed
from domain.flexdate import BEIJING, FlexDate, Precision


def end_of(text: str) -> datetime:
    """Give the last moment that a stated time covers: its whole second, or its whole period.

    Raises Malformed.
    """
    stated = _parsed(text, "known")
    if stated.instant is None:
        after = datetime.combine(stated.latest + timedelta(days=1), datetime.min.time(), BEIJING)
        return after - timedelta(microseconds=1)
    whole = stated.instant.microsecond == 0
    return stated.instant + timedelta(microseconds=999_999 if whole else 0)


def judged_day(text: str) -> date:
    """Read the day the world is judged on. Raises Malformed."""
    stated = _parsed(text, "on")
    if stated.precision > Precision.DAY:
        raise Malformed(code="invalid_date", field="on", value=text, cure="Give a day: 2024-06-30.")
    return stated.latest


def _parsed(text: str, field: str) -> FlexDate:
    """Read a date of any precision."""
    try:
        return FlexDate.parse(text)
    except Malformed as error:
        raise error.within(field) from error
