"""What a ranking policy may say (双比双看, 龙虎榜): which measures count, and how they give points.

The plain form, which read models store, is::

    {"unit": "district", "digits": 2, "neutral": "0.5",
     "metrics": [{"code": "start_rate", "measure": "start_rate", "points": "ratio",
                  "weights": ["40", "30", "20", "0"], "weight": "40", "target": "100", "cap": "1",
                  "each": "1", "max_points": null, "bands": [], "neutral": "0.5",
                  "levels": [], "min_yi": "0", "window": "period", "basis": "by-level"}]}

`weights` are those of the four quarters; `weight` is that of every other period.
"""

from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from domain.list_level import ListLevel
from domain.measures import MEASURES, Sort
from domain.policy_section import Exact, Section, Table, plain

QUARTERS = 4


class Band(Table):
    """Points given from a value on."""

    at_least: Exact
    points: Exact


class Metric(Table):
    """One column of a ranking.

    `ratio` gives `weight` for reaching `target`, in proportion below and up to `cap` times above.
    `min-max` gives `weight` to the best district, nothing to the last, the others in between.
    `count` and `bonus` give, `malus` takes `each` point a unit of the value, up to `max_points`.
    `bands` give the points of the highest band that is reached. `weight` multiplies these three.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    measure: str
    points: Literal["ratio", "min-max", "count", "bonus", "malus", "bands"]
    weight: Exact = Field(default=Decimal(1), ge=0)
    quarter_weights: list[Exact] = Field(default_factory=list)
    target: Exact = Field(default=Decimal(100), gt=0)
    cap: Exact = Field(default=Decimal(1), gt=0)
    each: Exact = Field(default=Decimal(1), gt=0)
    max_points: Exact | None = Field(default=None, ge=0)
    band: list[Band] = Field(default_factory=list)
    neutral: Exact | None = Field(default=None, ge=0, le=1)
    levels: list[ListLevel] = Field(default_factory=list)
    min_yi: Exact = Field(default=Decimal(0), ge=0)
    window: Literal["period", "year"] = "period"
    basis: Literal["by-level", "statistical", "reported"] = "by-level"

    @field_validator("measure")
    @classmethod
    def _is_a_measure(cls, value: str) -> str:
        if value not in MEASURES:
            message = f"measure is one of {', '.join(MEASURES)}"
            raise ValueError(message)
        return value

    @field_validator("quarter_weights")
    @classmethod
    def _are_four(cls, value: list[Decimal]) -> list[Decimal]:
        if len(value) not in (0, QUARTERS) or any(weight < 0 for weight in value):
            message = "quarter_weights are four numbers of zero or more, one a quarter"
            raise ValueError(message)
        return value

    @field_validator("band")
    @classmethod
    def _go_down(cls, value: list[Band]) -> list[Band]:
        steps = [band.at_least for band in value]
        if steps != sorted(set(steps), reverse=True):
            message = "bands go down from the highest"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        message = None
        if (self.points == "bands") != bool(self.band):
            message = "bands are given with points = bands, and only then"
        if self.points in ("count", "bonus", "malus") and self.sort is Sort.RATE:
            message = "a rate cannot be counted; use ratio, min-max or bands"
        if message is not None:
            raise ValueError(message)
        return self

    @property
    def sort(self) -> Sort:
        """Say how the measure is counted."""
        return MEASURES[self.measure].sort

    def plainly(self, neutral: Decimal) -> dict[str, Any]:
        """Give every key; a metric without a neutral share of its own takes the ranking's."""
        told = self.model_dump(mode="json", exclude={"band", "quarter_weights"})
        weights = self.quarter_weights or [self.weight] * QUARTERS
        return told | {
            "sort": self.sort.value,
            "weights": [plain(weight) for weight in weights],
            "bands": [band.model_dump(mode="json") for band in self.band],
            "neutral": plain(neutral if self.neutral is None else self.neutral),
        }


class RankingRules(Section):
    """How districts are ranked in a period.

    A rate over nothing gives `neutral`, a share of the full points, never a silent zero.
    """

    kind: ClassVar[str] = "ranking"

    unit: Literal["district", "city", "park"] = "district"
    digits: int = Field(default=2, ge=0, le=6)
    neutral: Exact = Field(default=Decimal("0.5"), ge=0, le=1)
    metric: list[Metric] = Field(min_length=1, max_length=30)

    @model_validator(mode="after")
    def _no_code_twice(self) -> Self:
        codes = [metric.code for metric in self.metric]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            message = f"metric {twice} is given twice"
            raise ValueError(message)
        return self

    def rules(self) -> dict[str, Any]:
        """Give the rules as plain JSON, with every default filled in."""
        return {
            "unit": self.unit,
            "digits": self.digits,
            "neutral": plain(self.neutral),
            "metrics": [metric.plainly(self.neutral) for metric in self.metric],
        }
