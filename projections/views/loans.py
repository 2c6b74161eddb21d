"""The loans that banks paid out."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import as_reported, text, whole, yuan
from projections.folding.projection import Column, FactView


class Loans(FactView):
    """One row a disbursement (放款) out of a facility."""

    name = "loans"
    kinds = frozenset({"LoanDisbursed"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("facility_id", 'text COLLATE "C" NOT NULL'),
        Column("amount", "bigint NOT NULL"),
        Column("amount_as_reported", "text"),
        Column("class", "text NOT NULL"),
        Column("term_months", "integer"),
    )
    indexes = ("(day_to)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the amount under its facility, with the class that the bank named."""
        payload = fact.payload
        yield (
            text(payload, "facility_id"),
            yuan(payload, "amount"),
            as_reported(payload, "amount"),
            text(payload, "class"),
            whole(payload, "term_months"),
        )


VIEW = Loans()
