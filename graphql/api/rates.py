"""Let each caller ask for so much a second, saved up to a bound; what is asked for costs points.

One point is one object that an operation may give, as `extensions.cost` counts them, so that a
question is paid for before it runs.
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from api.errors import TOO_FAST, Problem

_MOST_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """How many points a second a caller gets, and how many may be saved up; 0 is no limit."""

    points: float = 0.0
    burst: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may still ask for: of how many points how many are left, when all are back.

    Where there were not enough, `wait_seconds` is how long to wait.
    """

    limit: int
    remaining: int
    reset_seconds: int
    wait_seconds: int | None = None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Write it as response headers."""
        wait = self.wait_seconds
        return [
            (b"ratelimit-limit", str(self.limit).encode()),
            (b"ratelimit-remaining", str(self.remaining).encode()),
            (b"ratelimit-reset", str(self.reset_seconds).encode()),
            *([] if wait is None else [(b"retry-after", str(wait).encode())]),
        ]


class TooFast(Problem):
    """More than the caller's points."""

    def __init__(self, cost: int, allowance: Allowance) -> None:
        """Say how long to wait; a cost beyond everything that can be saved up never passes."""
        self.allowance = allowance
        super().__init__(
            f"This asks for {cost} points and {allowance.remaining} are left; ask again in"
            f" {allowance.wait_seconds} seconds, or for less.",
            TOO_FAST,
            cost=cost,
            limit=allowance.limit,
            remaining=allowance.remaining,
            retryAfterSeconds=allowance.wait_seconds,
        )


class Rates:
    """The points of all callers, those seen last."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = monotonic) -> None:
        """Give every caller the same rate."""
        self._rate = rate
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str, cost: int, points: int | None = None) -> Allowance | None:
        """Take the points of one question; None without a limit. Raises TooFast, taking nothing.

        A caller with other `points` a second than all saves up as much longer or shorter.
        """
        rate = self._rate if points is None else self._own(points)
        if not rate.points:
            return None
        now = self._clock()
        left, since = self._left.pop(caller, (float(rate.burst), now))
        left = min(rate.burst, left + (now - since) * rate.points)
        enough = cost <= left
        self._left[caller] = (left - cost if enough else left, now)
        if len(self._left) > _MOST_CALLERS:
            self._forget()
        allowance = _allowance(rate, self._left[caller][0])
        if not enough:
            wait = math.ceil((min(cost, rate.burst) - left) / rate.points)
            raise TooFast(cost, replace(allowance, wait_seconds=max(wait, 1)))
        return allowance

    def _own(self, points: int) -> Rate:
        """Give a rate of other points; what fits into everybody's burst always fits into it."""
        usual = self._rate
        seconds = usual.burst / usual.points if usual.points else 0
        return Rate(points, max(int(points * seconds), usual.burst))

    def _forget(self) -> None:
        """Forget the caller who was seen longest ago, whose points have most likely come back."""
        self._left.popitem(last=False)


def _allowance(rate: Rate, left: float) -> Allowance:
    """Say what is left of a rate."""
    return Allowance(rate.burst, int(left), math.ceil((rate.burst - left) / rate.points))
