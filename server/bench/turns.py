"""Let contenders take turns, so that what else the machine does hits all of them alike."""

import gc
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Contender = Callable[[], float]
"""Works for a moment and gives how much it did a second."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """What each contender reached in each round."""

    speeds: tuple[Mapping[str, float], ...]

    def speed(self, name: str) -> float:
        """Give the median speed of a contender."""
        return median(round_[name] for round_ in self.speeds)

    def ratio(self, name: str, other: str) -> float:
        """Give the median of the rounds' ratios of one contender's speed to another's."""
        return median(round_[name] / round_[other] for round_ in self.speeds)


def taken_in_turns(contenders: Mapping[str, Contender], rounds: int) -> Rounds:
    """Run so many rounds; in each one every contender has a turn, in an order that changes."""
    # What was measured before must not burden the collector while this is.
    gc.collect()
    gc.freeze()
    order = random.Random(rounds)
    speeds = []
    for _ in range(rounds):
        names = list(contenders)
        order.shuffle(names)
        speeds.append({name: contenders[name]() for name in names})
    return Rounds(tuple(speeds))


def speed_of(work: Callable[[], object], *, seconds: float) -> float:
    """Repeat some work for a while and give how often a second it was done."""
    start = perf_counter()
    times = 0
    while True:
        work()
        times += 1
        spent = perf_counter() - start
        if spent >= seconds:
            return times / spent
