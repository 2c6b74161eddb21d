"""The planned dates of milestones, and every change of them."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.milestone_state import COMPLETE
from projections.folding.belief import days
from projections.folding.payload import flag, whole
from projections.folding.projection import BELIEF, Column, FactView
from projections.terms.node_places import PLACES


class MilestonePlans(FactView):
    """One row a plan or re-plan (节点计划, 节点调整) of one node.

    The planned date is kept as written and as the first and last day that it may mean, the node
    also as its number. The person
    is a commitment; readers put the name back from the ledger.
    """

    name = "milestone_plans"
    version = 2
    kinds = frozenset({"MilestonePlanned", "MilestoneReplanned"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("plan_id", "text"),
        Column("node", 'text COLLATE "C" NOT NULL'),
        Column("place", "integer NOT NULL"),
        Column("planned", "text NOT NULL"),
        Column("planned_from", "date NOT NULL"),
        Column("planned_to", "date NOT NULL"),
        Column("warning_days", "integer"),
        Column("responsible_unit", "text"),
        Column("responsible_person", "text"),
        Column("replan", "boolean NOT NULL"),
        Column("new_baseline", "boolean NOT NULL"),
        Column("approved_by", "text"),
    )
    indexes = (
        f"(project) WHERE node = '{COMPLETE}'",
        "(project, phase_id) WHERE phase_id IS NOT NULL",
        "(warning_days) WHERE warning_days IS NOT NULL",
        *BELIEF,
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the planned date and who answers for it."""
        payload = fact.payload
        replan = fact.kind == "MilestoneReplanned"
        yield (
            payload.get("plan_id"),
            payload["node"],
            PLACES[payload["node"]],
            days(str(payload["new" if replan else "planned"])),
            whole(payload, "warning_days"),
            payload.get("responsible_unit"),
            payload.get("responsible_person"),
            replan,
            flag(payload, "counts_as_new_baseline"),
            payload.get("approved_by"),
        )


VIEW = MilestonePlans()
