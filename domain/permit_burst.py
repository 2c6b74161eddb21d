"""Permits issued together (N 证齐发)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domain.fact import Fact
from domain.flexdate import Precision


@dataclass(frozen=True, slots=True)
class PermitBurst:
    """The most distinct kinds of one set that were issued within one window.

    `on` is the day the last of them was issued, `kinds` are in the order of the set, `set_name`
    names the set when enough were issued and is None otherwise.
    """

    on: date
    count: int
    kinds: tuple[str, ...]
    set_name: str | None


def permit_burst(facts: Iterable[Fact], rules: dict[str, Any]) -> PermitBurst | None:
    """Find the best window of a project's PermitIssued facts; None without any dated permit.

    `rules` are those of a permit-set policy. Only dates exact to the day count. A window is
    `window_days` + 1 consecutive calendar days; a kind issued several times in it counts once. Of
    windows with the same count the one that begins first wins.
    """
    issued = _issued(facts, rules["kinds"])
    best: PermitBurst | None = None
    for start in sorted({day for day, _ in issued}):
        end = start + timedelta(days=rules["window_days"])
        within = [(day, kind) for day, kind in issued if start <= day <= end]
        count = len({kind for _, kind in within})
        if best is None or count > best.count:
            best = _burst(within, rules)
    return best


def _issued(facts: Iterable[Fact], kinds: Sequence[str]) -> list[tuple[date, str]]:
    return [
        (fact.occurred_on.earliest, str(fact.payload["permit_kind"]))
        for fact in facts
        if fact.kind == "PermitIssued"
        and fact.payload["permit_kind"] in kinds
        and fact.occurred_on.precision <= Precision.DAY
    ]


def _burst(within: Sequence[tuple[date, str]], rules: dict[str, Any]) -> PermitBurst:
    found = {kind for _, kind in within}
    return PermitBurst(
        on=max(day for day, _ in within),
        count=len(found),
        kinds=tuple(kind for kind in rules["kinds"] if kind in found),
        set_name=rules["name"] if len(found) >= rules["at_least"] else None,
    )
