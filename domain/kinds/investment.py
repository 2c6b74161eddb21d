"""Money on its way into the ground: approval, enrolment in the statistics, monthly reports."""

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from domain.flexdate import Precision
from domain.kinds.fields import FlexDateText, Identifier, Note, Text, VersionLabel
from domain.kinds.payload import Payload
from domain.money import Money


class InvestmentApprovalObtained(Payload):
    """The authority filed, verified or approved the investment."""

    kind = "InvestmentApprovalObtained"
    number = 4
    chinese = "备案/核准/审批"
    english = "investment approval obtained"
    occurred_on_means = "decided on"
    example: ClassVar[dict[str, Any]] = {
        "mode": "filing",
        "doc_no": "张行审投备〔2024〕512号",
        "authority": "张家港市行政审批局",
        "approved_investment": {"yuan": 380_000_000, "as_reported": "38000万元"},
        "valid_until": "2026-07-01",
    }

    mode: Literal["filing", "verification", "approval"]
    doc_no: Identifier
    authority: Text
    approved_investment: Money
    valid_until: FlexDateText | None = None


class StatisticsEnrolled(Payload):
    """The statistics bureau took the project into its register."""

    kind = "StatisticsEnrolled"
    number = 33
    chinese = "入库纳统"
    english = "statistics enrolled"
    occurred_on_means = "enrolled on"
    example: ClassVar[dict[str, Any]] = {
        "stat_id": "320582-2024-0417",
        "phase_id": "1",
        "planned_total": {"yuan": 380_000_000},
        "start_evidence": "施工许可证与现场照片",
    }

    stat_id: Identifier
    phase_id: Identifier | None = None
    planned_total: Money
    start_evidence: Note


@with_config(ConfigDict(extra="forbid", strict=True))
class Composition(TypedDict, total=False):
    """What the investment of the year went into."""

    building: Money
    installation: Money
    equipment: Money
    other: Money


class InvestmentReported(Payload):
    """A month's report of the investment completed since the year began."""

    kind = "InvestmentReported"
    number = 34
    chinese = "完成投资上报"
    english = "investment reported"
    occurred_on_means = "the month reported, YYYY-MM"
    period = Precision.MONTH
    example: ClassVar[dict[str, Any]] = {
        "basis": "statistical",
        "ytd": {"yuan": 120_000_000, "as_reported": "12000万元"},
        "cumulative": {"yuan": 250_000_000},
        "composition": {"building": {"yuan": 80_000_000}, "equipment": {"yuan": 40_000_000}},
        "method": "progress",
    }

    basis: Literal["statistical", "reported"]
    ytd: Money
    cumulative: Money | None = None
    composition: Composition | None = None
    method: Literal["progress", "financial"]
    ten_day: VersionLabel | None = None
