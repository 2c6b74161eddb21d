"""Money: whole yuan, beside the text it was reported in.

The text proves the number: `475.7 亿元` says yuan to within half of its last digit, and a yuan
value outside that range was taken from another unit.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Final
from unicodedata import normalize

from pydantic import PlainValidator, WithJsonSchema

from domain.canonical import LARGEST_INTEGER, text
from domain.errors import Malformed
from domain.validation import adapted

YUAN_IN: Final = {
    "元": 1,
    "yuan": 1,
    "cny": 1,
    "万": 10_000,
    "万元": 10_000,
    "亿": 100_000_000,
    "亿元": 100_000_000,
}
"""How many yuan one of each written unit is."""

_AMOUNT: Final = re.compile(
    r"(?P<number>-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+(?:\.[0-9]+)?)\s*"
    r"(?P<unit>亿元|万元|亿|万|元|yuan|cny)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ROUGH_FACTOR: Final = 100
_FOREIGN: Final = re.compile(r"美|欧|港|日|英|韩|台|新加坡|usd|eur|hkd|jpy|gbp", re.IGNORECASE)
_FIELDS: Final = frozenset({"yuan", "as_reported"})
_LONGEST_TEXT: Final = 100


def money(value: Any) -> dict[str, Any]:
    """Read an amount of zero or more."""
    amount = signed_money(value)
    if amount["yuan"] < 0:
        raise Malformed(
            code="invalid_value",
            field="yuan",
            value=amount["yuan"],
            cure="Send an amount of zero or more.",
        )
    return amount


def signed_money(value: Any) -> dict[str, Any]:
    """Read an amount that may be negative, such as tax after a refund."""
    if not isinstance(value, dict):
        raise Malformed(
            code="wrong_type",
            value=value,
            cure='Send an object such as {"yuan": 47570000000, "as_reported": "475.7 亿元"}.',
        )
    if not value.keys() <= _FIELDS:
        raise _unknown_field(min(str(key) for key in value.keys() - _FIELDS), value)
    yuan = _yuan(value)
    as_reported = value.get("as_reported")
    if as_reported is None:
        return {"yuan": yuan}
    return {"yuan": yuan, "as_reported": _as_reported(as_reported, yuan)}


def _unknown_field(name: str, value: dict[str, Any]) -> Malformed:
    """Refuse another field; without yuan beside it, it names another unit."""
    if "yuan" in value:
        return Malformed(
            code="extra_field",
            field=name,
            value=value.get(name),
            cure=f'Remove the field "{name}"; money has only yuan and as_reported.',
        )
    return Malformed(
        code="wrong_unit",
        field=name,
        value=value.get(name),
        cure="Convert the amount to whole yuan and send it in the field yuan.",
    )


def _yuan(value: dict[str, Any]) -> int:
    """Read the whole yuan."""
    if "yuan" not in value:
        raise Malformed(code="missing_field", field="yuan", cure='Add the field "yuan".')
    yuan = value["yuan"]
    if isinstance(yuan, Decimal):
        raise Malformed(
            code="wrong_unit", field="yuan", value=yuan, cure="Send whole yuan, without a fraction."
        )
    if not isinstance(yuan, int) or isinstance(yuan, bool):
        raise Malformed(
            code="wrong_type", field="yuan", value=yuan, cure="Send whole yuan as a JSON integer."
        )
    if not -LARGEST_INTEGER <= yuan <= LARGEST_INTEGER:
        raise Malformed(
            code="invalid_value",
            field="yuan",
            value=f"an integer of {yuan.bit_length()} bits",
            cure="Send yuan within ±(2^53 - 1).",
        )
    return yuan


def _as_reported(written: Any, yuan: int) -> str:
    """Keep the reported text, once it agrees with the yuan."""
    if not isinstance(written, str):
        raise Malformed(
            code="wrong_type", field="as_reported", value=written, cure="Send the reported text."
        )
    if len(written) > _LONGEST_TEXT:
        raise Malformed(
            code="invalid_value",
            field="as_reported",
            value=written,
            cure=f"Send at most {_LONGEST_TEXT} characters.",
        )
    reported = text(written, "as_reported")
    if not agrees(reported, yuan):
        raise Malformed(
            code="wrong_unit",
            field="as_reported",
            value=f"{reported} for {yuan} yuan",
            cure="Make yuan and as_reported the same amount: 1 万元 is 10000 yuan, 1 亿元 is 10^8.",
        )
    return reported


def agrees(written: str, yuan: int) -> bool:
    """Tell whether a reported text can stand for this many yuan.

    A bare amount binds to within its own rounding. Words around it (约, 超, 不低于) loosen it,
    but a slip of a unit is still found. A foreign currency, or no amount at all, says nothing.
    """
    folded = normalize("NFKC", written).strip()
    match = _AMOUNT.search(folded)
    if match is None or _FOREIGN.search(folded):
        return True
    whole, _, fraction = match["number"].replace(",", "").partition(".")
    unit = YUAN_IN[match["unit"].lower()]
    scale: int = 10 ** len(fraction)
    said, meant = int(whole + fraction) * unit, yuan * scale
    if match.start() > 0 or match["rest"].strip():
        return _roughly(said, meant)
    return 2 * abs(said - meant) <= unit


def _roughly(one: int, other: int) -> bool:
    """Tell whether two amounts are of one magnitude; a slip of a unit is a factor of 10⁴."""
    if one * other <= 0:
        return one == 0 and other == 0
    return abs(one) < abs(other) * _ROUGH_FACTOR and abs(other) < abs(one) * _ROUGH_FACTOR


def _schema(minimum: int) -> WithJsonSchema:
    """Describe money to other systems."""
    yuan = {"type": "integer", "minimum": minimum, "maximum": LARGEST_INTEGER}
    as_reported = {"type": "string", "maxLength": _LONGEST_TEXT, "examples": ["475.7 亿元"]}
    return WithJsonSchema(
        {
            "type": "object",
            "description": "whole yuan, and the amount as it was reported",
            "properties": {"yuan": yuan, "as_reported": as_reported},
            "required": ["yuan"],
            "additionalProperties": False,
        }
    )


Money = Annotated[dict[str, Any], PlainValidator(adapted(money)), _schema(0)]
"""An amount of zero or more whole yuan."""

SignedMoney = Annotated[
    dict[str, Any], PlainValidator(adapted(signed_money)), _schema(-LARGEST_INTEGER)
]
"""An amount of whole yuan that may be negative."""
