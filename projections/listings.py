"""The entries of projects on major project lists, and every change of them."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import as_reported, text, yuan
from projections.projection import Column, FactView


class Listings(FactView):
    """One row a listing or an amendment of it (列入清单, 清单调整).

    `act` is `listed` for a listing, else what the amendment did: add, remove, reclassify or replan.
    A column is null where the fact leaves the matter as it was.
    """

    name = "listings"
    kinds = frozenset({"ProjectListed", "ListingAmended"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("list_id", 'text COLLATE "C" NOT NULL'),
        Column("act", "text NOT NULL"),
        Column("class", "text"),
        Column("annual_plan", "bigint"),
        Column("plan_as_reported", "text"),
        Column("planned_start", "text"),
        Column("planned_completion", "text"),
    )
    indexes = ("(list_id, project)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what the fact says about the entry."""
        payload = fact.payload
        yield (
            text(payload, "list_id"),
            "listed" if fact.kind == "ProjectListed" else text(payload, "act"),
            text(payload, "class"),
            yuan(payload, "annual_plan"),
            as_reported(payload, "annual_plan"),
            text(payload, "planned_start"),
            text(payload, "planned_completion"),
        )


VIEW = Listings()
