"""Read the cells of tables, which come as JSON or from the database, as values of their kind."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.flexdate import BEIJING

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text may not begin with, or a spreadsheet takes it for a formula."""


def as_date(value: Any) -> date:
    """Give a day."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def as_moment(value: Any) -> datetime:
    """Give an aware moment."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def as_decimal(value: Any) -> Decimal:
    """Give an exact number."""
    return value if isinstance(value, Decimal) else Decimal(value)


def as_text(kind: str, value: Any) -> str:
    """Write a value so that programs read it back exactly; moments in Beijing time."""
    match kind:
        case "boolean":
            return "true" if value else "false"
        case "datetime":
            return as_moment(value).astimezone(BEIJING).isoformat()
        case "decimal":
            return format(as_decimal(value), "f")
        case _:
            return str(value)


def is_risky(kind: str, text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula; numbers are what they are."""
    return kind in {"text", "json"} and text.startswith(RISKY)
