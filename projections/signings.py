"""The investment agreements that were signed."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import as_reported, flag, text, yuan
from projections.projection import Column, FactView


class Signings(FactView):
    """One row a signing (签约); the last visible one says what was promised."""

    name = "signings"
    kinds = frozenset({"ProjectSigned"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("agreement_no", "text"),
        Column("total_investment", "bigint"),
        Column("total_as_reported", "text"),
        Column("fixed_asset_investment", "bigint"),
        Column("fixed_as_reported", "text"),
        Column("is_foreign", "boolean"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the promised investment."""
        payload = fact.payload
        yield (
            text(payload, "agreement_no"),
            yuan(payload, "total_investment"),
            as_reported(payload, "total_investment"),
            yuan(payload, "fixed_asset_investment"),
            as_reported(payload, "fixed_asset_investment"),
            flag(payload, "is_foreign"),
        )


VIEW = Signings()
