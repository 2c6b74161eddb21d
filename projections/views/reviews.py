"""The meetings of departments over issues, and what they decided."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.flexdate import FlexDate
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class Reviews(FactView):
    """One row a joint review (联审会办)."""

    name = "reviews"
    subject = "stream"
    kinds = frozenset({"JointReviewHeld"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("meeting_id", 'text COLLATE "C" NOT NULL'),
        Column("level", "text NOT NULL"),
        Column("cadence", "text"),
        Column("district", 'text COLLATE "C"'),
        Column("projects", "text[]"),
        Column("decisions", "integer NOT NULL"),
    )
    indexes = ("(day_to)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the meeting."""
        payload = fact.payload
        yield (
            text(payload, "meeting_id"),
            text(payload, "level"),
            text(payload, "cadence"),
            text(payload, "district"),
            payload.get("projects"),
            len(payload["decisions"]),
        )


class Decisions(FactView):
    """One row a decision that a joint review took about an issue; `place` is its number."""

    name = "decisions"
    subject = "stream"
    kinds = frozenset({"JointReviewHeld"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("place", "integer NOT NULL"),
        Column("issue_id", 'text COLLATE "C" NOT NULL'),
        Column("decision", "text NOT NULL"),
        Column("owner", "text NOT NULL"),
        Column("due", "text NOT NULL"),
        Column("due_to", "date NOT NULL"),
        Column("projects", "text[]"),
    )
    indexes = ("(issue_id)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give each decision with the projects of the meeting, of one of which the issue is."""
        for place, decision in enumerate(fact.payload["decisions"], 1):
            due = str(decision["due"])
            yield (
                place,
                decision["issue_id"],
                decision["decision"],
                decision["owner"],
                due,
                FlexDate.parse(due).latest,
                fact.payload.get("projects"),
            )


VIEW = Reviews()
DECISIONS = Decisions()
