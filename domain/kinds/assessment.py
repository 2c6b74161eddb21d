"""What was promised before the land and judged after: admission, agreement, evaluation."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import StringConstraints

from domain.indicators import Agreed, Declared, Measured, Scored
from domain.kinds.fields import FlexDateText, Identifier, Note, PolicyReference, Text
from domain.kinds.payload import Payload
from domain.quantity import AreaMu, DecimalText
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
