"""The performance agreements that enterprises signed, and what was amended of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from domain.revisions import AGREEMENT, AMENDMENT, agreements
from projections.folding.derived import Derivation, DerivedView
from projections.folding.payload import text
from projections.folding.projection import Column


class Agreements(DerivedView):
    """One row an agreement (投资发展监管协议) and one an amendment (补充协议).

    Each row holds all that is agreed from then on; `indicators` are the terms by code. Of the rows
    of one agreement the last visible one is in force.
    """

    name = "agreements"
    version = 2
    kinds = frozenset({AGREEMENT})
    deriving = frozenset({AMENDMENT})
    reading = frozenset({AGREEMENT, AMENDMENT})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("agreement_id", "text NOT NULL"),
        Column("indicators", "jsonb NOT NULL"),
        Column("start_due", "text"),
        Column("completion_due", "text"),
        Column("capacity_due", "text"),
        Column("version", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what was promised, and until when."""
        yield _agreed(fact.payload)

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give what is promised after each amendment."""
        for fact, whole, _ in agreements(facts):
            if fact.kind == AMENDMENT:
                yield Derivation(fact, str(fact.project), (_agreed(whole),))


def _agreed(payload: Mapping[str, object]) -> tuple[object, ...]:
    """Give the columns of an agreement."""
    return (
        text(payload, "agreement_id"),
        Jsonb(payload.get("indicators") or {}),
        text(payload, "start_due"),
        text(payload, "completion_due"),
        text(payload, "capacity_due"),
        text(payload, "version"),
    )


VIEW = Agreements()
