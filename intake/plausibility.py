"""Judge whether a well-formed fact can be true; what cannot be is kept for a person to look at."""

from datetime import date

from domain.errors import Refused
from domain.flexdate import FlexDate


class FutureFact(Refused):
    """It is said to have happened on {value}, which has not come yet on {today}."""

    code = "future_fact"
    cure = "Send a fact when it has happened; what is planned belongs into a plan or a target."


def check_date(occurred_on: str, today: date, field: str = "occurred_on") -> None:
    """Refuse a fact whose earliest day lies after the day it is recorded on in Beijing.

    Plans and targets are judged by the day they were made, too, not by the days they name.
    """
    if FlexDate.parse(occurred_on).earliest > today:
        raise FutureFact(field=field, value=occurred_on, today=today.isoformat())
