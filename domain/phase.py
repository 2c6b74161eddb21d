"""Where a project stands in its life, derived from its facts and never set by anybody.

Every function here takes only facts visible on the judged day: those whose last possible day has
come. A correction or retraction changes the facts, so the phase is simply derived again.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter

import msgspec

from domain.fact import Fact
from domain.marks import Mark

IMPLICIT_PHASE = "1"
"""The phase of a project that names none."""

WHOLE_PROJECT = "project"
"""The scope of a suspension that stops every phase."""

CLOSING_CHECKPOINT = "capacity"
"""The checkpoint of the final post-evaluation, which closes a life."""


class Phase(StrEnum):
    """The phases of a life (签约洽谈、落地审批、开工建设、竣工投产、达产达效 and around them)."""

    LEAD = "lead"
    SIGNING = "signing"
    LANDING = "landing"
    CONSTRUCTION = "construction"
    COMMISSIONING = "commissioning"
    CAPACITY = "capacity"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


RANK: dict[Phase, int] = {
    Phase.TERMINATED: -3,
    Phase.WITHDRAWN: -2,
    Phase.SUSPENDED: -1,
    Phase.LEAD: 0,
    Phase.SIGNING: 1,
    Phase.LANDING: 2,
    Phase.CONSTRUCTION: 3,
    Phase.COMMISSIONING: 4,
    Phase.CAPACITY: 5,
    Phase.CLOSED: 6,
}
"""How far each phase is; a phase that stands still is less advanced than any that moves."""

EVIDENCE: dict[str, Phase] = {
    "signed": Phase.SIGNING,
    "approved": Phase.LANDING,
    "admitted": Phase.LANDING,
    "land_awarded": Phase.LANDING,
    "premises_secured": Phase.LANDING,
    "permit_applied": Phase.LANDING,
    "construction_started": Phase.CONSTRUCTION,
    "completion_accepted": Phase.COMMISSIONING,
    "trial_production": Phase.COMMISSIONING,
    "commissioned": Phase.COMMISSIONING,
    "capacity_reached": Phase.CAPACITY,
}
"""The phase that a mark proves. A phase of a life is the furthest that any of its marks proves,
whatever marks are missing before it."""

PROJECT_WIDE = frozenset(
    {"registered", "signed", "code_assigned", "approved", "pre_assessed", "admitted"}
)
"""Marks that prove their phase for every phase of the project. All other marks without a phase
belong to the default phase."""


_STOPS = frozenset({"suspended", "resumed", "withdrawn", "terminated"})


class PhaseDefinition(msgspec.Struct, frozen=True, gc=False):
    """One phase of a project as last defined; `fact` is None for a phase that is only mentioned."""

    id: str
    ordinal: int | None
    fact: Fact | None

    @property
    def place(self) -> tuple[bool, int, str]:
        """Order phases: defined ones by ordinal, then mentioned ones; ties by id."""
        return (self.ordinal is None, self.ordinal or 0, self.id)


def phases_of(facts: Iterable[Fact], marks: Iterable[Mark]) -> list[PhaseDefinition]:
    """Give the phases of a project in order; the first is the default phase.

    They are those that PhaseDefined facts define (the last in fold order holds for each id) and
    those that other marks mention. A project without either has the implicit phase "1".
    """
    mentioned = {mark.fact.phase_id for mark in marks}
    found = {name: PhaseDefinition(name, None, None) for name in mentioned if name is not None}
    defined = [fact for fact in facts if fact.kind == "PhaseDefined"]
    for fact in sorted(defined, key=attrgetter("order_key")):
        if fact.phase_id is not None:
            ordinal = int(fact.payload["ordinal"])
            found[fact.phase_id] = PhaseDefinition(fact.phase_id, ordinal, fact)
    phases = list(found.values()) or [PhaseDefinition(IMPLICIT_PHASE, None, None)]
    return sorted(phases, key=lambda phase: phase.place)


def own_phase(mark: Mark, default: str) -> str:
    """Give the phase a mark belongs to: the one it names, else the default phase."""
    return mark.phase_id or default


def stops_of(marks: Iterable[Mark]) -> list[Mark]:
    """Give the marks that decide whether phases stand still; there are seldom any."""
    return [mark for mark in marks if mark.name in _STOPS]


def halted(marks: Sequence[Mark], phase_id: str) -> Phase | None:
    """Say whether a phase stands still: TERMINATED, else WITHDRAWN, else SUSPENDED, else None.

    `marks` are in fold order. A termination or withdrawal anywhere ends the whole project for good.
    A phase is suspended when the last suspension or resumption whose scope is the whole project or
    this phase is a suspension.
    """
    stops = stops_of(marks)
    names = {mark.name for mark in stops}
    if "terminated" in names:
        return Phase.TERMINATED
    if "withdrawn" in names:
        return Phase.WITHDRAWN
    state = None
    for mark in stops:
        if mark.detail in {None, WHOLE_PROJECT, phase_id}:
            state = Phase.SUSPENDED if mark.name == "suspended" else None
    return state


def progress(marks: Sequence[Mark], phase_id: str, default: str) -> Phase:
    """Give the furthest phase that marks prove, as if nothing had ever been suspended or ended.

    CAPACITY becomes CLOSED with a post-evaluation of the checkpoint `capacity`.
    """
    proved = {
        EVIDENCE[mark.name]
        for mark in marks
        if mark.name in EVIDENCE
        and (mark.name in PROJECT_WIDE or own_phase(mark, default) == phase_id)
    }
    furthest = max(proved, key=RANK.__getitem__, default=Phase.LEAD)
    if furthest is Phase.CAPACITY and any(map(_closes, marks)):
        return Phase.CLOSED
    return furthest


def phase_now(marks: Sequence[Mark], phase_id: str, default: str) -> Phase:
    """Give the phase to show: the halt, unless the life is closed, else the progress.

    A closed life stays closed under a suspension; termination and withdrawal show over everything.
    """
    reached, halt = progress(marks, phase_id, default), halted(marks, phase_id)
    if halt is None or (halt is Phase.SUSPENDED and reached is Phase.CLOSED):
        return reached
    return halt


def _closes(mark: Mark) -> bool:
    return mark.name == "post_evaluated" and mark.detail == CLOSING_CHECKPOINT
