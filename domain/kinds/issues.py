"""What holds projects up, and the meetings that decide about it."""

from typing import Any, ClassVar

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from domain.cadence import Cadence
from domain.kinds.fields import FlexDateText, Identifier, Label, Text
from domain.kinds.payload import Payload
from domain.person_name import PersonName
from domain.regions import RegionCode


class IssueRaised(Payload):
    """Something holds the project up, and somebody answers for removing it."""

    kind = "IssueRaised"
    number = 54
    chinese = "堵点/问题"
    english = "issue raised"
    occurred_on_means = "raised on"
    example: ClassVar[dict[str, Any]] = {
        "issue_id": "WT-2024-031",
        "category": "land",
        "severity": "high",
        "responsible": "自然资源和规划局",
        "due": "2024-06-30",
    }

    issue_id: Identifier
    phase_id: Identifier | None = None
    category: Label
    severity: Label
    responsible: Text
    responsible_person: PersonName | None = None
    due: FlexDateText


@with_config(ConfigDict(extra="forbid", strict=True))
class Decision(TypedDict):
    """What a meeting decided about one issue, and who does it by when."""

    issue_id: Identifier
    decision: Text
    owner: Text
    due: FlexDateText


class JointReviewHeld(Payload):
    """Departments met over issues and decided."""

    kind = "JointReviewHeld"
    number = 55
    chinese = "联审会办"
    english = "joint review held"
    occurred_on_means = "held on"
    stream_type = "meeting"
    example: ClassVar[dict[str, Any]] = {
        "meeting_id": "LS-2024-06",
        "level": "city",
        "cadence": "monthly",
        "district": "320582",
        "projects": ["0190e1d3-0000-7000-8000-000000000001"],
        "decisions": [
            {
                "issue_id": "WT-2024-031",
                "decision": "先行用地，月底前完成报批",
                "owner": "自然资源和规划局",
                "due": "2024-06-30",
            }
        ],
    }

    meeting_id: Identifier
    level: Label
    cadence: Cadence | None = None
    district: RegionCode | None = None
    projects: list[Identifier] | None = Field(default=None, max_length=500)
    decisions: list[Decision] = Field(max_length=500)


class IssueResolved(Payload):
    """The issue was removed and signed off."""

    kind = "IssueResolved"
    number = 56
    chinese = "问题销号"
    english = "issue resolved"
    occurred_on_means = "resolved on"
    example: ClassVar[dict[str, Any]] = {
        "issue_id": "WT-2024-031",
        "result": "用地批复已取得",
        "confirmed_by_enterprise": True,
    }

    issue_id: Identifier
    phase_id: Identifier | None = None
    result: Text
    confirmed_by_enterprise: bool
