"""The land that projects were offered, awarded and handed, and what became of it."""

from collections.abc import Iterable
from typing import ClassVar, Final

from domain.fact import Fact
from projections.folding.payload import decimal, flag, text, yuan
from projections.folding.projection import Column, FactView

_ACTS: Final = {
    "LandOffered": "offered",
    "LandAwarded": "awarded",
    "LandContractSigned": "contracted",
    "LandDelivered": "delivered",
}


class Land(FactView):
    """One row a turn in the life of a parcel.

    `act` is offered (挂牌), awarded (摘牌), contracted (签出让合同), delivered (交地), or what was
    decided about idle land (闲置认定/收回): idle-declared, fee, resumed, returned.
    """

    name = "land"
    version = 2
    kinds = frozenset({*_ACTS, "LandResumedOrIdle"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("parcel", 'text COLLATE "C"'),
        Column("area_mu", "numeric"),
        Column("price", "bigint"),
        Column("mode", "text"),
        Column("act", "text NOT NULL"),
        Column("contract_no", "text"),
        Column("start_due", "text"),
        Column("completion_due", "text"),
        Column("standard", "boolean NOT NULL"),
    )
    indexes = ("(act, day_to)", "(parcel)")

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the parcel and what happened to it."""
        payload = fact.payload
        yield (
            text(payload, "parcel_id"),
            decimal(payload, "area_mu"),
            yuan(payload, "price"),
            text(payload, "mode"),
            _ACTS.get(fact.kind) or text(payload, "act"),
            text(payload, "contract_no"),
            text(payload, "start_due"),
            text(payload, "completion_due"),
            flag(payload, "standard_land"),
        )


VIEW = Land()
