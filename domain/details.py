"""The details of a project that a later decision may revise, and how each is read."""

from typing import Annotated, Any, Final

from pydantic import PlainValidator, StringConstraints, TypeAdapter, ValidationError, WithJsonSchema

from domain.agreement_terms import changes_of
from domain.errors import Malformed
from domain.kinds.fields import Identifier, Text
from domain.money import Money
from domain.quantity import AreaMu
from domain.regions import RegionCode
from domain.validation import adapted, malformed

Industry = Annotated[
    str, StringConstraints(strict=True, pattern=r"^(?:[A-T](?:[0-9]{2,4})?|[0-9]{2,4})$")
]
"""A section, division, group or class of GB/T 4754, with or without its section letter."""

_READERS: Final[dict[str, TypeAdapter[Any]]] = {
    "title": TypeAdapter(Text),
    "enterprise_ref": TypeAdapter(Identifier),
    "district": TypeAdapter(RegionCode),
    "park": TypeAdapter(Text),
    "industry_gb4754": TypeAdapter(Industry),
    "intended_investment": TypeAdapter(Money),
    "intended_land_mu": TypeAdapter(AreaMu),
    "total_investment": TypeAdapter(Money),
    "fixed_asset_investment": TypeAdapter(Money),
    "registered_capital": TypeAdapter(Money),
    "origin_region": TypeAdapter(Text),
}
DETAILS: Final = tuple(_READERS)
"""The names of the details that may be revised."""

_ALWAYS: Final = frozenset({"title", "district", "industry_gb4754"})
"""The details that no project is without."""


def detail_changes(value: Any) -> dict[str, Any]:
    """Read `{field: {old, new}}`. Raises Malformed."""
    read = changes_of(value, _detail)
    for name, change in read.items():
        if name in _ALWAYS and "new" not in change:
            raise Malformed(
                code="missing_field", field=f"{name}.new", cure=f"Every project has a {name}."
            )
    return read


def _detail(name: str, value: Any) -> Any:
    """Read the value of one detail."""
    reader = _READERS.get(name)
    if reader is None:
        raise Malformed(
            code="extra_field", value=value, cure=f"Revise one of {', '.join(DETAILS)}."
        )
    try:
        return reader.validate_python(value)
    except ValidationError as error:
        fault = malformed(error, "", ())
        raise Malformed(
            code=fault.code,
            field=(fault.field or "").lstrip("."),
            value=fault.value,
            cure=fault.cure,
        ) from error


DetailChanges = Annotated[
    dict[str, Any],
    PlainValidator(adapted(detail_changes)),
    WithJsonSchema(
        {
            "type": "object",
            "description": "{field: {old, new}} of the registration and the signing",
            "minProperties": 1,
            "properties": {
                name: {
                    "type": "object",
                    "properties": {"old": reader.json_schema(), "new": reader.json_schema()},
                    "additionalProperties": False,
                }
                for name, reader in _READERS.items()
            },
            "additionalProperties": False,
        }
    ),
]
"""The details that changed, each with what it was and what it is."""
