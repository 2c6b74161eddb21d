"""What an amendment of a performance agreement may change, and how each change is read.

A change is `{old, new}`. Of an indicator both are a bare target or its terms; the three due days of
the agreement are dates. A term without `old` is new, one without `new` is given up.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.flexdate import FlexDate
from domain.indicators import agreed_terms
from domain.validation import adapted

DUE_DAYS: Final = ("start_due", "completion_due", "capacity_due")
"""The days that an agreement itself sets."""

_SIDES: Final = ("old", "new")


def changes_of(value: Any, read: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Read `{name: {old, new}}` with a reader of the values of each name. Raises Malformed."""
    if not isinstance(value, dict) or not value:
        raise Malformed(
            code="wrong_type", value=value, cure='Send an object such as {"far": {"old", "new"}}.'
        )
    found = {}
    for name, change in value.items():
        try:
            found[name] = _change(str(name), change, read)
        except Malformed as error:
            raise error.within(str(name)) from error
    return found


def _change(name: str, change: Any, read: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Read one change; a side that is null or left out says that there was or is nothing."""
    if not isinstance(change, dict):
        raise Malformed(code="wrong_type", value=change, cure='Send an object {"old", "new"}.')
    for side in change:
        if side not in _SIDES:
            raise Malformed(
                code="extra_field", field=str(side), value=change[side], cure="Send old and new."
            )
    read_sides = {}
    for side in _SIDES:
        if change.get(side) is not None:
            try:
                read_sides[side] = read(name, change[side])
            except Malformed as error:
                raise error.within(side) from error
    if not read_sides:
        raise Malformed(code="missing_field", field="new", cure="Say what it was, or what it is.")
    return read_sides


def agreement_changes(value: Any) -> dict[str, Any]:
    """Read the changes of an amendment. Raises Malformed."""
    read = changes_of(value, _term)
    for code, change in read.items():
        if code not in DUE_DAYS and "old" not in change:
            _check_whole(code, change["new"])
    return read


def _term(name: str, value: Any) -> Any:
    """Read a due day, or the terms of an indicator."""
    if name not in DUE_DAYS:
        return agreed_terms(name, value)
    if isinstance(value, str):
        return FlexDate.parse(value).text
    raise Malformed(code="wrong_type", value=value, cure="Send a date as text.")


def _check_whole(code: str, terms: dict[str, Any]) -> None:
    """Refuse a new indicator that does not say all it must."""
    for name in ("target", "unit", "direction", "due"):
        if name not in terms:
            raise Malformed(
                code="missing_field",
                field=f"{code}.new.{name}",
                cure=f'Add the field "{name}", which a new indicator needs, or say what was old.',
            )


AgreementChanges = Annotated[
    dict[str, Any],
    PlainValidator(adapted(agreement_changes)),
    WithJsonSchema(
        {
            "type": "object",
            "description": "{indicator: {old, new}}, each a target or "
            "{target, unit?, direction?, due?, weight?}; "
            "start_due, completion_due, capacity_due: {old, new} dates",
            "minProperties": 1,
            "additionalProperties": {
                "type": "object",
                "properties": {"old": {}, "new": {}},
                "additionalProperties": False,
            },
        }
    ),
]
"""The changes of an amendment, by the term that changed."""
