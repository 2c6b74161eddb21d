"""The marks that facts set in a project's life: the actual dates of its milestones and more."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.kinds import KINDS
from domain.marks import marks_of
from projections.node_places import PLACES
from projections.payload import text
from projections.projection import BELIEF, Column, FactView

ELSEWHERE = frozenset({"ProjectListed", "InvestmentReported"})
"""Kinds whose marks have read models of their own: `listings` and `investments`."""


class Lifecycle(FactView):
    """One row a mark that a fact sets, named as in `domain.marks`; a node's mark has its number."""

    name = "lifecycle"
    version = 3
    kinds = (
        frozenset(kind for kind, payload in KINDS.items() if payload.stream_type == "project")
        - ELSEWHERE
    )
    columns: ClassVar[tuple[Column, ...]] = (
        Column("mark", 'text COLLATE "C" NOT NULL'),
        Column("place", "integer"),
        Column("kind", "text NOT NULL"),
        Column("detail", "text"),
        Column("stage", "text"),
    )
    indexes = ("(mark, day_to)", "(project, phase_id) WHERE phase_id IS NOT NULL", *BELIEF)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give one row a mark, none for facts that set no mark."""
        stage = text(fact.payload, "stage") if fact.kind == "PermitIssued" else None
        for mark in marks_of(fact):
            yield mark.name, PLACES.get(mark.name), fact.kind, mark.detail, stage


VIEW = Lifecycle()
