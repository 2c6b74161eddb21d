"""What holds projects up, and when it was removed."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.flexdate import FlexDate
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class Issues(FactView):
    """One row an issue raised (堵点/问题) and one row an issue resolved (问题销号).

    The person is a commitment; readers put the name back from the ledger.
    """

    name = "issues"
    kinds = frozenset({"IssueRaised", "IssueResolved"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("issue_id", 'text COLLATE "C" NOT NULL'),
        Column("resolved", "boolean NOT NULL"),
        Column("category", "text"),
        Column("severity", "text"),
        Column("responsible", "text"),
        Column("person", "text"),
        Column("due", "text"),
        Column("due_to", "date"),
        Column("result", "text"),
        Column("confirmed", "boolean"),
    )
    indexes = ("(issue_id)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what holds the project up, or how it was removed."""
        payload = fact.payload
        due = text(payload, "due")
        yield (
            text(payload, "issue_id"),
            fact.kind == "IssueResolved",
            text(payload, "category"),
            text(payload, "severity"),
            text(payload, "responsible"),
            text(payload, "responsible_person"),
            due,
            None if due is None else FlexDate.parse(due).latest,
            text(payload, "result"),
            payload.get("confirmed_by_enterprise"),
        )


VIEW = Issues()
