"""Names of people: the ledger's bytes hold a salted commitment, a side table the name itself.

Erasing the side row makes the name unknowable while every proof over the bytes still holds.
"""

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from domain.errors import Malformed
from domain.validation import NOT_BLANK, adapted

COMMITMENT_PREFIX: Final = "hmac-sha256:"


@dataclass(frozen=True, slots=True)
class PersonNameMark:
    """Marks a payload field as the name of a person."""


class SealedName(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A name taken out of a fact: where it stood, what stands there now, and what opens it."""

    path: tuple[str, ...]
    commitment: str
    salt: bytes
    value: str


def seal(value: str, salt: bytes) -> str:
    """Commit to a name under a random salt of 32 bytes."""
    return COMMITMENT_PREFIX + hmac.digest(salt, value.encode(), "sha256").hex()


def with_names(
    payload: dict[str, Any],
    places: Iterable[Sequence[str]],
    change: Callable[[tuple[str, ...], Any], Any],
) -> dict[str, Any]:
    """Give a payload with something else where names stand; `change` gets a path and a name."""
    changed = payload
    for place in places:
        step, *rest = place
        if step in changed:
            name = changed[step]
            named = _changed(name, rest, (step,), change) if rest else change((step,), name)
            changed = {**changed, step: named}
    return changed


def _changed(
    value: Any,
    place: Sequence[str],
    path: tuple[str, ...],
    change: Callable[[tuple[str, ...], Any], Any],
) -> Any:
    """Follow a place into a value as far as the value goes."""
    if not place:
        return change(path, value)
    step, *rest = place
    if isinstance(value, list) and step == "*":
        items = enumerate(value)
        return [_changed(item, rest, (*path, str(index)), change) for index, item in items]
    if isinstance(value, dict) and step in value:
        return {**value, step: _changed(value[step], rest, (*path, step), change)}
    return value


def readable_name(value: str) -> str:
    """Refuse a name that poses as a commitment; it would be taken for a sealed one on reading."""
    if value.lower().startswith(COMMITMENT_PREFIX):
        raise Malformed(
            code="invalid_value",
            value=value,
            cure="Send the person's name itself; the ledger seals it.",
        )
    return value


PersonName = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=100, pattern=NOT_BLANK),
    AfterValidator(adapted(readable_name)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 100}),
    PersonNameMark(),
]
"""The name of a person, sealed before it is stored."""
