"""What policies about service may say: clocks of requests, calendars of meetings, procedures."""

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.cadence import Cadence
from domain.policy_section import Exact, Section, Table

EVERY_CATEGORY = "*"
"""The category of the clock that holds where no clock is set for the category itself."""


class RequestClock(Table):
    """How long a request of a category may take: hours to hand it over, days to resolve it."""

    category: str = Field(default=EVERY_CATEGORY, min_length=1)
    sign_hours: int | None = Field(default=None, ge=1, le=1000)
    resolve_days: int = Field(ge=0, le=366)
    count_days: Literal["work", "calendar"] = "work"


class RequestRules(Section):
    """How enterprise requests are counted (企业诉求).

    Plain form: `{"denominator": "due", "follow_up_percent_min": "10", "clock": [{"category",
    "sign_hours", "resolve_days", "count_days"}]}`. With `due` requests that are open and not yet
    due are left out of the resolution rate, with `received` they are not.
    """

    kind: ClassVar[str] = "requests"

    denominator: Literal["due", "received"] = "due"
    follow_up_percent_min: Exact = Field(default=Decimal(0), ge=0, le=100)
    clock: list[RequestClock] = Field(default_factory=lambda: [RequestClock(resolve_days=10)])

    @model_validator(mode="after")
    def _one_clock_each(self) -> Self:
        _once("category", (clock.category for clock in self.clock))
        return self


class MeetingSeries(Table):
    """A meeting, a visit or a published ranking that is due once in every period."""

    name: str = Field(min_length=1)
    event: Literal["joint-review", "site-visit", "ranking"] = "joint-review"
    level: str | None = Field(default=None, min_length=1)
    every: Cadence


class CalendarRules(Section):
    """How often departments are to meet (调度、联审、考评的频次).

    Plain form: `{"series": [{"name", "event", "level", "every"}]}`. Of visits `level` names the
    team; without one every meeting or visit counts. A ranking keeps the period it is about.
    """

    kind: ClassVar[str] = "calendar"

    series: list[MeetingSeries] = Field(min_length=1)

    @model_validator(mode="after")
    def _rankings_have_no_level(self) -> Self:
        for series in self.series:
            if series.event == "ranking" and series.level is not None:
                message = f'the series "{series.name}" is of rankings, which have no level'
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _one_name_each(self) -> Self:
        _once("name", (series.name for series in self.series))
        return self


class ProcedureRules(Section):
    """What a formality takes under one version of its procedure (办事流程).

    Plain form: `{"name", "steps", "materials", "workdays", "visits"}`; what is not said is null.
    """

    kind: ClassVar[str] = "procedure"

    name: str = Field(min_length=1)
    steps: int | None = Field(default=None, ge=0, le=100_000)
    materials: int | None = Field(default=None, ge=0, le=100_000)
    workdays: int | None = Field(default=None, ge=0, le=100_000)
    visits: int | None = Field(default=None, ge=0, le=100_000)

    @model_validator(mode="after")
    def _something_counted(self) -> Self:
        if all(n is None for n in (self.steps, self.materials, self.workdays, self.visits)):
            message = "give at least one of steps, materials, workdays and visits"
            raise ValueError(message)
        return self


def _once(field: str, values: Iterable[str]) -> None:
    """Refuse a value that is given twice, where it could not be told which one counts."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            message = f'the {field} "{value}" is given twice; keep one of them'
            raise ValueError(message)
        seen.add(value)
