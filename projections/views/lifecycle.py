"""The marks that facts set in a project's life: the actual dates of its milestones and more."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from domain.fact import Fact
from domain.kinds import KINDS
from domain.marks import INSTALLED, PLACING, SILENT, installed_starts, marks_of
from domain.milestones import reached
from projections.folding.derived import Derivation, DerivedView
from projections.folding.payload import text
from projections.folding.projection import BELIEF, Column
from projections.terms.node_places import PLACES

ELSEWHERE = frozenset({"ProjectListed", "InvestmentReported"})
"""Kinds whose marks have read models of their own: `listings` and `investments`."""

PROGRESS = "PhysicalProgressReported"
OF_NODE_OR_INSPECTION = "(place IS NOT NULL OR mark = 'start_verified')"
"""The condition on a mark that it is of a node, or says what an inspection of a start found."""


class Lifecycle(DerivedView):
    """One row a mark that a fact sets, named as in `domain.marks`; a node's mark has its number.

    Where a phase only installs equipment, the installation is also its start.
    """

    name = "lifecycle"
    version = 5
    kinds = (
        frozenset(kind for kind, payload in KINDS.items() if payload.stream_type == "project")
        - ELSEWHERE
        - SILENT
    )
    deriving = frozenset({PROGRESS})
    reading = PLACING | {PROGRESS}
    # A report of progress stands for itself, and may be the start of its phase beside that.
    standing = f"NOT (v.kind = '{PROGRESS}' AND v.mark = 'construction_started')"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("mark", 'text COLLATE "C" NOT NULL'),
        Column("place", "integer"),
        Column("kind", "text NOT NULL"),
        Column("detail", "text"),
        Column("stage", "text"),
    )
    indexes = (
        "(mark, day_to)",
        "(project, phase_id) WHERE phase_id IS NOT NULL",
        # Whether first days were told otherwise at another position is read from this alone.
        f"(project, day_to, known_from, known_to) WHERE {OF_NODE_OR_INSPECTION}",
        *BELIEF,
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give one row a mark, none for facts that set no mark."""
        stage = text(fact.payload, "stage") if fact.kind == "PermitIssued" else None
        for mark in marks_of(fact):
            yield mark.name, PLACES.get(mark.name), fact.kind, mark.detail, stage

    def derives(self, fact: Fact) -> bool:
        """Tell whether a report may be the start of its phase."""
        return fact.kind == PROGRESS and INSTALLED in reached(fact.kind, fact.payload)

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give the starts of phases that only install equipment."""
        for mark in installed_starts(facts):
            row = (mark.name, PLACES[mark.name], mark.fact.kind, mark.detail, None)
            yield Derivation(mark.fact, str(mark.fact.project), (row,))


VIEW = Lifecycle()
