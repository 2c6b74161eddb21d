"""The land service lists that went out with plots of land."""

from collections.abc import Iterable
from typing import ClassVar

from psycopg.types.json import Jsonb

from domain.fact import Fact
from projections.folding.payload import flag, text
from projections.folding.projection import Column, FactView


class ServiceLists(FactView):
    """One row a land service list (用地服务清单) with what departments examined."""

    name = "service_lists"
    kinds = frozenset({"LandServiceListIssued"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("list_id", 'text COLLATE "C" NOT NULL'),
        Column("parcel", 'text COLLATE "C" NOT NULL'),
        Column("with_contract", "boolean NOT NULL"),
        Column("items", "jsonb NOT NULL"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the list and its items."""
        payload = fact.payload
        yield (
            text(payload, "list_id"),
            text(payload, "parcel_id"),
            flag(payload, "issued_with_contract"),
            Jsonb(payload["items"]),
        )


VIEW = ServiceLists()
