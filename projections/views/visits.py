"""The visits that officers pay to projects and enterprises."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column
from projections.folding.served import ServedView


class Visits(ServedView):
    """One row a visit (现场办公) to one project or enterprise.

    The officers are commitments; readers put the names back from the ledger.
    """

    name = "visits"
    kinds = frozenset({"SiteVisitLogged"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("visit_id", 'text COLLATE "C" NOT NULL'),
        Column("team", "text"),
        Column("district", 'text COLLATE "C"'),
        Column("officers", "text[] NOT NULL"),
        Column("topics", "text[] NOT NULL"),
        Column("requests", "text[] NOT NULL"),
    )
    indexes = ("(day_to)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give who was there and what was talked about."""
        payload = fact.payload
        yield (
            text(payload, "visit_id"),
            text(payload, "team"),
            text(payload, "district"),
            _texts(payload["officers"]),
            _texts(payload["topics"]),
            _texts(payload["requests_raised"]),
        )


def _texts(values: Sequence[object]) -> list[str]:
    """Give the items of a list as texts."""
    return [str(value) for value in values]


VIEW = Visits()
