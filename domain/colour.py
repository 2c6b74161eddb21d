"""Three colours: how late a node, and how far behind a project, under a colour policy.

A colour is a judgement, never a fact: it depends on the day and on the policy in force that day.
`rules` below is always the plain form that `domain.colour_rules` describes.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import MAXYEAR, date
from enum import StrEnum
from typing import Any

import msgspec

from domain.colour_words import EXPLANATIONS, Reason
from domain.flexdate import FlexDate
from domain.phase import Phase
from domain.words import Language
from domain.working_days import CalendarUnknown, shift


class Colour(StrEnum):
    """Red overdue, yellow warning, green normal, grey not judged."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    GREY = "grey"


SEVERITY: dict[Colour, int] = {Colour.GREY: 0, Colour.GREEN: 1, Colour.YELLOW: 2, Colour.RED: 3}
"""Worse is greater; grey is no judgement, so any other colour outweighs it."""


def worst(colours: Sequence[Colour]) -> Colour:
    """Give the worst of some colours; grey when there are none."""
    return max(colours, key=SEVERITY.__getitem__, default=Colour.GREY)


class PlannedNode(msgspec.Struct, frozen=True, gc=False):
    """One node of one phase: its planned and its actual date.

    The plan is already chosen by the policy's baseline. `warning_days` of the plan itself, where
    given, replace those of the policy.
    """

    node: str
    phase_id: str
    planned: FlexDate | None
    actual: FlexDate | None = None
    warning_days: int | None = None


class Windows(msgspec.Struct, frozen=True, gc=False):
    """The days that decide a node's colour.

    `due` is the planned day; open on `warned` or later is yellow, open after `deadline` is red.
    """

    due: date
    warned: date
    deadline: date


class NodeColour(msgspec.Struct, frozen=True, gc=False):
    """The colour of one node with everything that explains it.

    `days_late` counts calendar days from the due day (not the deadline) to the day it was done, or
    to the judged day while it is open; at least 0. It is None without a plan, under a halt and
    without a policy.
    """

    node: PlannedNode
    colour: Colour
    reason: Reason
    windows: Windows | None = None
    days_late: int | None = None

    @property
    def done(self) -> bool:
        """Say whether the node, which has a plan, is done."""
        return self.reason in {Reason.DONE_IN_TIME, Reason.DONE_LATE, Reason.KEPT_RED}

    def explanation(self, language: Language) -> str:
        """Say why it has its colour."""
        windows, node = self.windows, self.node
        return EXPLANATIONS[self.reason].fill(
            language,
            planned="" if node.planned is None else node.planned.text,
            actual="" if node.actual is None else node.actual.text,
            warned="" if windows is None else windows.warned,
            deadline="" if windows is None else windows.deadline,
            days=self.days_late,
        )

    @property
    def counts(self) -> bool:
        """Say whether it weighs in the project's colour: open, or kept red although done."""
        return self.windows is not None and (not self.done or self.reason is Reason.KEPT_RED)


def windows_of(node: PlannedNode, rules: dict[str, Any]) -> Windows | None:
    """Find the deciding days of a node, or None without a plan. Raises CalendarUnknown.

    The due day is the last day of the planned date (the first with `month_precision_due =
    "period-start"`; both agree for an exact day); with `due = "month-end"` the last day of its
    month. The deadline is the due day plus `grace_months` (the last day of a month stays the last
    day; else the day is cut to the month's length) plus `grace_days`. The warning begins
    `warning_days` before the due day, after it when negative. Days of grace and warning are
    calendar days, or with `count_days = "work"` working days (see `domain.working_days.shift`).
    """
    if node.planned is None:
        return None
    own = rules["node"].get(node.node, rules["node"]["*"])
    due = node.planned.latest
    if rules["month_precision_due"] == "period-start":
        due = node.planned.earliest
    if own["due"] == "month-end":
        due = due.replace(day=monthrange(due.year, due.month)[1])
    warning = own["warning_days"] if node.warning_days is None else node.warning_days
    return Windows(
        due=due,
        warned=_moved(due, -warning, rules),
        deadline=_moved(_months_later(due, own["grace_months"]), own["grace_days"], rules),
    )


def node_colour(
    node: PlannedNode, rules: dict[str, Any] | None, on: date, halt: Phase | None = None
) -> NodeColour:
    """Judge one node on a day.

    In this order: no policy (rules None) grey; no planned date `no_plan`; done on or before the
    deadline green, done later `late_done`; open under termination or withdrawal grey; open under
    suspension grey, unless `suspended = "judged"`; open after the deadline red; open from the
    warning on yellow; else green.
    A coarse actual date is taken at its last day. With
    `late_done = "keep-red-until-next-node"` a late node is red here; `node_colours` knows its
    neighbours. An actual date counts once its last day has come.
    """
    if rules is None:
        return NodeColour(node, Colour.GREY, Reason.NO_POLICY)
    try:
        windows = windows_of(node, rules)
    except CalendarUnknown:
        return NodeColour(node, Colour.GREY, Reason.CALENDAR_UNKNOWN)
    if windows is None:
        return NodeColour(node, Colour(rules["no_plan"]), Reason.NO_PLAN)
    if node.actual is not None and node.actual.latest <= on:
        return _done(node, windows, rules, node.actual.latest)
    if halt is not None and (halt is not Phase.SUSPENDED or rules["suspended"] == "grey"):
        reason = Reason.SUSPENDED if halt is Phase.SUSPENDED else Reason.ENDED
        return NodeColour(node, Colour.GREY, reason, windows)
    return _open(node, windows, on)


def node_colours(
    nodes: Sequence[PlannedNode],
    rules: dict[str, Any] | None,
    on: date,
    halts: dict[str, Phase | None],
) -> list[NodeColour]:
    """Judge all nodes of a project on a day, each under the halt of its phase.

    A node kept red turns green once the next planned node of its phase is done: the one with the
    earliest later due day, of several all. Without a next node it is green.
    """
    judged = [node_colour(node, rules, on, halts.get(node.phase_id)) for node in nodes]
    return [_released(each, judged) for each in judged]


def _done(node: PlannedNode, windows: Windows, rules: dict[str, Any], day: date) -> NodeColour:
    late = max((day - windows.due).days, 0)
    if day <= windows.deadline:
        return NodeColour(node, Colour.GREEN, Reason.DONE_IN_TIME, windows, late)
    if rules["late_done"] == "keep-red-until-next-node":
        return NodeColour(node, Colour.RED, Reason.KEPT_RED, windows, late)
    return NodeColour(node, Colour(rules["late_done"]), Reason.DONE_LATE, windows, late)


def _open(node: PlannedNode, windows: Windows, on: date) -> NodeColour:
    late = max((on - windows.due).days, 0)
    if on > windows.deadline:
        return NodeColour(node, Colour.RED, Reason.OVERDUE, windows, late)
    colour = Colour.YELLOW if on >= windows.warned else Colour.GREEN
    if late:
        return NodeColour(node, colour, Reason.IN_GRACE, windows, late)
    reason = Reason.WARNING if colour is Colour.YELLOW else Reason.ON_TRACK
    return NodeColour(node, colour, reason, windows, late)


def _released(each: NodeColour, judged: Sequence[NodeColour]) -> NodeColour:
    if each.reason is not Reason.KEPT_RED or each.windows is None:
        return each
    due = each.windows.due
    later = [
        (other.windows.due, other.done)
        for other in judged
        if other.windows is not None
        and other.node.phase_id == each.node.phase_id
        and other.windows.due > due
    ]
    soonest = min((day for day, _ in later), default=None)
    if all(done for day, done in later if day == soonest):
        return NodeColour(each.node, Colour.GREEN, Reason.DONE_LATE, each.windows, each.days_late)
    return each


def _moved(day: date, by: int, rules: dict[str, Any]) -> date:
    if rules["count_days"] == "work":
        return shift(day, by)
    # Some systems plan what has no date for 9999-12-31; no judged day lies beyond the last one.
    ordinal = min(max(day.toordinal() + by, date.min.toordinal()), date.max.toordinal())
    return date.fromordinal(ordinal)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    length = monthrange(year, month + 1)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month + 1, length if is_last else min(day.day, length))
