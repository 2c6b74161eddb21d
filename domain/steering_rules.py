"""What policies may say about how a city counts: finance, enrolment, cohorts, reports, targets."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from domain.policy_section import Exact, Section

_MONTHS: Final = 12
_ALL: Final = 100


class FinanceRules(Section):
    """Which loans are carried over from earlier years (结转) and which are new.

    `list-class` looks at the project: continuing on the lists of the year, or started before it.
    `as-reported` takes the bank's word.
    """

    kind: ClassVar[str] = "finance"

    carried_rule: Literal["list-class", "as-reported"] = "list-class"


class EnrolmentRules(Section):
    """Which started projects have to be in the statistics, and how soon (应统尽统)."""

    kind: ClassVar[str] = "enrolment"

    within_days: int = Field(default=30, ge=0, le=3660)
    total_wan_yuan_min: Exact = Field(default=Decimal(500), ge=0)


class BuiltOutRules(Section):
    """What makes a project of a cohort built out (建成度)."""

    kind: ClassVar[str] = "built-out"

    metric: Literal["commissioned", "accepted", "investment"] = "commissioned"


class ReportingRules(Section):
    """When the books of a quarter and of a year are closed.

    Facts of a quarter that arrive more than `quarter_close_days` after its end are late. An annual
    result is what is known on `close_day` (MM-DD) of the next year.
    """

    kind: ClassVar[str] = "reporting"

    quarter_close_days: int = Field(default=0, ge=0, le=366)
    close_day: str = "01-15"

    @field_validator("close_day")
    @classmethod
    def _is_a_day(cls, value: str) -> str:
        # A year without a leap day: the books are closed every year.
        try:
            written = date.fromisoformat(f"2023-{value}").strftime("%m-%d")
        except ValueError:
            written = None
        if written != value:
            message = "close_day is a month and a day of every year, such as 01-15"
            raise ValueError(message)
        return value


class PaceRules(Section):
    """How much of a year's plan is due by the end of each month (序时进度).

    `linear`: a twelfth a month. `workdays`: the share of the year's working days that are over.
    `monthly`: what `monthly_percent` says, for January to December, never falling, 100 at last.
    """

    kind: ClassVar[str] = "pace"

    curve: Literal["linear", "workdays", "monthly"] = "linear"
    monthly_percent: list[Exact] = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_a_curve(self) -> Self:
        steps = self.monthly_percent
        if self.curve != "monthly":
            if steps:
                message = 'monthly_percent goes with curve = "monthly"'
                raise ValueError(message)
        elif len(steps) != _MONTHS or steps != sorted(steps) or steps[-1] != _ALL or steps[0] < 0:
            message = "monthly_percent has twelve numbers, from 0 on, never falling, 100 at last"
            raise ValueError(message)
        return self


class TargetRules(Section):
    """How targets are counted: what makes a project new (新增亿元以上项目), and from what size."""

    kind: ClassVar[str] = "targets"

    new_project_event: Literal["signed", "listed", "started"] = "signed"
    new_project_yi_min: Exact = Field(default=Decimal(1), ge=0)
