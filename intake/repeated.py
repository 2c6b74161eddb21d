"""Find what an object says twice under one key: a reader of JSON gives the last of them alone.

Nobody knows which of the two was meant. Looking for it would cost as much as reading, so whether
there may be any is found out by writing what was read and comparing.
"""

import json
from decimal import Decimal
from typing import Any

import msgspec

from domain.errors import Malformed, shortened

_write = msgspec.json.Encoder(decimal_format="number").encode


class _Repeating(dict[str, Any]):
    """An object with a key that came twice, and the two values that were given for it."""

    key: str
    values_given: tuple[object, object]


def may_repeat(data: bytes, said: object) -> bool:
    """Tell whether a text holds more than what was read from it.

    Every key has quotation marks. Where there are as many as in what is written anew, no key was
    left out by mistake; who escapes quotation marks to hide one only deceives himself. A text of
    the same length is written in the same way, which is told faster.
    """
    try:
        written = _write(said)
    except (msgspec.MsgspecError, OverflowError, RecursionError):
        return True
    return len(written) != len(data) and written.count(b'"') != data.count(b'"')


def refused_where_repeating(data: bytes, document: object) -> object:
    """Give an event, or several, as they are, in place of what repeats a key why it is refused."""
    try:
        noted = json.loads(data, object_pairs_hook=noting, parse_float=Decimal)
    except (RecursionError, ValueError):
        # What is nested so deeply, or has a number of thousands of digits, is refused for that.
        return document
    if isinstance(document, list):
        return [repetition_in(each) or event for event, each in zip(document, noted, strict=True)]
    return repetition_in(noted) or document


def noting(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members, and note if two of them have one key."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    found = _Repeating(made)
    seen: dict[str, object] = {}
    for key, value in pairs:
        if key in seen:
            found.key, found.values_given = key, (seen[key], value)
            break
        seen[key] = value
    return found


def _shown(first: object, last: object) -> str | None:
    """Show two values; objects may hold names of persons, which a receipt does not repeat."""
    if isinstance(first, dict | list) or isinstance(last, dict | list):
        return None
    return f"{shortened(first)}, then {shortened(last)}"


def repetition_in(event: object) -> Malformed | None:
    """Say why an event is refused that says something twice, if it does."""
    waiting: list[tuple[str, object]] = [("", event)]
    # A loop, as what is nested deeply is no matter of recursion.
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Repeating):
            field = f"{path}.{value.key}" if path else value.key
            return Malformed(
                code="repeated_key",
                field=field.replace("data.", "payload.", 1) if path.startswith("data") else field,
                value=_shown(*value.values_given),
                cure=f'Send "{shortened(value.key)}" once; nobody knows which of the two is meant.',
            )
        if isinstance(value, dict):
            waiting += [(f"{path}.{name}" if path else name, of) for name, of in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}.{at}", item) for at, item in enumerate(value)]
    return None
