"""Post-evaluation: what was delivered against what was agreed (后评价).

Agreed and actual values are those an evaluation kept, or an agreement and the operating results:
`{code: {"value" or "target": decimal or {"min", "max"}, "unit"?, "direction"?, "weight"?}}`. The
same values can be scored again under any other policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.ratio import Ratio, half_up

LOWER_IS_BETTER = frozenset({"energy_per_output"})
"""Indicators that are better when lower, where nothing else is agreed."""

TOTAL_DIGITS = 6
"""The total is fixed at so many places before grading, so that every way of dividing agrees."""

WAN_YUAN = 10_000


@dataclass(frozen=True, slots=True)
class Indicator:
    """The score of one agreed indicator.

    `ratio` is the uncapped attainment (1 = exactly as agreed), None when it cannot be told: the
    actual value is missing or nothing above zero was agreed. `points` are out of 100 over all
    indicators, None when the indicator is left out of the total.
    """

    code: str
    unit: str | None
    direction: str
    agreed: Any
    actual: Decimal | None
    ratio: Fraction | None
    weight: Decimal
    points: Fraction | None

    def attainment(self, digits: int = 1) -> Decimal | None:
        """Give the uncapped attainment in percent, rounded half up once."""
        return None if self.ratio is None else half_up(self.ratio * 100, digits)

    def points_shown(self, digits: int = 1) -> Decimal | None:
        """Give the points, rounded half up once."""
        return None if self.points is None else half_up(self.points, digits)


@dataclass(frozen=True, slots=True)
class Scored:
    """All indicators in order of their codes, their total at six places, and the grade.

    Total and grade are None when no indicator could be scored.
    """

    indicators: tuple[Indicator, ...]
    total: Decimal | None
    grade: str | None


def score(
    agreed: Mapping[str, Any],
    actual: Mapping[str, Any],
    rules: dict[str, Any],
    peers: Mapping[str, Fraction] | None = None,
) -> Scored:
    """Score what was delivered under the rules of a post-evaluation policy.

    points = weight x min(ratio, cap) x 100 / (sum of the weights of all indicators that count).
    An indicator with nothing above zero agreed does not count. A missing actual value counts 0, is
    left out, or takes the mean capped ratio of `peers` (left out where that is missing too), as the
    policy says. A weight is the agreement's, else the policy's for the code, else its default. The
    total is rounded half up to six places; the grade is the first whose `at_least` it reaches.
    """
    read = [_read(code, agreed[code], actual.get(code), rules) for code in sorted(agreed)]
    shares = [_share(indicator, rules, peers or {}) for indicator in read]
    weights = sum(
        (Fraction(i.weight) for i, share in zip(read, shares, strict=True) if share is not None),
        Fraction(),
    )
    if weights == 0:
        return Scored(tuple(read), None, None)
    indicators = tuple(
        _with_points(indicator, share, weights)
        for indicator, share in zip(read, shares, strict=True)
    )
    points = (i.points for i in indicators if i.points is not None)
    total = half_up(sum(points, Fraction()), TOTAL_DIGITS)
    return Scored(indicators, total, grade(total, rules))


def grade(total: Decimal, rules: dict[str, Any]) -> str:
    """Give the grade of a total: the first, from the highest, whose threshold it reaches."""
    reached = (step for step in rules["grades"] if total >= Decimal(step["at_least"]))
    return str(next(reached, rules["grades"][-1])["grade"])


def attained(agreed: Any, actual: Decimal, direction: str) -> Fraction | None:
    """Divide by direction: higher actual / agreed, lower agreed / actual, range 1 inside.

    Outside a range it is the ratio to the nearer end: actual / min below, max / actual above.
    Nothing above zero agreed (for higher and lower) gives None. A negative actual value attains 0
    where higher is better; an actual value of zero or below attains the agreed lower limit fully
    (1), since nothing can be divided by it. A range where one value is wanted, one value where a
    range is, and what would be divided by zero or less give None.
    """
    delivered = Fraction(actual)
    if isinstance(agreed, Mapping) != (direction == "range"):
        return None
    if direction == "range":
        return _in_range(Fraction(agreed["min"]), Fraction(agreed["max"]), delivered)
    wanted = Fraction(agreed)
    if wanted <= 0:
        return None
    if direction == "lower":
        return Fraction(1) if delivered <= 0 else wanted / delivered
    return max(delivered, Fraction(0)) / wanted


def per_mu(yuan: int | Fraction, mu: Decimal) -> Ratio:
    """Give an amount over land in 万元/亩 (tax, output or investment per mu)."""
    return Ratio(Fraction(yuan) / WAN_YUAN, mu)


def mean_per_mu(parts: Iterable[tuple[int, Decimal]]) -> tuple[Ratio, Ratio]:
    """Give the mean of a portfolio in 万元/亩: weighted (sum over sum) and simple (mean of ratios).

    Projects without land above zero are left out of the simple mean, not of the weighted one.
    """
    every = list(parts)
    weighted = per_mu(sum(yuan for yuan, _ in every), sum((mu for _, mu in every), Decimal()))
    shares = [share for yuan, mu in every if (share := per_mu(yuan, mu).exact()) is not None]
    return weighted, Ratio(sum(shares, Fraction()), len(shares))


def _read(code: str, agreed: Any, actual: Any, rules: dict[str, Any]) -> Indicator:
    wanted = agreed.get("value", agreed.get("target"))
    delivered = _number(actual)
    usual = "lower" if code in LOWER_IS_BETTER else "higher"
    if isinstance(wanted, Mapping):
        usual = "range"
    direction = agreed.get("direction") or usual
    weight = agreed.get("weight") or rules["weights"].get(code) or rules["default_weight"]
    return Indicator(
        code=code,
        unit=agreed.get("unit"),
        direction=direction,
        agreed=wanted,
        actual=delivered,
        ratio=None if delivered is None else attained(wanted, delivered, direction),
        weight=Decimal(weight),
        points=None,
    )


def _number(actual: Any) -> Decimal | None:
    if actual is None:
        return None
    value = actual["value"]
    return None if isinstance(value, Mapping) else Decimal(value)


def _share(
    indicator: Indicator, rules: dict[str, Any], peers: Mapping[str, Fraction]
) -> Fraction | None:
    if indicator.ratio is not None:
        return min(indicator.ratio, Fraction(rules["cap"]))
    if indicator.actual is not None or rules["missing"] == "excluded":
        return None
    return Fraction(0) if rules["missing"] == "zero" else peers.get(indicator.code)


def _with_points(indicator: Indicator, share: Fraction | None, weights: Fraction) -> Indicator:
    if share is None:
        return indicator
    points = Fraction(indicator.weight) * share * 100 / weights
    return replace(indicator, points=points)


def _in_range(low: Fraction, high: Fraction, actual: Fraction) -> Fraction | None:
    if low <= actual <= high:
        return Fraction(1)
    if actual > high:
        return max(high, Fraction(0)) / actual if actual > 0 else None
    return max(actual, Fraction(0)) / low if low > 0 else None
