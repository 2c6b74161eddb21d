"""Indicators an enterprise promises and an evaluation measures, each in the unit of its code.

Senders write units in several ways; the stored form is one. An indicator the catalogue does not
know keeps the unit it came with.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.flexdate import FlexDate
from domain.quantity import decimal_text, non_negative
from domain.validation import adapted

_YUAN: Final = ("yuan", "元", "CNY")
_PER_MU: Final = ("万元/亩", "wan_yuan/mu", "wan_yuan_per_mu", "10k_yuan/mu")
_RATIO: Final = ("ratio", "1", "")
_ENERGY: Final = ("tce/万元", "吨标准煤/万元", "吨标煤/万元", "tce/wan_yuan", "tce_per_wan_yuan")

UNITS: Final[dict[str, tuple[str, ...]]] = {
    "total_investment": _YUAN,
    "fixed_asset_investment": _YUAN,
    "investment_intensity": _PER_MU,
    "tax_per_mu": _PER_MU,
    "output_per_mu": _PER_MU,
    "far": _RATIO,
    "energy_per_output": _ENERGY,
}
"""The spellings of each known indicator's unit; the first is the one stored."""

DIRECTIONS: Final = {
    "higher": "higher",
    "higher-better": "higher",
    "higher_better": "higher",
    "lower": "lower",
    "lower-better": "lower",
    "lower_better": "lower",
    "range": "range",
}
"""Which way an indicator is better, as sent and as stored."""

_Reader = Callable[[Any], Any]
_LONGEST_UNIT: Final = 50
_LONGEST_CODE: Final = 100


def unit_of(code: str, unit: Any) -> str:
    """Give the stored spelling of a unit. Raises Malformed `wrong_unit`."""
    if not isinstance(unit, str) or len(unit) > _LONGEST_UNIT:
        raise Malformed(
            code="wrong_type", field="unit", value=unit, cure="Send the unit as a short text."
        )
    spellings = UNITS.get(code)
    if spellings is None:
        return unit
    if unit in spellings:
        return spellings[0]
    raise Malformed(
        code="wrong_unit",
        field="unit",
        value=unit,
        cure=f'The unit of {code} is "{spellings[0]}"; convert the value and send it so.',
    )


def declared(value: Any) -> dict[str, Any]:
    """Read the indicators of a dossier: `{code: {value, unit}}`."""
    return _each(value, _declared)


def agreed(value: Any) -> dict[str, Any]:
    """Read the indicators of an agreement: `{code: {target, unit, direction, due, weight?}}`."""
    return _each(value, _agreed)


def measured(value: Any) -> dict[str, Any]:
    """Read agreed or actual values of an evaluation; a bare number stands for its value."""
    return _each(value, _measured)


def scored(value: Any) -> dict[str, Any]:
    """Read the scores of an evaluation; a bare number stands for the points."""
    return _each(value, _scored)


def judged(value: Any) -> dict[str, Any]:
    """Read the scores of an assessment by criterion: `{criterion: {score, max, weight?}}`."""
    return _each(value, _judged)


def quantities(value: Any) -> dict[str, Any]:
    """Read decimals by code, such as emissions by pollutant."""
    return _each(value, lambda _, item: decimal_text(item))


def _each(value: Any, read: Callable[[str, Any], Any]) -> dict[str, Any]:
    """Read an object by its codes, placing a fault under its code."""
    if not isinstance(value, dict):
        raise Malformed(
            code="wrong_type", value=value, cure="Send an object keyed by indicator code."
        )
    found = {}
    for code, item in value.items():
        check_code(code)
        try:
            found[code] = read(code, item)
        except Malformed as error:
            raise error.within(code) from error
    return found


def check_code(code: Any) -> None:
    """Refuse a code that could not be a key of the stored object."""
    known = isinstance(code, str) and code.isascii() and code.isprintable()
    if not known or not 0 < len(code) <= _LONGEST_CODE:
        raise Malformed(
            code="invalid_key", value=code, cure="Name indicators by short ASCII codes."
        )


def _declared(code: str, item: Any) -> dict[str, Any]:
    """Read one declared indicator."""
    given = _object(item, required=("value", "unit"), optional=())
    return {"value": _in("value", decimal_text, given), "unit": unit_of(code, given["unit"])}


def _agreed(code: str, item: Any) -> dict[str, Any]:
    """Read one agreed indicator."""
    required = ("target", "unit", "direction", "due")
    given = _object(item, required=required, optional=("weight",))
    read = {
        "target": _in("target", _target, given),
        "unit": unit_of(code, given["unit"]),
        "direction": _in("direction", _direction, given),
        "due": _in("due", _due, given),
    }
    if given.get("weight") is not None:
        read["weight"] = _in("weight", non_negative, given)
    return read


def agreed_terms(code: str, item: Any) -> dict[str, Any]:
    """Read what is said of one agreed indicator; a bare number stands for its target."""
    check_code(code)
    if not isinstance(item, dict):
        return {"target": decimal_text(item)}
    optional = ("target", "unit", "direction", "due", "weight")
    given = _object(item, required=(), optional=optional)
    readers: dict[str, _Reader] = {
        "target": _target,
        "unit": lambda unit: unit_of(code, unit),
        "direction": _direction,
        "due": _due,
        "weight": non_negative,
    }
    # `unit_of` names its field itself.
    return {
        name: readers[name](given[name]) if name == "unit" else _in(name, readers[name], given)
        for name in given
        if given[name] is not None
    }


def _judged(_: str, item: Any) -> dict[str, Any]:
    """Read the score of one criterion, which lies between nothing and its greatest."""
    given = _object(item, required=("score", "max"), optional=("weight",))
    read = {name: _in(name, non_negative, given) for name in given if given[name] is not None}
    if Decimal(read["score"]) > Decimal(read["max"]):
        raise Malformed(
            code="invalid_value",
            field="score",
            value=read["score"],
            cure=f"Send a score of at most {read['max']}, the greatest of this criterion.",
        )
    return read


def _measured(code: str, item: Any) -> dict[str, Any]:
    """Read one value of an evaluation, with whatever of its terms was kept beside it."""
    if not isinstance(item, dict):
        return {"value": decimal_text(item)}
    optional = ("unit", "direction", "weight")
    given = _object(item, required=("value",), optional=optional)
    read = {"value": _in("value", _target, given)}
    if given.get("unit") is not None:
        read["unit"] = unit_of(code, given["unit"])
    if given.get("direction") is not None:
        read["direction"] = _in("direction", _direction, given)
    if given.get("weight") is not None:
        read["weight"] = _in("weight", non_negative, given)
    return read


def _scored(_: str, item: Any) -> dict[str, Any]:
    """Read the points of one indicator."""
    if not isinstance(item, dict):
        return {"points": decimal_text(item)}
    optional = ("max", "weight", "attainment")
    given = _object(item, required=("points",), optional=optional)
    return {name: _in(name, decimal_text, given) for name in given if given[name] is not None}


def _object(item: Any, *, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
    """Refuse what is not an object with exactly these fields."""
    if not isinstance(item, dict):
        raise Malformed(
            code="wrong_type",
            value=item,
            cure=f"Send an object with {', '.join(required)}.",
        )
    for name in required:
        if item.get(name) is None:
            raise Malformed(code="missing_field", field=name, cure=f'Add the field "{name}".')
    for name in item:
        if name not in required and name not in optional:
            raise Malformed(
                code="extra_field",
                field=str(name),
                value=item[name],
                cure=f'Remove the field "{name}".',
            )
    return item


def _in(name: str, read: _Reader, given: dict[str, Any]) -> Any:
    """Read one field of an object, placing a fault at it."""
    try:
        return read(given[name])
    except Malformed as error:
        raise error.within(name) from error


def _target(value: Any) -> Any:
    """Read a target: a number, or for a range its two ends."""
    if not isinstance(value, dict):
        return decimal_text(value)
    ends = _object(value, required=("min", "max"), optional=())
    return {"min": _in("min", decimal_text, ends), "max": _in("max", decimal_text, ends)}


def _direction(value: Any) -> str:
    """Read which way is better."""
    if isinstance(value, str) and value in DIRECTIONS:
        return DIRECTIONS[value]
    raise Malformed(code="invalid_value", value=value, cure="Send higher, lower or range.")


def _due(value: Any) -> str:
    """Read a date of any precision."""
    if isinstance(value, str):
        return FlexDate.parse(value).text
    raise Malformed(code="wrong_type", value=value, cure="Send a date as text.")


def _schema(description: str) -> WithJsonSchema:
    """Describe an object keyed by code to other systems."""
    return WithJsonSchema(
        {"type": "object", "description": description, "additionalProperties": True}
    )


Declared = Annotated[
    dict[str, Any], PlainValidator(adapted(declared)), _schema("{code: {value, unit}}")
]
Agreed = Annotated[
    dict[str, Any],
    PlainValidator(adapted(agreed)),
    _schema("{code: {target, unit, direction, due, weight?}}"),
]
Measured = Annotated[
    dict[str, Any], PlainValidator(adapted(measured)), _schema("{code: {value, unit?} or a number}")
]
Scored = Annotated[
    dict[str, Any],
    PlainValidator(adapted(scored)),
    _schema("{code: {points, max?, weight?, attainment?} or a number}"),
]
Judged = Annotated[
    dict[str, Any],
    PlainValidator(adapted(judged)),
    _schema("{criterion: {score, max, weight?}}"),
]
Quantities = Annotated[
    dict[str, Any], PlainValidator(adapted(quantities)), _schema("{code: exact decimal}")
]
