"""Judge whether a well-formed fact can be true; what cannot be is kept for a person to look at."""

from datetime import date
from typing import Final

from domain.errors import Refused
from domain.flexdate import FlexDate


class FutureFact(Refused):
    """It is said to have happened on {value}, which has not come yet on {today}."""

    code = "future_fact"
    cure = "Send a fact when it has happened; what is planned belongs into a plan or a target."


class AncientFact(Refused):
    """It is said to have happened on {value}, before {first}, when no project had begun."""

    code = "ancient_fact"
    cure = "Check the year; if it is right, have the fact released with a reason."


FIRST: Final = date(1949, 1, 1)
"""No investment project of today goes back further; what does is mostly a slip of the year."""


def check_date(occurred_on: str, today: date, field: str = "occurred_on") -> None:
    """Refuse a fact whose earliest day lies after the day it is recorded on in Beijing.

    And one that lies before all projects. Plans and targets are judged by the day they were made,
    too, not by the days they name.
    """
    days = FlexDate.parse(occurred_on)
    if days.earliest > today:
        raise FutureFact(field=field, value=occurred_on, today=today.isoformat())
    if days.latest < FIRST:
        raise AncientFact(field=field, value=occurred_on, first=FIRST.isoformat())
