"""The marks that facts set in a project's life: the actual dates of its milestones and more."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.kinds import KINDS
from domain.milestones import reached
from projections.payload import text
from projections.projection import Column, FactView

DETAILS = {
    "AdmissionDecided": "outcome",
    "CompletionAccepted": "scope",
    "ConstructionStarted": "basis",
    "InvestmentApprovalObtained": "mode",
    "PermitIssued": "permit_kind",
    "PermitStatusReported": "permit_kind",
    "PostEvaluationCompleted": "checkpoint",
    "PremisesSecured": "kind",
    "ProjectResumed": "scope",
    "ProjectSuspended": "scope",
    "ProjectTerminated": "ground",
    "ProjectWithdrawn": "reason_code",
}
"""The payload field of a kind that says more about the mark."""


class Lifecycle(FactView):
    """One row a mark that a fact sets; `detail` and `stage` qualify it."""

    name = "lifecycle"
    kinds = frozenset(kind for kind, payload in KINDS.items() if payload.stream_type == "project")
    columns: ClassVar[tuple[Column, ...]] = (
        Column("mark", 'text COLLATE "C" NOT NULL'),
        Column("kind", "text NOT NULL"),
        Column("detail", "text"),
        Column("stage", "text"),
    )
    indexes = ("(mark, day_to)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give one row a mark, none for facts that set no mark."""
        detail = DETAILS.get(fact.kind)
        for mark in reached(fact.kind, fact.payload):
            yield (
                str(mark),
                fact.kind,
                None if detail is None else text(fact.payload, detail),
                text(fact.payload, "stage") if fact.kind == "PermitIssued" else None,
            )


VIEW = Lifecycle()
