"""How experts scored the dossiers submitted before landing."""

from collections.abc import Iterable
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from projections.folding.payload import decimal, text
from projections.folding.projection import Column, FactView


class AssessmentScores(FactView):
    """One row a scoring (前评估打分), with the score of every criterion."""

    name = "assessment_scores"
    kinds = frozenset({"PreAssessmentScored"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("assessment_id", "text"),
        Column("policy", "text NOT NULL"),
        Column("round", "text NOT NULL"),
        Column("scores", "jsonb NOT NULL"),
        Column("total", "numeric NOT NULL"),
        Column("panel", "text NOT NULL"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the scores and who gave them."""
        payload = fact.payload
        yield (
            text(payload, "assessment_id"),
            text(payload, "policy"),
            text(payload, "round"),
            Jsonb(payload["scores"]),
            decimal(payload, "total"),
            text(payload, "panel"),
        )


VIEW = AssessmentScores()
