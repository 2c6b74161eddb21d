"""The projects, as their registrations describe them."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import decimal, text, yuan
from projections.projection import Column, FactView


class Projects(FactView):
    """One row a registration (线索/洽谈登记); the last visible one describes the project."""

    name = "projects"
    kinds = frozenset({"ProjectRegistered"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("title", "text NOT NULL"),
        Column("district", 'text COLLATE "C" NOT NULL'),
        Column("park", "text"),
        Column("industry", "text"),
        Column("enterprise", "text"),
        Column("stage", "text"),
        Column("intended_investment", "bigint"),
        Column("intended_land_mu", "numeric"),
    )
    indexes = ("(district)", "(enterprise) WHERE enterprise IS NOT NULL")

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the description of the project."""
        payload = fact.payload
        yield (
            text(payload, "title"),
            text(payload, "district"),
            text(payload, "park"),
            text(payload, "industry_gb4754"),
            text(payload, "enterprise_ref"),
            text(payload, "stage"),
            yuan(payload, "intended_investment"),
            decimal(payload, "intended_land_mu"),
        )


VIEW = Projects()
