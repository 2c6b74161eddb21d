"""Rank districts from what their projects reached, under the rules of one policy.

Everything is exact until points are rounded, once, half up; scores add up rounded points, so that
anybody can add them up again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.measures import Sort
from domain.ratio import half_up

YI = 100_000_000
QUARTER_PLACE = 5
"""Where `Q` stands in `2024-Q2`."""

Sums = Mapping[str, tuple[Fraction, Fraction]]
"""Of every metric, by its code, numerator and denominator, which is 1 where nothing divides."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What one metric gave a district; `raw` is None over a zero denominator."""

    code: str
    raw: Decimal | None
    points: Decimal
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a ranking; those with equal scores share a rank, and the next one is skipped."""

    unit: str
    rank: int
    score: Decimal
    metrics: tuple[Scored, ...]


def weight_in(metric: Mapping[str, Any], period: str) -> Decimal:
    """Give the weight of a metric in a period such as `2024-Q3`."""
    if period[QUARTER_PLACE:].startswith("Q"):
        return Decimal(metric["weights"][int(period[-1]) - 1])
    return Decimal(metric["weight"])


def ranking(rules: Mapping[str, Any], period: str, sums: Mapping[str, Sums]) -> list[Row]:
    """Rank units by their sums; metrics without weight in the period are left out."""
    metrics = [metric for metric in rules["metrics"] if weight_in(metric, period) > 0]
    columns = [_column(metric, period, sums, rules["digits"]) for metric in metrics]
    scored = {unit: tuple(column[unit] for column in columns) for unit in sums}
    scores = {unit: sum((each.points for each in row), Decimal()) for unit, row in scored.items()}
    rows = [
        Row(unit, 1 + sum(other > score for other in scores.values()), score, scored[unit])
        for unit, score in scores.items()
    ]
    return sorted(rows, key=lambda row: (row.rank, row.unit))


def raw_value(metric: Mapping[str, Any], sums: tuple[Fraction, Fraction]) -> Fraction | None:
    """Give the value that a metric is judged by: percent, 亿元, mu or a number."""
    numerator, denominator = sums
    match metric["sort"]:
        case Sort.RATE:
            return None if denominator == 0 else 100 * numerator / denominator
        case Sort.MONEY:
            return numerator / YI
    return numerator


def _column(
    metric: Mapping[str, Any], period: str, sums: Mapping[str, Sums], digits: int
) -> dict[str, Scored]:
    """Score one metric for every unit."""
    code, weight = metric["code"], weight_in(metric, period)
    raws = {unit: raw_value(metric, told[code]) for unit, told in sums.items()}
    known = [raw for raw in raws.values() if raw is not None]
    bounds = (min(known), max(known)) if known else (Fraction(), Fraction())
    return {
        unit: Scored(
            code,
            None if raw is None else half_up(raw, digits),
            half_up(Fraction(weight) * _points(metric, raw, bounds), digits),
            weight,
        )
        for unit, raw in raws.items()
    }


def _points(
    metric: Mapping[str, Any], raw: Fraction | None, bounds: tuple[Fraction, Fraction]
) -> Fraction:
    """Give the points of one value before its weight."""
    lowest, highest = bounds
    neutral = Fraction(metric["neutral"])
    match metric["points"]:
        case "ratio":
            if raw is None:
                return neutral
            return max(min(raw / Fraction(metric["target"]), Fraction(metric["cap"])), Fraction())
        case "min-max":
            if raw is None or lowest == highest:
                return neutral
            return (raw - lowest) / (highest - lowest)
        case "bands":
            return _band(metric["bands"], raw, neutral)
    assert raw is not None
    counted = raw * Fraction(metric["each"])
    if metric["max_points"] is not None:
        counted = min(counted, Fraction(metric["max_points"]))
    return -counted if metric["points"] == "malus" else counted


def _band(bands: list[dict[str, str]], raw: Fraction | None, neutral: Fraction) -> Fraction:
    """Give the points of the highest band reached, or a share of the best without a value."""
    if raw is None:
        return neutral * Fraction(bands[0]["points"])
    reached = (band["points"] for band in bands if raw >= Fraction(band["at_least"]))
    return Fraction(next(reached, "0"))
