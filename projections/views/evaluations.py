"""The post-evaluations that were completed."""

from collections.abc import Iterable
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from projections.folding.payload import decimal, text
from projections.folding.projection import Column, FactView


class Evaluations(FactView):
    """One row a post-evaluation (后评价) with the result that was recorded."""

    name = "evaluations"
    kinds = frozenset({"PostEvaluationCompleted"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("evaluation_id", "text NOT NULL"),
        Column("checkpoint", "text NOT NULL"),
        Column("policy", "text NOT NULL"),
        Column("agreed", "jsonb NOT NULL"),
        Column("actual", "jsonb NOT NULL"),
        Column("scores", "jsonb NOT NULL"),
        Column("total", "numeric"),
        Column("grade", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give agreed and actual values, and what was made of them."""
        payload = fact.payload
        yield (
            text(payload, "evaluation_id"),
            text(payload, "checkpoint"),
            text(payload, "policy"),
            Jsonb(payload.get("agreed") or {}),
            Jsonb(payload.get("actual") or {}),
            Jsonb(payload.get("scores") or {}),
            decimal(payload, "total"),
            text(payload, "grade"),
        )


VIEW = Evaluations()
