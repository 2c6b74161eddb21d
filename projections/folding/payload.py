"""Read typed values out of the payload of a fact, for the columns of read models."""

from collections.abc import Mapping
from decimal import Decimal


def text(payload: Mapping[str, object], field: str) -> str | None:
    """Give a text, or None where the payload leaves it out."""
    value = payload.get(field)
    return None if value is None else str(value)


def whole(payload: Mapping[str, object], field: str) -> int | None:
    """Give a whole number, or None where the payload leaves it out."""
    value = payload.get(field)
    return None if value is None else int(str(value))


def decimal(payload: Mapping[str, object], field: str) -> Decimal | None:
    """Give an exact decimal, or None where the payload leaves it out."""
    value = payload.get(field)
    return None if value is None else Decimal(str(value))


def flag(payload: Mapping[str, object], field: str) -> bool:
    """Give a truth value; what the payload leaves out is false."""
    return payload.get(field) is True


def yuan(payload: Mapping[str, object], field: str) -> int | None:
    """Give an amount of money in yuan, or None where the payload leaves it out."""
    money = payload.get(field)
    return int(str(money["yuan"])) if isinstance(money, Mapping) else None


def as_reported(payload: Mapping[str, object], field: str) -> str | None:
    """Give an amount of money in the words of its source, or None where there are none."""
    money = payload.get(field)
    return text(money, "as_reported") if isinstance(money, Mapping) else None
