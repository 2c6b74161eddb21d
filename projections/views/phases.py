"""The phases into which projects are divided."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import decimal, flag, text, whole, yuan
from projections.folding.projection import BELIEF, Column, FactView


class Phases(FactView):
    """One row a definition of a phase (分期); the last visible one of a phase holds."""

    name = "phases"
    kinds = frozenset({"PhaseDefined"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("ordinal", "integer NOT NULL"),
        Column("title", "text"),
        Column("share_of_investment", "bigint"),
        Column("planned_land_mu", "numeric"),
        Column("uses_existing_premises", "boolean NOT NULL"),
    )
    indexes = BELIEF

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the place of the phase in its project and what it consists of."""
        payload = fact.payload
        yield (
            whole(payload, "ordinal"),
            text(payload, "title"),
            yuan(payload, "share_of_investment"),
            decimal(payload, "planned_land_mu"),
            flag(payload, "uses_existing_premises"),
        )


VIEW = Phases()
