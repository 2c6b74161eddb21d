"""The banners that leaders were given, and the statements asked of the last."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class Banners(FactView):
    """One row a banner or a demand for a statement (流动红旗/表态发言)."""

    name = "banners"
    subject = "stream"
    kinds = frozenset({"BannerAwarded"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("round_id", 'text COLLATE "C" NOT NULL'),
        Column("district", 'text COLLATE "C" NOT NULL'),
        Column("banner", "text NOT NULL"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give who was honoured or had to speak."""
        payload = fact.payload
        yield text(payload, "round_id"), text(payload, "district"), text(payload, "kind")


VIEW = Banners()
