"""The requirements that departments raised outside a land service list."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column, FactView
from projections.terms.seen import believed


class Requirements(FactView):
    """One row a requirement outside the list (清单外要求)."""

    name = "requirements"
    kinds = frozenset({"OffListRequirementRaised"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("list_id", "text"),
        Column("department", "text"),
        Column("requirement", "text"),
        Column("status", "text"),
        Column("decided_on", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give who asked for what, and what became of it."""
        payload = fact.payload
        yield (
            text(payload, "list_id"),
            text(payload, "department"),
            text(payload, "requirement"),
            text(payload, "status"),
            text(payload, "decided_on"),
        )


def last_asked(source: str) -> str:
    """Keep of each requirement what was said of it last; a source selects rows of the view."""
    return f"""SELECT DISTINCT ON (q.project, q.list_id, q.department, q.requirement) q.*
        FROM ({source}) q
        ORDER BY q.project, q.list_id, q.department, q.requirement, q.order_key DESC"""


ASKED_IN_SCOPE = f"""SELECT q.* FROM scope s JOIN read.requirements q ON q.project = s.project
    WHERE {believed("q")} AND q.day_to <= s.cut"""
"""Selects the requirements of the projects of a `scope`."""

VIEW = Requirements()
