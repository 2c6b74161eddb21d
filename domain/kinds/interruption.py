"""How a project stops: suspended and resumed, withdrawn, terminated."""

from typing import Any, ClassVar, Literal

from domain.kinds.fields import FlexDateText, Identifier, Text
from domain.kinds.payload import Payload
from domain.quantity import AreaMu


class ProjectSuspended(Payload):
    """Work on the project, or on the phase its scope names, stopped for a time."""

    kind = "ProjectSuspended"
    number = 8
    chinese = "缓建/停工"
    english = "project suspended"
    occurred_on_means = "from"
    example: ClassVar[dict[str, Any]] = {
        "scope": "project",
        "reason_code": "funding",
        "expected_resume": "2025-Q2",
    }

    scope: Identifier
    reason_code: Text
    expected_resume: FlexDateText | None = None


class ProjectResumed(Payload):
    """Work that had been suspended went on."""

    kind = "ProjectResumed"
    number = 9
    chinese = "复工"
    english = "project resumed"
    occurred_on_means = "resumed on"
    example: ClassVar[dict[str, Any]] = {"scope": "project"}

    scope: Identifier


class ProjectWithdrawn(Payload):
    """The enterprise gave the project up."""

    kind = "ProjectWithdrawn"
    number = 10
    chinese = "企业撤回"
    english = "project withdrawn"
    occurred_on_means = "withdrawn on"
    example: ClassVar[dict[str, Any]] = {"reason_code": "market", "land_returned_mu": "12.5"}

    reason_code: Text
    land_returned_mu: AreaMu | None = None


class ProjectTerminated(Payload):
    """The government ended the project and took back what it had given."""

    kind = "ProjectTerminated"
    number = 11
    chinese = "终止/清退"
    english = "project terminated"
    occurred_on_means = "terminated on"
    example: ClassVar[dict[str, Any]] = {
        "ground": "idle-land",
        "recovery": ["land", "incentive"],
        "decision_no": "张政发〔2024〕88号",
    }

    ground: Literal["breach", "idle-land", "policy", "bankruptcy"]
    recovery: list[Literal["land", "incentive", "bond"]]
    decision_no: Identifier
