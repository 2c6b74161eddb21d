"""The movements of resource pools."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.regions import significant
from projections.folding.payload import decimal, text
from projections.folding.projection import Column, FactView
from projections.views.targets import regions_of


class QuotaMovements(FactView):
    """One row a movement of a pool (指标收储/预留/配置/释放).

    The region is the one the fact names, else the one code of a region in the pool's id, if there
    is exactly one.
    """

    name = "quota_movements"
    subject = "stream"
    kinds = frozenset({"QuotaMoved"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("pool_id", 'text COLLATE "C" NOT NULL'),
        Column("resource", 'text COLLATE "C" NOT NULL'),
        Column("act", "text NOT NULL"),
        Column("quantity", "numeric NOT NULL"),
        Column("counterpart", "text"),
        Column("valid_until", "text"),
        Column("region", 'text COLLATE "C"'),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the quantity with what happened to it."""
        payload = fact.payload
        pool = str(payload["pool_id"])
        district = text(payload, "district")
        named = [significant(district)] if district else regions_of(pool)
        yield (
            pool,
            text(payload, "resource"),
            text(payload, "act"),
            decimal(payload, "quantity"),
            text(payload, "counterpart"),
            text(payload, "valid_until"),
            named[0] if len(named) == 1 else None,
        )


VIEW = QuotaMovements()
