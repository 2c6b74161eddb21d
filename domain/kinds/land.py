"""Where the project stands: plots awarded and delivered, premises without a new plot."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.kinds.fields import Count, Identifier
from domain.kinds.payload import Payload
from domain.money import Money
from domain.quantity import AreaMu, NonNegative


class LandAwarded(Payload):
    """The right to a plot of land was won."""

    kind = "LandAwarded"
    number = 18
    chinese = "摘牌"
    english = "land awarded"
    occurred_on_means = "awarded on"
    example: ClassVar[dict[str, Any]] = {
        "parcel_id": "2024-G-017",
        "phase_id": "1",
        "area_mu": "53.05",
        "price": {"yuan": 15_915_000, "as_reported": "1591.5万元"},
        "mode": "listing",
    }

    parcel_id: Identifier
    phase_id: Identifier | None = None
    area_mu: AreaMu
    price: Money
    mode: Literal["auction", "listing", "agreement", "allocation"]


class LandDelivered(Payload):
    """The plot was handed over, ready to build on."""

    kind = "LandDelivered"
    number = 21
    chinese = "交地"
    english = "land delivered"
    occurred_on_means = "delivered on"
    example: ClassVar[dict[str, Any]] = {"parcel_id": "2024-G-017"}

    parcel_id: Identifier
    phase_id: Identifier | None = None


class PremisesSecured(Payload):
    """The project found a place without a new plot."""

    kind = "PremisesSecured"
    number = 22
    chinese = "工业上楼/租赁/存量厂房"
    english = "premises secured"
    occurred_on_means = "secured on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "kind": "vertical-factory",
        "floor_area_m2": "12000",
        "storeys": 6,
        "far": "2.9",
        "land_occupied_mu": "6.2",
    }

    phase_id: Identifier | None = None
    premises_kind: Literal["lease", "owned-plant", "vertical-factory", "redevelopment"] = Field(
        alias="kind"
    )
    floor_area_m2: NonNegative
    storeys: Count | None = None
    far: NonNegative | None = None
    land_occupied_mu: AreaMu | None = None
