"""What a policy may say about the yearly grading of projects by what they yield (亩均论英雄).

The plain form, which read models store, is::

    {"land": "occupied", "commissioned_months_min": 24, "missing": "peer-mean", "tax_kinds": [],
     "exempt_industries": ["D"], "exempt_grade": "T", "digits": 2,
     "metrics": [{"code": "tax_per_mu", "weight": "60", "baseline": "24.097", "times_mean": null,
                  "cap": "2"}],
     "grades": [{"grade": "A", "up_to_percent": "20"}, ..., {"grade": "D", "up_to_percent": "100"}]}
"""

from decimal import Decimal
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from domain.policy_section import Exact, Section, Table

YIELDS: Final = {
    "tax_per_mu": ("tax", "land", 10_000),
    "output_per_mu": ("output", "land", 10_000),
    "revenue_per_mu": ("revenue", "land", 10_000),
    "tax_per_tce": ("tax", "energy", 10_000),
    "output_per_tce": ("output", "energy", 10_000),
    "output_per_head": ("output", "staff", 10_000),
    "research_share": ("research", "revenue", 1),
}
"""What is divided by what, and by how much more; money is counted in 万元."""

ALL: Final = 100


class YieldMetric(Table):
    """One yield: full `weight` for reaching its baseline, in proportion, up to `cap` times.

    The baseline is a number, or so many times the mean of all that are graded.
    """

    code: str
    weight: Exact = Field(gt=0)
    baseline: Exact | None = Field(default=None, gt=0)
    times_mean: Exact | None = Field(default=None, gt=0)
    cap: Exact = Field(default=Decimal(2), gt=0)

    @field_validator("code")
    @classmethod
    def _is_a_yield(cls, value: str) -> str:
        if value not in YIELDS:
            message = f"code is one of {', '.join(YIELDS)}"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _one_baseline(self) -> Self:
        if (self.baseline is None) == (self.times_mean is None):
            message = "give either baseline or times_mean"
            raise ValueError(message)
        return self


class RankGrade(Table):
    """A grade, and up to which share of all ranks it is given."""

    grade: str = Field(min_length=1)
    up_to_percent: Exact = Field(gt=0, le=ALL)


class PerMuRules(Section):
    """How projects are graded by the yields of a year, against each other."""

    kind: ClassVar[str] = "per-mu"

    land: Literal["occupied", "contract", "agreed"] = "occupied"
    year: Literal["calendar"] = "calendar"
    tax_kinds: list[str] = Field(default_factory=list)
    commissioned_months_min: int = Field(default=24, ge=0, le=240)
    missing: Literal["zero", "excluded", "peer-mean"] = "peer-mean"
    exempt_industries: list[str] = Field(default_factory=lambda: ["D"])
    exempt_grade: str = Field(default="T", min_length=1)
    digits: int = Field(default=2, ge=0, le=6)
    metrics: list[YieldMetric] = Field(
        default_factory=lambda: [
            YieldMetric(code="tax_per_mu", weight=Decimal(60), times_mean=Decimal(1)),
            YieldMetric(code="output_per_mu", weight=Decimal(40), times_mean=Decimal(1)),
        ],
        min_length=1,
    )
    grades: list[RankGrade] = Field(
        default_factory=lambda: [
            RankGrade(grade="A", up_to_percent=Decimal(20)),
            RankGrade(grade="B", up_to_percent=Decimal(60)),
            RankGrade(grade="C", up_to_percent=Decimal(95)),
            RankGrade(grade="D", up_to_percent=Decimal(ALL)),
        ]
    )

    @field_validator("metrics")
    @classmethod
    def _no_code_twice(cls, value: list[YieldMetric]) -> list[YieldMetric]:
        codes = [metric.code for metric in value]
        if len(set(codes)) < len(codes):
            message = "a code is given twice"
            raise ValueError(message)
        return value

    @field_validator("grades")
    @classmethod
    def _rise_to_all(cls, value: list[RankGrade]) -> list[RankGrade]:
        steps = [grade.up_to_percent for grade in value]
        if not steps or steps != sorted(set(steps)) or steps[-1] != ALL:
            message = "grades rise in up_to_percent and end with 100"
            raise ValueError(message)
        return value
