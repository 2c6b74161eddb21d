"""When the nodes of a life are meant to be reached, and who answers for it."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.kinds.fields import Confidence, FlexDateText, Identifier, Text
from domain.kinds.payload import Payload
from domain.milestones import Milestone
from domain.person_name import PersonName
from domain.validation import adapted

_NODES = frozenset(milestone.value for milestone in Milestone)


def node(value: Any) -> str:
    """Read the name of a milestone."""
    if isinstance(value, str) and value in _NODES:
        return value
    raise Malformed(
        code="invalid_value",
        value=value,
        cure="Send a milestone in lower case, such as construction_started.",
    )


Node = Annotated[
    str,
    PlainValidator(adapted(node)),
    WithJsonSchema({"type": "string", "enum": [milestone.value for milestone in Milestone]}),
]
"""The lower-case name of a milestone."""


WarningDays = Annotated[int, Field(strict=True, ge=0, le=366)]
"""Days before the planned day, as many as a policy may say; more would lead out of the calendar."""


class MilestonePlanned(Payload):
    """A date was planned for a node, with the unit and person responsible."""

    kind = "MilestonePlanned"
    number = 35
    chinese = "节点计划"
    english = "milestone planned"
    occurred_on_means = "planned on"
    example: ClassVar[dict[str, Any]] = {
        "plan_id": "JD-2024-017",
        "phase_id": "1",
        "node": "construction_started",
        "planned": "2024-06-30",
        "responsible_unit": "大新镇",
        "responsible_person": "王某",
        "warning_days": 15,
    }

    plan_id: Identifier
    phase_id: Identifier | None = None
    node: Node
    planned: FlexDateText
    responsible_unit: Text
    responsible_person: PersonName
    warning_days: WarningDays | None = None


class MilestoneReplanned(Payload):
    """The planned date of a node was moved by decision."""

    kind = "MilestoneReplanned"
    number = 36
    chinese = "节点调整"
    english = "milestone replanned"
    occurred_on_means = "decided on"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "plan_id": "JD-2024-017",
        "node": "construction_started",
        "old": "2024-06-30",
        "new": "2024-Q3",
        "approved_by": "市重大项目办",
        "counts_as_new_baseline": True,
    }

    plan_id: Identifier
    phase_id: Identifier | None = None
    node: Node
    old: FlexDateText
    new: FlexDateText
    approved_by: Text
    counts_as_new_baseline: bool


class MilestoneForecast(Payload):
    """Somebody who knows the site said when a node would be reached, whatever was planned."""

    kind = "MilestoneForecast"
    number = 37
    chinese = "节点预测"
    english = "milestone forecast"
    occurred_on_means = "made on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "node": "construction_started",
        "forecast": "2024-07",
        "confidence": "medium",
    }

    phase_id: Identifier | None = None
    node: Node
    forecast: FlexDateText
    confidence: Confidence | None = None
