"""The types that payload fields share: texts, identifiers, dates, references."""

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainValidator, StringConstraints, WithJsonSchema

from domain.errors import Malformed
from domain.flexdate import FlexDate, Precision
from domain.quantity import non_negative
from domain.validation import NOT_BLANK, adapted

Text = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=2000, pattern=NOT_BLANK)
]
"""Words a person reads; not empty."""

Note = Annotated[str, StringConstraints(strict=True, max_length=8000)]
"""Words that may be missing, such as an opinion left blank."""

Identifier = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^\S(?:.*\S)?$")
]
"""A name another system gave; no blanks around it."""

Label = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=100, pattern=NOT_BLANK)
]
"""A short word that facts are counted by, such as a category or a level."""

Code = Annotated[
    str,
    StringConstraints(strict=True, max_length=100, pattern=r"^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$"),
]
"""A lower-case code such as `construction_permit` or `idle-land`."""

PolicyReference = Annotated[
    str, StringConstraints(strict=True, max_length=200, pattern=r"^[^\s@]+@[^\s@]+$")
]
"""`<policy_id>@<version>`, such as `colour/wujin@2024.1`."""

Sha256 = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest in lower-case hexadecimal."""

Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
"""A whole number of zero or more."""

Ordinal = Annotated[int, Field(strict=True, ge=1, le=1000)]
"""1 for the first."""

CalendarYear = Annotated[int, Field(strict=True, ge=1900, le=2200)]
"""A calendar year."""

PermitKind = Code
"""The five of the national set, or a city's own: `works_planning_permit`, …"""

FIVE_PERMITS: Final = (
    "land_use_planning_permit",
    "real_estate_title",
    "works_planning_permit",
    "drawing_review_certificate",
    "construction_permit",
)
"""The permits every city issues before a start of construction."""

ListClass = Literal["new", "continuing", "completing", "reserve"]


def flexible_date(value: Any) -> str:
    """Read a date of any precision and keep its text."""
    return FlexDate.parse(_text(value)).text


def calendar_day(value: Any) -> str:
    """Read a date exact to the day and keep its text."""
    written = _text(value)
    if FlexDate.parse(written).precision is not Precision.DAY:
        raise Malformed(code="invalid_date", value=value, cure="Give an exact day as YYYY-MM-DD.")
    return written


def label(value: Any) -> str:
    """Read a short label, such as a version's, which some systems send as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    written = _text(value).strip()
    if not written or len(written) > _LONGEST_LABEL:
        raise Malformed(
            code="invalid_value",
            value=value,
            cure=f"Send a label of 1 to {_LONGEST_LABEL} characters.",
        )
    return written


_LONGEST_LABEL: Final = 100
_CONFIDENCES: Final = frozenset({"high", "medium", "low"})


def confidence(value: Any) -> str:
    """Read how sure somebody is: high, medium, low, or a share from 0 to 1."""
    if isinstance(value, str) and value in _CONFIDENCES:
        return value
    try:
        written = non_negative(value)
        if Decimal(written) <= 1:
            return written
    except Malformed:
        # What is no number either is refused below, with both ways to say it.
        pass
    raise Malformed(
        code="invalid_value", value=value, cure="Send high, medium, low or a share from 0 to 1."
    )


def texts(value: Any) -> list[str]:
    """Read a list of texts; some systems send one text instead, or an empty one for none."""
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and all(isinstance(item, str) for item in items):
        return [item for item in items if item.strip()]
    raise Malformed(code="wrong_type", value=value, cure="Send a list of texts.")


def _text(value: Any) -> str:
    """Refuse what is not text."""
    if isinstance(value, str):
        return value
    raise Malformed(code="wrong_type", value=value, cure="Send text.")


FlexDateText = Annotated[
    str,
    PlainValidator(adapted(flexible_date)),
    WithJsonSchema(
        {
            "type": "string",
            "description": "YYYY, YYYY-Hn, YYYY-Qn, YYYY-MM, YYYY-MM-DD or an RFC 3339 datetime",
        }
    ),
]
"""A date of any precision."""

DayText = Annotated[
    str,
    PlainValidator(adapted(calendar_day)),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A date exact to the day."""

VersionLabel = Annotated[
    str, PlainValidator(adapted(label)), WithJsonSchema({"type": ["string", "integer"]})
]
"""The label of a version, kept as text."""

Texts = Annotated[
    list[str],
    PlainValidator(adapted(texts)),
    WithJsonSchema({"type": ["array", "string"], "items": {"type": "string"}}),
]
"""Texts, such as conditions or items; none of them blank."""

Confidence = Annotated[
    str, PlainValidator(adapted(confidence)), WithJsonSchema({"type": ["string", "number"]})
]
"""high, medium, low, or a share from 0 to 1."""
