"""The decisions by which investments were filed, verified or approved."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text, yuan
from projections.folding.projection import Column, FactView


class Approvals(FactView):
    """One row a decision (备案/核准/审批); a document decided again was extended."""

    name = "approvals"
    kinds = frozenset({"InvestmentApprovalObtained"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("mode", "text NOT NULL"),
        Column("doc_no", 'text COLLATE "C" NOT NULL'),
        Column("approved_investment", "bigint"),
        Column("valid_until", "text"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the decision and how long it holds."""
        payload = fact.payload
        yield (
            text(payload, "mode"),
            text(payload, "doc_no"),
            yuan(payload, "approved_investment"),
            text(payload, "valid_until"),
        )


VIEW = Approvals()
