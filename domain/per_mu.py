"""Grade projects by their yields of a year, against each other (亩均论英雄).

Everything is exact until points are rounded, once, half up; scores add up rounded points.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.per_mu_rules import ALL, YIELDS
from domain.ratio import half_up

Results = Mapping[str, Fraction | None]
"""A year's results of a project: tax, output, revenue, research, energy, staff and land."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A project with the points of each yield, by code, its score, rank and grade."""

    project: str
    points: dict[str, Decimal]
    score: Decimal
    rank: int
    grade: str


def counted_tax(payload: Mapping[str, Any], kinds: Collection[str]) -> int | None:
    """Give the tax of a year's results, of some kinds if any are named, in yuan.

    None where the kinds are wanted and the report does not tell them apart.
    """
    if not kinds:
        return int(payload["tax"]["yuan"])
    taxes = payload.get("taxes")
    if taxes is None:
        return None
    return sum(int(tax["yuan"]) for kind, tax in taxes.items() if kind in kinds)


def yields(results: Results, code: str) -> Fraction | None:
    """Divide; None where a side is missing or there is nothing to divide by."""
    upper, under, scale = YIELDS[code]
    top, bottom = results.get(upper), results.get(under)
    if top is None or not bottom or bottom < 0:
        return None
    return top / (bottom * scale) if scale != 1 else ALL * top / bottom


def graded(rules: Mapping[str, Any], projects: Mapping[str, Results]) -> list[Graded]:
    """Grade all projects that are not exempt; those with equal scores share a rank."""
    digits = rules["digits"]
    points: dict[str, dict[str, Decimal]] = {project: {} for project in projects}
    for metric in rules["metrics"]:
        column = _column(metric, rules["missing"], projects, digits)
        for project, value in column.items():
            points[project][metric["code"]] = value
    whole = sum((Decimal(metric["weight"]) for metric in rules["metrics"]), Decimal())
    scores = {project: _score(rules, told, whole) for project, told in points.items()}
    found = []
    for project, score in scores.items():
        rank = 1 + sum(other > score for other in scores.values())
        share = Fraction(ALL * rank, len(scores))
        grade = next(g["grade"] for g in rules["grades"] if share <= Fraction(g["up_to_percent"]))
        found.append(Graded(project, points[project], score, rank, grade))
    return sorted(found, key=lambda each: (each.rank, each.project))


def _column(
    metric: Mapping[str, Any], missing: str, projects: Mapping[str, Results], digits: int
) -> dict[str, Decimal]:
    """Give the points of one yield; a missing one counts zero, the peers' mean or not at all."""
    values = {project: yields(results, metric["code"]) for project, results in projects.items()}
    known = [value for value in values.values() if value is not None]
    if metric["baseline"] is not None:
        baseline = Fraction(metric["baseline"])
    else:
        mean = sum(known, Fraction()) / len(known) if known else Fraction()
        baseline = Fraction(metric["times_mean"]) * mean
    if baseline <= 0:
        known, values = [], dict.fromkeys(values)
    given = {
        project: half_up(_share(metric, value / baseline), digits)
        for project, value in values.items()
        if value is not None
    }
    if missing == "excluded":
        return given
    lacking = Decimal()
    if missing == "peer-mean" and given:
        lacking = half_up(sum(map(Fraction, given.values()), Fraction()) / len(given), digits)
    return {project: given.get(project, lacking) for project in values}


def _share(metric: Mapping[str, Any], reached: Fraction) -> Fraction:
    """Give the exact points for what was reached of the baseline."""
    return Fraction(metric["weight"]) * max(min(reached, Fraction(metric["cap"])), Fraction())


def _score(rules: Mapping[str, Any], points: Mapping[str, Decimal], whole: Decimal) -> Decimal:
    """Add up points; what is excluded leaves its weight to the others."""
    present = sum(
        (Decimal(metric["weight"]) for metric in rules["metrics"] if metric["code"] in points),
        Decimal(),
    )
    total = Fraction(sum(points.values(), Decimal()))
    if not present:
        return half_up(0, rules["digits"])
    return half_up(total * Fraction(whole) / Fraction(present), rules["digits"])
