"""The land that projects were awarded and handed."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.payload import decimal, text, yuan
from projections.projection import Column, FactView


class Land(FactView):
    """One row an award of a parcel (摘牌) and one row its delivery (交地)."""

    name = "land"
    kinds = frozenset({"LandAwarded", "LandDelivered"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("parcel", 'text COLLATE "C"'),
        Column("area_mu", "numeric"),
        Column("price", "bigint"),
        Column("mode", "text"),
        Column("act", "text NOT NULL"),
    )
    indexes = ("(act, day_to)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the parcel and what happened to it."""
        payload = fact.payload
        yield (
            text(payload, "parcel_id"),
            decimal(payload, "area_mu"),
            yuan(payload, "price"),
            text(payload, "mode"),
            "awarded" if fact.kind == "LandAwarded" else "delivered",
        )


VIEW = Land()
