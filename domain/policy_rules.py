"""What a policy of each kind may say, with the value of every key that it leaves out.

One class a kind. The parsed section, defaults filled in, is kept as plain JSON: text, whole
numbers, booleans, lists and objects; exact decimals are strings. Read models store just that, so
queries and the functions of this room judge by the same data.
"""

from decimal import Decimal
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.colour_rules import ColourRules
from domain.incentive_rules import IncentiveRules
from domain.per_mu_rules import PerMuRules
from domain.policy_rules_service import CalendarRules, ProcedureRules, RequestRules
from domain.policy_section import Exact, NodeName, Section, Table
from domain.ranking_rules import RankingRules
from domain.steering_rules import (
    BuiltOutRules,
    EnrolmentRules,
    FinanceRules,
    PaceRules,
    ReportingRules,
    TargetRules,
)


class PermitSetRules(Section):
    """Which permits count as issued together (N 证齐发).

    Plain form: `{"name": "five", "kinds": [...], "at_least": 5, "window_days": 0}`. A window of 0
    means the same day, k means any k + 1 consecutive calendar days.
    """

    kind: ClassVar[str] = "permit-set"

    name: str = Field(min_length=1)
    kinds: list[str] = Field(min_length=1)
    at_least: int = Field(ge=1)
    window_days: int = Field(default=0, ge=0, le=31)

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if len(set(self.kinds)) < self.at_least:
            message = f"{self.at_least} permits can never come from {len(set(self.kinds))} kinds"
            raise ValueError(message)
        return self


class LandAndStartRules(Section):
    """When a project counts as land-and-start (拿地即开工).

    Plain form: `{"since": "land_awarded", "until": "construction_permit", "within_workdays": 1}`.
    """

    kind: ClassVar[str] = "land-and-start"

    since: Literal["land_awarded", "land_delivered"] = "land_awarded"
    until: Literal["construction_permit", "construction_started"] = "construction_permit"
    within_workdays: int = Field(default=1, ge=0, le=250)


class Grade(Table):
    """A grade and the points from which it is given."""

    grade: str = Field(min_length=1)
    name: str = Field(min_length=1)
    at_least: Exact


class Checkpoint(Table):
    """When an evaluation falls due: so many months after a milestone."""

    name: str = Field(min_length=1)
    after: NodeName
    months: int = Field(ge=0, le=120)


class PostEvaluationRules(Section):
    """How delivered indicators are scored against agreed ones (后评价).

    Plain form: `{"cap": "1.2", "missing": "zero", "default_weight": "1", "weights": {code: "30"},
    "grades": [{"grade", "name", "at_least"} from the highest], "checkpoints": [...],
    "exempt_industries": ["D"], "exempt_halted": true}`. Projects of an exempt industry, and as a
    rule those terminated or withdrawn, need no evaluation.
    """

    kind: ClassVar[str] = "post-evaluation"

    cap: Exact = Field(default=Decimal("1.2"), gt=0)
    missing: Literal["zero", "excluded", "peer-mean"] = "zero"
    default_weight: Exact = Field(default=Decimal(1), gt=0)
    weights: dict[str, Exact] = Field(default_factory=dict)
    grades: list[Grade] = Field(
        default_factory=lambda: [
            Grade(grade="A", name="优秀", at_least=Decimal(90)),
            Grade(grade="B", name="良好", at_least=Decimal(80)),
            Grade(grade="C", name="合格", at_least=Decimal(60)),
            Grade(grade="D", name="不合格", at_least=Decimal(0)),
        ]
    )
    checkpoints: list[Checkpoint] = Field(
        default_factory=lambda: [
            Checkpoint(name="commissioning+12", after="commissioned", months=12),
            Checkpoint(name="capacity", after="capacity_reached", months=0),
        ]
    )
    exempt_industries: list[str] = Field(default_factory=list)
    exempt_halted: bool = True

    @model_validator(mode="after")
    def _descending_to_zero(self) -> Self:
        steps = [grade.at_least for grade in self.grades]
        if not steps or steps[-1] != 0 or steps != sorted(set(steps), reverse=True):
            message = "grades go down from the highest and end at_least = 0"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _positive_weights(self) -> Self:
        for code, weight in self.weights.items():
            if weight <= 0:
                message = f"the weight of {code} must be above zero"
                raise ValueError(message)
        return self


class CapacityRules(Section):
    """When capacity counts as reached (达产): share of the agreed output, over how many months."""

    kind: ClassVar[str] = "capacity"

    threshold_percent: Exact = Field(default=Decimal(80), gt=0)
    window_months: int = Field(default=12, ge=1, le=60)


class IntensityRules(Section):
    """Which investment over which land is the investment intensity (投资强度)."""

    kind: ClassVar[str] = "intensity"

    basis: Literal["fixed_asset", "total"] = "fixed_asset"
    mean: Literal["weighted", "simple"] = "weighted"
    land: Literal["agreed", "contract", "occupied"] = "agreed"


Basis = Literal["statistical", "reported"]


class ListingRules(Section):
    """How annual lists are counted (重大项目清单).

    `start_evidence` says which starts count: `inspected`, those that no inspection denies;
    `reported`, all that are reported; `verified`, those that an inspection confirms.
    """

    kind: ClassVar[str] = "listing"

    levels_nested: bool = True
    removed: Literal["leave", "stay"] = "leave"
    start_evidence: Literal["inspected", "reported", "verified"] = "inspected"
    provincial_basis: Basis = "statistical"
    prefecture_basis: Basis = "statistical"
    municipal_basis: Basis = "reported"
    district_basis: Basis = "reported"


class PlausibilityRules(Section):
    """Which facts are held back for a person to look at before they enter the ledger."""

    kind: ClassVar[str] = "plausibility"

    unit_slip_factor: int = Field(default=10_000, ge=10)
    ytd_may_fall: bool = False
    ytd_over_total_max: Exact = Decimal("1.5")
    area_mu_max: Exact = Decimal(10_000)
    start_before_signing_years_max: int = Field(default=5, ge=0)


class FourEyesRules(Section):
    """Which kinds of facts need a second person (双人复核).

    Plain form: `{"kinds": ["LandAwarded", ...]}`.
    """

    kind: ClassVar[str] = "four-eyes"

    kinds: list[str] = Field(min_length=1)


SECTIONS: dict[str, type[Section]] = {
    section.kind: section
    for section in (
        ColourRules,
        PermitSetRules,
        LandAndStartRules,
        PostEvaluationRules,
        CapacityRules,
        IntensityRules,
        ListingRules,
        PlausibilityRules,
        RankingRules,
        PerMuRules,
        FinanceRules,
        EnrolmentRules,
        BuiltOutRules,
        ReportingRules,
        PaceRules,
        TargetRules,
        RequestRules,
        CalendarRules,
        ProcedureRules,
        IncentiveRules,
        FourEyesRules,
    )
}
