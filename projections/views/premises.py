"""The buildings in which projects settle without a plot of their own."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import decimal, text, whole
from projections.folding.projection import Column, FactView


class Premises(FactView):
    """One row a securing of premises (工业上楼, 租赁, 存量厂房)."""

    name = "premises"
    kinds = frozenset({"PremisesSecured"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("premises_kind", "text"),
        Column("floor_area_m2", "numeric"),
        Column("storeys", "integer"),
        Column("floor_area_ratio", "numeric"),
        Column("ratio_before", "numeric"),
        Column("land_occupied_mu", "numeric"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the kind and the size of the premises."""
        payload = fact.payload
        yield (
            text(payload, "kind"),
            decimal(payload, "floor_area_m2"),
            whole(payload, "storeys"),
            decimal(payload, "far"),
            decimal(payload, "far_before"),
            decimal(payload, "land_occupied_mu"),
        )


VIEW = Premises()
