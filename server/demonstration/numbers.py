"""Split published totals into whole numbers whose sum is the total again, to the last unit."""

import math
from collections.abc import Sequence
from itertools import permutations
from random import Random

SMALL = 60
"""The largest change that closing a gap may make to a rate."""


def split(total: int, weights: Sequence[float]) -> list[int]:
    """Share a total in proportion to weights by largest remainder; the parts add up exactly."""
    whole = math.fsum(weights)
    quotas = [total * weight / whole for weight in weights]
    parts = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(
        range(len(parts)), key=lambda index: (parts[index] - quotas[index], index)
    )
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def sizes(random: Random, count: int, spread: float = 0.6) -> list[float]:
    """Draw sizes as projects have them: many small ones, a few large ones."""
    return [random.lognormvariate(0.0, spread) for _ in range(count)]


def weigh(shares: Sequence[int], rates: Sequence[float], total: int) -> list[int]:
    """Round rates to whole numbers so that the sum of share times rate is exactly the total."""
    scale = total / math.fsum(share * rate for share, rate in zip(shares, rates, strict=True))
    whole = [round(rate * scale) for rate in rates]
    missing = total - sum(share * rate for share, rate in zip(shares, whole, strict=True))
    for index in sorted(range(len(shares)), key=lambda position: -shares[position]):
        step = int(missing / shares[index])
        whole[index] += step
        missing -= step * shares[index]
    for index, change in _closing(shares, missing):
        whole[index] += change
    return whole


def _closing(shares: Sequence[int], missing: int) -> tuple[tuple[int, int], ...]:
    """Find two small changes that together make up what is missing.

    What is left is smaller than the smallest share, so two shares without a common divisor close
    it. Raises ArithmeticError if no pair does.
    """
    if not missing:
        return ()
    for first, second in permutations(range(len(shares)), 2):
        for change in range(-SMALL, SMALL + 1):
            other, rest = divmod(missing - change * shares[first], shares[second])
            if not rest and abs(other) <= SMALL:
                return ((first, change), (second, other))
    message = f"no pair of {len(shares)} shares closes a gap of {missing}"
    raise ArithmeticError(message)
