"""Who was made answerable for which project or enterprise."""

from collections.abc import Iterable
from typing import ClassVar, Final

from psycopg.types.json import Jsonb

from domain.fact import Fact
from domain.flexdate import FlexDate
from projections.folding.payload import text
from projections.folding.projection import Column
from projections.folding.served import ServedView

STEWARD: Final = "steward"
"""The role of an assignment that names none."""


class Stewards(ServedView):
    """One row an assignment (项目管家1+N).

    The names are commitments; readers put them back from the ledger.
    """

    name = "stewards"
    kinds = frozenset({"StewardAssigned"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("lead", "text NOT NULL"),
        Column("lead_id", "text"),
        Column("lead_dept", "text"),
        Column("team", "jsonb NOT NULL"),
        Column("role", 'text COLLATE "C" NOT NULL'),
        Column("level", "text"),
        Column("district", 'text COLLATE "C"'),
        Column("until", "text"),
        Column("until_to", "date"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the officers and the days they are assigned for."""
        payload = fact.payload
        until = text(payload, "to")
        yield (
            text(payload, "lead_officer"),
            text(payload, "lead_officer_id"),
            text(payload, "lead_dept"),
            Jsonb(payload["team"]),
            text(payload, "role") or STEWARD,
            text(payload, "level"),
            text(payload, "district"),
            until,
            None if until is None else FlexDate.parse(until).latest,
        )


VIEW = Stewards()
