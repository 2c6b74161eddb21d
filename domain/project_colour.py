"""The colour of a project: its nodes together, and how its investment keeps pace with time."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from domain.colour import Colour, NodeColour, worst
from domain.investment import plan_to_date
from domain.phase import Phase
from domain.ratio import Number

_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "ge": lambda measured, threshold: measured >= threshold,
    "gt": lambda measured, threshold: measured > threshold,
    "lt": lambda measured, threshold: measured < threshold,
}

_POINTS = {Colour.RED: 2, Colour.YELLOW: 1, Colour.GREEN: 0}


def project_colour(
    judged: Sequence[NodeColour],
    rules: dict[str, Any] | None,
    halt: Phase | None = None,
    pace: Colour = Colour.GREY,
) -> Colour:
    """Judge a project by its nodes and, where the policy wants it, its pace.

    `halt` is the halt of the whole project: every phase stands still. Without a policy, after
    termination or withdrawal, and under suspension (unless `suspended = "judged"`) it is grey.
    Otherwise it is the worse of the nodes' colour and the pace, where grey is no judgement.
    """
    if rules is None or halt in {Phase.TERMINATED, Phase.WITHDRAWN}:
        return Colour.GREY
    if halt is Phase.SUSPENDED and rules["suspended"] == "grey":
        return Colour.GREY
    nodes = nodes_colour(judged, rules)
    return worst([nodes, pace]) if rules["pace"]["enabled"] else nodes


def nodes_colour(judged: Sequence[NodeColour], rules: dict[str, Any]) -> Colour:
    """Bring the colours of the nodes together.

    Without any planned node it is `no_plan`; with all planned nodes done green. Otherwise the open
    nodes and those kept red decide, grey ones left out (only grey ones give grey):
    `worst-open` the worst of them; `next-node` the worst of those with the earliest due day;
    `weighted` the mean of red 2, yellow 1, green 0 by the weights of the nodes, red from
    `red_at`, yellow from `yellow_at`.
    """
    planned = [each for each in judged if each.windows is not None]
    if not planned:
        return Colour(rules["no_plan"])
    counting = [each for each in planned if each.counts]
    if not counting:
        return Colour.GREEN
    live = [each for each in counting if each.colour is not Colour.GREY]
    if rules["aggregate"] == "weighted" and live:
        return _weighted(live, rules)
    if rules["aggregate"] == "next-node":
        soonest = min((e.windows.due for e in live if e.windows is not None), default=None)
        live = [e for e in live if e.windows is not None and e.windows.due == soonest]
    return worst([each.colour for each in live])


def pace_colour(ytd: Number, plan: Number, month: int, rules: dict[str, Any]) -> Colour:
    """Judge investment against time; `rules` is the part `pace` of a colour policy.

    `month` is the last month of the year that is over (the last day of the month counts as over);
    0 means none. The plan to date is plan x month / 12, and the measure is by unit: `pp` = month /
    12 - ytd / plan in percentage points, negative when ahead; `shortfall` = the missing percent of
    the plan to date; `ratio` = the done percent of it. All exact. Red is tried first. Grey without
    a plan above zero or before the end of January.
    """
    if plan <= 0 or month <= 0:
        return Colour.GREY
    due = plan_to_date(plan, month)
    done = Fraction(ytd)
    measured = {
        "pp": (due - done) / Fraction(plan) * 100,
        "shortfall": (due - done) / due * 100,
        "ratio": done / due * 100,
    }[rules["unit"]]
    for colour in (Colour.RED, Colour.YELLOW):
        threshold = rules[colour.value]
        if _COMPARE[threshold["comparator"]](measured, Fraction(threshold["threshold"])):
            return colour
    return Colour.GREEN


def _weighted(live: Sequence[NodeColour], rules: dict[str, Any]) -> Colour:
    nodes = rules["node"]
    weights = [Fraction(nodes.get(e.node.node, nodes["*"])["weight"]) for e in live]
    score = sum((w * _POINTS[e.colour] for w, e in zip(weights, live, strict=True)), Fraction())
    mean = score / sum(weights)
    if mean >= Fraction(rules["weighted"]["red_at"]):
        return Colour.RED
    return Colour.YELLOW if mean >= Fraction(rules["weighted"]["yellow_at"]) else Colour.GREEN
