"""Exact decimal quantities, such as areas and scores. They travel as text, never as floats."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.validation import adapted

_PLAIN: Final = re.compile(r"(-?)([0-9]{1,24})(?:\.([0-9]{1,24}))?")
_WITH_UNIT: Final = re.compile(r"\s*[-+]?[0-9][0-9,]*(?:\.[0-9]+)?\s*[^\W\d_%].*|.*%\s*")
_DIGITS: Final = 24
_WHOLE: Final = 100

AREA_PLACES: Final = 4
"""An area keeps four places of a mu, which is 0.07 square metres."""


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without superfluous zeros: 1.50E+3 becomes 1500."""
    if not value.is_finite():
        raise _not_exact(value)
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or exponent > _DIGITS or exponent < -_DIGITS:
        raise _not_exact(value)
    if len(digits) > 2 * _DIGITS or value.adjusted() >= _DIGITS:
        raise _not_exact(value)
    whole, _, fraction = f"{value.copy_abs():f}".partition(".")
    return _shortest("-" if sign else "", whole, fraction)


def _shortest(sign: str, whole: str, fraction: str) -> str:
    """Write digits without the zeros that say nothing; zero has no sign."""
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    if fraction:
        return f"{sign}{whole}.{fraction}"
    return whole if whole == "0" else sign + whole


def decimal_text(value: Any) -> str:
    """Read an exact decimal from text, integer or Decimal; a float has lost what was sent."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return plain(Decimal(value))
    if not isinstance(value, str):
        raise Malformed(
            code="wrong_type",
            value=value,
            cure="Send a decimal as text or as an exact JSON number.",
        )
    match = _PLAIN.fullmatch(value)
    if match is not None:
        return _shortest(match[1], match[2], match[3] or "")
    if _WITH_UNIT.fullmatch(value):
        raise Malformed(
            code="wrong_unit",
            value=value,
            cure="Send the number alone, in the unit the field stands for.",
        )
    raise Malformed(
        code="wrong_type",
        value=value,
        cure='Send a plain decimal such as "53.3", without exponent.',
    )


def _not_exact(value: Decimal) -> Malformed:
    """Refuse a decimal that has no reasonable plain notation."""
    return Malformed(
        code="invalid_value",
        value=str(value),
        cure=f"Send a finite number with at most {_DIGITS} digits on each side of the point.",
    )


def non_negative(value: Any) -> str:
    """Read a decimal that cannot be below zero."""
    written = decimal_text(value)
    if written.startswith("-"):
        raise Malformed(code="invalid_value", value=written, cure="Send a number of zero or more.")
    return written


def area_mu(value: Any) -> str:
    """Read an area in mu, exact to four places."""
    written = non_negative(value)
    _, _, places = written.partition(".")
    if len(places) > AREA_PLACES:
        raise Malformed(
            code="invalid_value",
            value=written,
            cure=f"Give the area in mu with at most {AREA_PLACES} decimal places.",
        )
    return written


def percent(value: Any) -> str:
    """Read a share of the whole, from 0 to 100."""
    written = non_negative(value)
    if Decimal(written) > _WHOLE:
        raise Malformed(code="invalid_value", value=written, cure="Send a number from 0 to 100.")
    return written


_SCHEMA = WithJsonSchema({"type": ["string", "number"], "pattern": r"^-?\d{1,24}(\.\d{1,24})?$"})

DecimalText = Annotated[str, PlainValidator(adapted(decimal_text)), _SCHEMA]
"""Any exact decimal, kept as plain text."""

NonNegative = Annotated[str, PlainValidator(adapted(non_negative)), _SCHEMA]
"""An exact decimal of zero or more."""

Percent = Annotated[str, PlainValidator(adapted(percent)), _SCHEMA]
"""A share of the whole, from 0 to 100."""

AreaMu = Annotated[
    str,
    PlainValidator(adapted(area_mu)),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": r"^\d{1,24}(\.\d{1,4})?$",
            "description": "area in mu (亩)",
        }
    ),
]
"""An area in mu (亩) with at most four places."""
