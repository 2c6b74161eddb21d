"""The banks that were linked to projects."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text, whole, yuan
from projections.folding.projection import Column, FactView


class FinanceLinks(FactView):
    """One row a link of a bank to a project's need for money (港发通对接)."""

    name = "finance_links"
    kinds = frozenset({"FinanceLinked"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("facility_id", 'text COLLATE "C" NOT NULL'),
        Column("bank", "text NOT NULL"),
        Column("need", "bigint NOT NULL"),
        Column("quota", "bigint"),
        Column("rate_bp", "integer"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the facility with its bank and its bounds."""
        payload = fact.payload
        yield (
            text(payload, "facility_id"),
            text(payload, "bank"),
            yuan(payload, "need"),
            yuan(payload, "quota"),
            whole(payload, "rate_bp"),
        )


VIEW = FinanceLinks()
