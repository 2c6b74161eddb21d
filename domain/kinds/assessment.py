"""What was promised before the land and judged after: admission, agreement, evaluation."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import StringConstraints

from domain.agreement_terms import AgreementChanges
from domain.errors import Malformed
from domain.indicators import Agreed, Declared, Judged, Measured, Scored
from domain.kinds.fields import (
    FlexDateText,
    Identifier,
    Note,
    PolicyReference,
    Text,
    Texts,
    VersionLabel,
)
from domain.kinds.payload import Payload
from domain.money import Money
from domain.quantity import AreaMu, DecimalText, NonNegative
from domain.validation import NOT_BLANK


class PreAssessmentSubmitted(Payload):
    """A dossier with its declared indicators was submitted for assessment before landing."""

    kind = "PreAssessmentSubmitted"
    number = 12
    chinese = "前评估申报"
    english = "pre-assessment submitted"
    occurred_on_means = "submitted on"
    example: ClassVar[dict[str, Any]] = {
        "assessment_id": "QPG-2024-017",
        "dossier": "项目准入申报书",
        "demand_land_mu": "48.1",
        "indicators": {
            "total_investment": {"value": "380000000", "unit": "yuan"},
            "tax_per_mu": {"value": "89", "unit": "万元/亩"},
        },
    }

    assessment_id: Identifier
    dossier: Note
    demand_land_mu: AreaMu
    indicators: Declared


class PreAssessmentScored(Payload):
    """Experts scored a dossier, criterion by criterion, under a policy."""

    kind = "PreAssessmentScored"
    number = 13
    chinese = "前评估打分"
    english = "pre-assessment scored"
    occurred_on_means = "scored on"
    example: ClassVar[dict[str, Any]] = {
        "assessment_id": "QPG-2024-017",
        "policy": "pre-assessment/zhangjiagang@2024.1",
        "round": "1",
        "scores": {
            "investment_intensity": {"score": "26", "max": "30", "weight": "30"},
            "technology": {"score": "18.5", "max": "20", "weight": "20"},
        },
        "total": "86.5",
        "panel": "产业项目评审专家组",
    }

    assessment_id: Identifier | None = None
    policy: PolicyReference
    round: VersionLabel
    scores: Judged
    total: NonNegative
    panel: Text


class AdmissionDecided(Payload):
    """The review group decided whether the project may land."""

    kind = "AdmissionDecided"
    number = 14
    chinese = "准入评审决定"
    english = "admission decided"
    occurred_on_means = "decided on"
    example: ClassVar[dict[str, Any]] = {
        "assessment_id": "QPG-2024-017",
        "outcome": "conditional",
        "conditions": ["能耗指标另行落实"],
        "meeting_no": "2024年第3次",
    }

    assessment_id: Identifier | None = None
    outcome: Literal["pass", "conditional", "reject", "defer"]
    conditions: list[Text]
    meeting_no: Identifier


class PerformanceAgreementSigned(Payload):
    """Investor and park agreed on indicators and on the days they are due."""

    kind = "PerformanceAgreementSigned"
    number = 15
    chinese = "投资发展监管协议"
    english = "performance agreement signed"
    occurred_on_means = "signed on"
    example: ClassVar[dict[str, Any]] = {
        "agreement_id": "JG-2024-031",
        "phase_id": "1",
        "indicators": {
            "investment_intensity": {
                "target": "919",
                "unit": "万元/亩",
                "direction": "higher",
                "due": "2026-12",
                "weight": "40",
            }
        },
        "start_due": "2024-09",
        "completion_due": "2026-03-31",
        "capacity_due": "2027",
        "breach_terms": "未达标的按比例退还奖励",
    }

    agreement_id: Identifier
    phase_id: Identifier | None = None
    indicators: Agreed
    start_due: FlexDateText
    completion_due: FlexDateText
    capacity_due: FlexDateText
    breach_terms: Note


class PerformanceAgreementAmended(Payload):
    """Investor and park agreed to change what had been agreed."""

    kind = "PerformanceAgreementAmended"
    number = 16
    chinese = "补充协议"
    english = "performance agreement amended"
    occurred_on_means = "effective on"
    reason_required = True
    example: ClassVar[dict[str, Any]] = {
        "agreement_id": "JG-2024-031",
        "version": "2",
        "changes": {
            "investment_intensity": {"old": {"target": "919"}, "new": {"target": "850"}},
            "start_due": {"old": "2024-09", "new": "2024-12"},
        },
        "approved_by": "市产业用地项目评审工作领导小组",
    }

    agreement_id: Identifier | None = None
    version: VersionLabel
    changes: AgreementChanges
    approved_by: Text


Checkpoint = Annotated[
    str,
    StringConstraints(
        strict=True, pattern=r"^(?:completion|commissioning(?:\+[0-9]{1,3})?|capacity|annual)$"
    ),
]
"""When an evaluation falls due; `commissioning+12` is twelve months after commissioning."""

Grade = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=20, pattern=NOT_BLANK)
]


class PostEvaluationCompleted(Payload):
    """What was delivered was compared with what had been agreed."""

    kind = "PostEvaluationCompleted"
    number = 46
    chinese = "后评价完成"
    english = "post-evaluation completed"
    occurred_on_means = "completed on"
    example: ClassVar[dict[str, Any]] = {
        "evaluation_id": "HPJ-2024-006",
        "checkpoint": "commissioning+12",
        "policy": "post-evaluation/zhangjiagang@2024.1",
        "agreed": {"investment_intensity": {"value": "919", "unit": "万元/亩"}},
        "actual": {"investment_intensity": {"value": "900", "unit": "万元/亩"}},
        "scores": {"investment_intensity": {"points": "97.9"}},
        "total": "97.9",
        "grade": "A",
    }

    evaluation_id: Identifier
    checkpoint: Checkpoint
    policy: PolicyReference
    agreed: Measured
    actual: Measured
    scores: Scored
    total: DecimalText
    grade: Grade


class RemedyTracked(Payload):
    """What an evaluation found wanting was to be put right, or was."""

    kind = "RemedyTracked"
    number = 47
    chinese = "整改/违约处理"
    english = "remedy tracked"
    occurred_on_means = "decided on"
    example: ClassVar[dict[str, Any]] = {
        "evaluation_id": "HPJ-2024-006",
        "act": "required",
        "items": ["补足固定资产投资"],
        "due": "2025-06-30",
    }

    evaluation_id: Identifier
    act: Literal["required", "extended", "closed", "penalty"]
    items: Texts
    due: FlexDateText | None = None
    amount: Money | None = None

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that what is required, or extended, has a day by which it is due."""
        payload = super().validated(data, path)
        if payload["act"] in ("required", "extended") and "due" not in payload:
            raise Malformed(
                code="missing_field", field=f"{path}.due", cure="Say by when it must be done."
            )
        return payload
