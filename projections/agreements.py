"""The performance agreements that enterprises signed."""

from collections.abc import Iterable
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from projections.payload import text
from projections.projection import Column, FactView


class Agreements(FactView):
    """One row an agreement (投资发展监管协议); `indicators` holds its terms by code."""

    name = "agreements"
    kinds = frozenset({"PerformanceAgreementSigned"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("agreement_id", "text NOT NULL"),
        Column("indicators", "jsonb NOT NULL"),
        Column("start_due", "text"),
        Column("completion_due", "text"),
        Column("capacity_due", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what was promised, and until when."""
        payload = fact.payload
        yield (
            text(payload, "agreement_id"),
            Jsonb(payload.get("indicators") or {}),
            text(payload, "start_due"),
            text(payload, "completion_due"),
            text(payload, "capacity_due"),
        )


VIEW = Agreements()
