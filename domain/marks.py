"""The marks that facts leave on a life: what happened, when, in which phase, in which form.

A mark is a milestone that was reached, or one of the further marks that judgements need:
`permit_issued`, `permit_applied`, `premises_secured`, `simulated_approval_opened`, `suspended`,
`resumed`, `withdrawn`, `terminated`, `start_verified`, `equipment_installed`, and, only here,
`simulated_review` (a reported status of a simulated case), `listed` and `investment_reported`.
"""

from collections.abc import Iterable
from operator import attrgetter

import msgspec

from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.milestones import reached

DETAILS = {
    "AdmissionDecided": "outcome",
    "CompletionAccepted": "scope",
    "ConstructionStarted": "basis",
    "InvestmentApprovalObtained": "mode",
    "PermitIssued": "permit_kind",
    "PermitStatusReported": "permit_kind",
    "PostEvaluationCompleted": "checkpoint",
    "PremisesSecured": "kind",
    "PhysicalProgressReported": "element",
    "ProjectResumed": "scope",
    "ProjectSuspended": "scope",
    "ProjectTerminated": "ground",
    "ProjectWithdrawn": "reason_code",
    "StartVerified": "verdict",
}
"""The payload field of a kind that says more about its marks."""

INSTALLED = "equipment_installed"
PLACING = frozenset({"PremisesSecured", "LandAwarded"})
"""The kinds that say where a phase stands: in premises, or on a plot of its own."""

_FURTHER = {"ProjectListed": ("listed",), "InvestmentReported": ("investment_reported",)}

SILENT = frozenset({"MilestonePlanned", "MilestoneReplanned"})
"""The commonest kinds that leave no mark, left out unasked."""


class Mark(msgspec.Struct, frozen=True, gc=False):
    """One mark; `phase_id` is None when the fact names no phase."""

    name: str
    fact: Fact
    detail: str | None = None

    @property
    def on(self) -> FlexDate:
        """Give the date of the fact."""
        return self.fact.occurred_on

    @property
    def phase_id(self) -> str | None:
        """Give the phase that the fact names."""
        return self.fact.phase_id

    @property
    def order_key(self) -> str:
        """Give the place in the fold."""
        return self.fact.order_key


def marks_of(*facts: Fact) -> list[Mark]:
    """Give the marks that facts leave, one after the other."""
    marks: list[Mark] = []
    for fact in facts:
        kind, payload = fact.kind, fact.payload
        if kind in SILENT:
            continue
        names = _FURTHER.get(kind) or reached(kind, payload)
        if not names and kind == "PermitStatusReported" and payload.get("simulated"):
            names = ("simulated_review",)
        if names:
            field = DETAILS.get(kind)
            detail = None if field is None else payload.get(field)
            told = None if detail is None else str(detail)
            for name in names:
                marks.append(Mark(name, fact, told))  # noqa: PERF401 - most often just one
    return marks


def all_marks(facts: Iterable[Fact]) -> list[Mark]:
    """Give the marks of many facts, in fold order."""
    told = sorted(facts, key=attrgetter("order_key"))
    marks = marks_of(*told)
    # Where no equipment was installed, no start has to be put between the others.
    if INSTALLED not in {mark.name for mark in marks}:
        return marks
    return sorted([*marks, *installed_starts(told)], key=attrgetter("fact.order_key"))


def installed_starts(facts: Iterable[Fact]) -> list[Mark]:
    """Give the starts of projects that only install equipment; facts are in fold order.

    On premises and without a plot of its own, a phase starts when equipment is installed. Only
    what surely came before tells of the one and the other; a fact that names no phase is about any.
    """
    found: list[Mark] = []
    places: list[Fact] = []
    for fact in facts:
        if fact.kind in PLACING:
            places.append(fact)
        elif INSTALLED in reached(fact.kind, fact.payload):
            latest = fact.occurred_on.latest
            mine = [
                place.kind
                for place in places
                if place.occurred_on.latest <= latest
                and (place.phase_id == fact.phase_id or None in {place.phase_id, fact.phase_id})
            ]
            if "PremisesSecured" in mine and "LandAwarded" not in mine:
                found.append(Mark("construction_started", fact, "equipment"))
    return found
