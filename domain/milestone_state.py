"""The nodes of a project with what was planned, what happened and what was moved.

Every function here takes only facts visible on the judged day.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec

from domain.colour import PlannedNode
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.marks import Mark
from domain.milestones import Milestone
from domain.phase import PROJECT_WIDE

NODES = tuple(str(milestone) for milestone in Milestone)

_PLANNING = frozenset({"MilestonePlanned", "MilestoneReplanned"})
_PLACES = {node: place for place, node in enumerate(NODES)}

COMPLETE = str(Milestone.PERMITS_COMPLETE)
"""The node that no single fact sets: every kind of the permit set in force was issued."""


class Plan(msgspec.Struct, frozen=True, gc=False):
    """One plan or re-plan of a node in a phase."""

    fact: Fact
    phase_id: str
    node: str
    planned: FlexDate
    replan: bool
    new_baseline: bool


class MilestoneState(msgspec.Struct, frozen=True, gc=False):
    """One node of one phase.

    `plans` are all its plans and re-plans in fold order, `actual` the first mark in fold order that
    reached it.
    """

    phase_id: str
    node: str
    plans: tuple[Plan, ...]
    actual: Mark | None

    @property
    def planned(self) -> FlexDate | None:
        """Give the date in force: that of the last plan or re-plan."""
        return self.plans[-1].planned if self.plans else None

    @property
    def original(self) -> FlexDate | None:
        """Give the date that was planned first; nothing changes it."""
        return self.plans[0].planned if self.plans else None

    @property
    def baseline(self) -> FlexDate | None:
        """Give the first date, or that of the last re-plan that counts as a new baseline."""
        agreed = [plan.planned for plan in self.plans if plan.new_baseline]
        return agreed[-1] if agreed else self.original

    @property
    def replans(self) -> int:
        """Count how often the date was moved."""
        return sum(plan.replan for plan in self.plans)

    @property
    def responsible(self) -> Fact | None:
        """Give the last plan (no re-plan), which names the responsible unit and person."""
        return next((plan.fact for plan in reversed(self.plans) if not plan.replan), None)

    def judged(self, baseline: str) -> PlannedNode:
        """Give the node to judge, under the baseline `current` or `original` of a policy.

        Warning days are those of the last plan that names the responsible, if it states any.
        """
        plan = self.responsible
        return PlannedNode(
            node=self.node,
            phase_id=self.phase_id,
            planned=self.baseline if baseline == "original" else self.planned,
            actual=None if self.actual is None else self.actual.on,
            warning_days=None if plan is None else plan.payload.get("warning_days"),
        )


def plans_of(facts: Sequence[Fact], default: str) -> list[Plan]:
    """Give all plans and re-plans in fold order, each with the phase it belongs to.

    A re-plan that names no phase belongs to the phase of the first plan, in fold order, with its
    plan id and node; without one, like a plan that names none, to the default phase.
    """
    plans = [fact for fact in facts if fact.kind in _PLANNING]
    ordered = sorted(plans, key=attrgetter("order_key"))
    phases: dict[tuple[str, str], str] = {}
    for fact in ordered:
        if fact.kind == "MilestonePlanned":
            phases.setdefault(_identity(fact), fact.phase_id or default)
    elsewhere = {plan: phase for plan, phase in phases.items() if phase != default}
    return [_plan(fact, elsewhere, default) for fact in ordered]


def completed(marks: Iterable[Mark], kinds: Iterable[str], default: str) -> list[Mark]:
    """Give a mark `permits_complete` for every phase that has all permits of a set.

    A phase has them once each of the kinds was issued to it (a permit without a phase belongs to
    the default phase), at any precision of the date. The mark is that of the permit which came
    last, of each kind the first in fold order counting. An empty set is never complete.
    """
    wanted = set(kinds)
    firsts: dict[str, dict[str, Mark]] = {}
    permits = [mark for mark in marks if mark.detail in wanted and mark.name == "permit_issued"]
    for mark in sorted(permits, key=attrgetter("fact.order_key")):
        issued = firsts.setdefault(mark.fact.phase_id or default, {})
        issued.setdefault(str(mark.detail), mark)
    full = (list(issued.values()) for issued in firsts.values() if len(issued) == len(wanted))
    # The firsts were found in fold order, so the last of them completed the set.
    return [Mark(COMPLETE, marks_of_phase[-1].fact) for marks_of_phase in full]


def milestones(plans: Iterable[Plan], marks: Iterable[Mark], default: str) -> list[MilestoneState]:
    """Give every node that is planned or reached, by phase and in the order of a usual life.

    A node is reached by the first mark, in fold order, of its name in its phase; for nodes of the
    whole project (`domain.phase.PROJECT_WIDE`) a mark in any phase counts. A mark of a node without
    a plan in its own phase (the default phase, where it names none) gives a state without a plan.
    """
    nodes = [mark for mark in marks if mark.name in _PLACES]
    nodes.sort(key=attrgetter("fact.order_key"))
    nodes.reverse()
    planned: dict[tuple[str, str], list[Plan]] = {}
    for plan in plans:
        planned.setdefault((plan.phase_id, plan.node), []).append(plan)
    # From the last to the first, so that the first stays.
    reached = {(mark.fact.phase_id or default, mark.name): mark for mark in nodes}
    anywhere = {mark.name: mark for mark in nodes if mark.name in PROJECT_WIDE}
    keys = sorted({*planned, *reached}, key=lambda key: (key[0], _PLACES[key[1]]))
    return [
        MilestoneState(
            phase_id=phase,
            node=node,
            plans=tuple(planned.get((phase, node), ())),
            actual=anywhere.get(node) or reached.get((phase, node)),
        )
        for phase, node in keys
    ]


def _identity(fact: Fact) -> tuple[str, str]:
    return str(fact.payload["plan_id"]), str(fact.payload["node"])


def _plan(fact: Fact, elsewhere: dict[tuple[str, str], str], default: str) -> Plan:
    """Read a plan or re-plan; `elsewhere` are the phases of plans outside the default phase."""
    payload, replan = fact.payload, fact.kind == "MilestoneReplanned"
    phase_id = fact.phase_id
    if phase_id is None and replan and elsewhere:
        phase_id = elsewhere.get(_identity(fact))
    return Plan(
        fact,
        phase_id or default,
        str(payload["node"]),
        FlexDate.parse(str(payload["new" if replan else "planned"])),
        replan,
        replan and bool(payload["counts_as_new_baseline"]),
    )
