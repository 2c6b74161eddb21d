"""The approval platform's log: simulated approval, statuses of a case, certificates."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from domain.kinds.fields import Count, FlexDateText, Identifier, Note, PermitKind, Text
from domain.kinds.payload import Payload

STATUS_NAMES: Final[dict[int, tuple[str, str]]] = {
    1: ("已接件", "received"),
    2: ("申请人撤回", "withdrawn by applicant"),
    3: ("窗口受理", "window accepted"),
    4: ("窗口不予受理", "window refused acceptance"),
    5: ("部门不予受理", "department refused acceptance"),
    6: ("补正开始", "correction started"),
    7: ("补正结束", "correction ended"),
    8: ("部门受理", "department accepted"),
    9: ("特别程序开始", "special procedure started"),
    10: ("特别程序结束", "special procedure ended"),
    11: ("办结通过", "approved"),
    12: ("容缺通过", "approved with tolerance"),
    13: ("办结不通过", "refused"),
    14: ("撤回", "recalled"),
    15: ("撤销", "revoked"),
}
"""The statuses of a case on the national exchange, in Chinese and English."""

CLOCK_STOPPED_BY: Final = {6: 7, 9: 10}
"""Statuses that stop the statutory clock, and those that start it again."""

PermitStatus = Annotated[int, Field(strict=True, ge=1, le=15)]


class SimulatedApprovalOpened(Payload):
    """Reviews began before the right to the land existed."""

    kind = "SimulatedApprovalOpened"
    number = 24
    chinese = "模拟审批启动"
    english = "simulated approval opened"
    occurred_on_means = "opened on"
    example: ClassVar[dict[str, Any]] = {
        "scheme_id": "MN-2024-09",
        "phase_id": "1",
        "items": ["works_planning_permit", "construction_permit"],
        "basis_doc": "模拟审批实施细则",
        "valid_until": "2024-12-31",
    }

    scheme_id: Identifier
    phase_id: Identifier | None = None
    items: list[PermitKind]
    basis_doc: Text
    valid_until: FlexDateText


class PermitStatusReported(Payload):
    """The approval platform reported where a case stands."""

    kind = "PermitStatusReported"
    number = 25
    chinese = "办理状态"
    english = "permit status reported"
    occurred_on_means = "at"
    example: ClassVar[dict[str, Any]] = {
        "case_no": "SGXK-2024-0612",
        "permit_kind": "construction_permit",
        "department": "住房和城乡建设局",
        "status": 8,
        "opinion": "材料齐全",
        "simulated": False,
        "applicant": "agent",
        "deadline_workdays": 5,
        "source_serial": "320582000731",
    }

    case_no: Identifier
    phase_id: Identifier | None = None
    permit_kind: PermitKind
    department: Text
    status: PermitStatus
    opinion: Note | None = None
    simulated: bool
    applicant: Literal["enterprise", "agent"] | None = None
    deadline_workdays: Count
    source_serial: Identifier


class PermitIssued(Payload):
    """A certificate was issued."""

    kind = "PermitIssued"
    number = 26
    chinese = "核发证照"
    english = "permit issued"
    occurred_on_means = "issued on"
    example: ClassVar[dict[str, Any]] = {
        "case_no": "SGXK-2024-0612",
        "permit_kind": "construction_permit",
        "certificate_no": "320582202406120101",
        "stage": "piling",
        "tolerance": False,
    }

    case_no: Identifier
    phase_id: Identifier | None = None
    permit_kind: PermitKind
    certificate_no: Identifier
    stage: Literal["piling", "basement", "superstructure", "whole"] | None = None
    tolerance: bool
    valid_until: FlexDateText | None = None


class PermitLapsedOrRevoked(Payload):
    """A certificate stopped being valid."""

    kind = "PermitLapsedOrRevoked"
    number = 27
    chinese = "证照废止/撤销"
    english = "permit lapsed or revoked"
    occurred_on_means = "invalid from"
    example: ClassVar[dict[str, Any]] = {
        "certificate_no": "320582202406120101",
        "act": "lapsed",
        "ground": "自核发之日起三个月内未开工且未延期",
    }

    certificate_no: Identifier
    phase_id: Identifier | None = None
    act: Literal["lapsed", "withdrawn", "revoked"]
    ground: Text


class OffListRequirementRaised(Payload):
    """A department asked for something the land service list does not contain."""

    kind = "OffListRequirementRaised"
    number = 28
    chinese = "清单外要求"
    english = "off-list requirement raised"
    occurred_on_means = "raised on"
    example: ClassVar[dict[str, Any]] = {
        "list_id": "YDQD-2024-12",
        "department": "水务局",
        "requirement": "补充防洪评价",
        "status": "dropped",
        "decided_on": "2024-07-02",
    }

    list_id: Identifier
    department: Text
    requirement: Text
    status: Literal["open", "dropped", "upheld"]
    decided_on: FlexDateText | None = None
