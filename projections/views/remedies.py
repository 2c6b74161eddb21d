"""What evaluations found wanting, and what was done about it."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text, yuan
from projections.folding.projection import Column, FactView


class Remedies(FactView):
    """One row a step of a remedy (整改/违约处理): required, extended, closed or a penalty."""

    name = "remedies"
    kinds = frozenset({"RemedyTracked"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("evaluation_id", "text NOT NULL"),
        Column("act", "text NOT NULL"),
        Column("items", "text[] NOT NULL"),
        Column("due", "text"),
        Column("amount", "bigint"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what was decided, and by when it is due."""
        payload = fact.payload
        yield (
            text(payload, "evaluation_id"),
            text(payload, "act"),
            list(payload["items"]),
            text(payload, "due"),
            yuan(payload, "amount"),
        )


VIEW = Remedies()
