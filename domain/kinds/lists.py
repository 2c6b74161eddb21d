"""Annual lists of major projects, and the targets set for them."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.kinds.fields import (
    CalendarYear,
    FlexDateText,
    Identifier,
    ListClass,
    Text,
    VersionLabel,
)
from domain.kinds.payload import Payload
from domain.list_level import ListLevel
from domain.money import Money
from domain.quantity import DecimalText
from domain.validation import adapted


class MajorProjectListPublished(Payload):
    """A version of a year's list of major projects was published."""

    kind = "MajorProjectListPublished"
    number = 29
    chinese = "重大项目清单发布"
    english = "major project list published"
    occurred_on_means = "published on"
    stream_type = "list"
    example: ClassVar[dict[str, Any]] = {
        "list_id": "ZJG-2024-municipal",
        "year": 2024,
        "level": "municipal",
        "version": "1",
    }

    list_id: Identifier
    year: CalendarYear
    level: ListLevel
    version: VersionLabel


class ProjectListed(Payload):
    """The project was put on a list, with the investment planned for the year."""

    kind = "ProjectListed"
    number = 30
    chinese = "列入清单"
    english = "project listed"
    occurred_on_means = "decided or published on"
    example: ClassVar[dict[str, Any]] = {
        "list_id": "ZJG-2024-municipal",
        "class": "new",
        "annual_plan": {"yuan": 150_000_000, "as_reported": "1.5亿元"},
        "planned_start": "2024-06",
    }

    list_id: Identifier
    list_class: ListClass = Field(alias="class")
    annual_plan: Money
    planned_start: FlexDateText | None = None
    planned_completion: FlexDateText | None = None


class ListingAmended(Payload):
    """The project's place on a list, its class or its plan was changed."""

    kind = "ListingAmended"
    number = 31
    chinese = "清单调整"
    english = "listing amended"
    occurred_on_means = "decided on"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "list_id": "ZJG-2024-municipal",
        "act": "replan",
        "annual_plan": {"yuan": 120_000_000},
    }

    list_id: Identifier
    act: Literal["add", "remove", "reclassify", "replan"]
    list_class: ListClass | None = Field(default=None, alias="class")
    annual_plan: Money | None = None
    planned_start: FlexDateText | None = None
    planned_completion: FlexDateText | None = None


_COMPARATORS = {">=": ">=", "≥": ">=", ">": ">", "<=": "<=", "≤": "<=", "<": "<", "=": "="}


def comparator(value: Any) -> str:
    """Read how a measure is held against its threshold, in ASCII."""
    found = _COMPARATORS.get(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed(code="invalid_value", value=value, cure="Send one of >=, >, <=, < and =.")
    return found


Comparator = Annotated[
    str,
    PlainValidator(adapted(comparator)),
    WithJsonSchema({"type": "string", "enum": sorted(_COMPARATORS)}),
]


class TargetSet(Payload):
    """The government set a number to be reached by a date."""

    kind = "TargetSet"
    number = 32
    chinese = "目标下达"
    english = "target set"
    occurred_on_means = "set on"
    stream_type = "target"
    example: ClassVar[dict[str, Any]] = {
        "target_id": "ZJ-2025-start-h1",
        "metric": "start_rate",
        "scope": "3211",
        "threshold": "85",
        "unit": "percent",
        "comparator": ">=",
        "due": "2025-06-30",
    }

    target_id: Identifier
    metric: Text
    scope: Text
    threshold: DecimalText
    unit: Text
    comparator: Comparator
    due: FlexDateText
