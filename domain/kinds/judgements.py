"""What people decided about a judgement, which itself is never stored."""

from typing import Any, ClassVar, Literal

from domain.kinds.fields import FlexDateText, Identifier, Text
from domain.kinds.milestone_plans import Node
from domain.kinds.payload import Payload


class ColourOverridden(Payload):
    """Another colour than the computed one was to be shown for a time."""

    kind = "ColourOverridden"
    number = 66
    chinese = "人工改色"
    english = "colour overridden"
    occurred_on_means = "decided on"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "node": "construction_started",
        "colour": "yellow",
        "until": "2024-09-30",
        "approved_by": "市重大项目办",
    }

    node: Node | None = None
    phase_id: Identifier | None = None
    colour: Literal["red", "yellow", "green", "grey"]
    until: FlexDateText
    approved_by: Text
