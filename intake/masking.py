"""Blank the names of persons wherever a payload may hold them, however oddly it is built."""

from typing import Any, Final

import msgspec
import orjson

from domain.receipt import Receipt
from domain.sealing import PERSON_NAMES

NAMED: Final = frozenset(
    next(step for step in reversed(place) if step != "*") for place in PERSON_NAMES
)
"""Fields that hold a person's name, or names, in some kind."""


def without_persons(payload: dict[str, Any], largest: int) -> dict[str, Any] | None:
    """Give a payload with every field blank that holds a person's name in any kind.

    None if nothing of it can be kept: it is larger than so many bytes, or no JSON can hold it.
    """
    try:
        masked = _masked(payload)
        written = orjson.dumps(masked, default=str)
    except (RecursionError, TypeError, ValueError):
        return None
    # PostgreSQL keeps no text with the letter NUL in it.
    if len(written) > largest or b"\\u0000" in written:
        return None
    kept: dict[str, Any] = orjson.loads(written)
    return kept


def receipt_without_persons(receipt: Receipt) -> Receipt:
    """Give a receipt as it is kept: it does not repeat what was wrong with a person's name."""
    if receipt.value is None or receipt.field is None:
        return receipt
    steps = receipt.field.split(".")
    is_named = not NAMED.isdisjoint(steps) or steps[-2:] == ["actor", "name"]
    return msgspec.structs.replace(receipt, value=None) if is_named else receipt


def _masked(value: Any) -> Any:
    """Blank the names in a value, at any depth."""
    if isinstance(value, dict):
        return {name: None if name in NAMED else _masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return value
