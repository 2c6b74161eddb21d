"""Where the project stands: plots from offer to return, premises without a new plot."""

from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from domain.indicators import Measured
from domain.kinds.fields import Code, Count, FlexDateText, Identifier, Text
from domain.kinds.payload import Payload
from domain.money import Money
from domain.quantity import AreaMu, NonNegative


class LandOffered(Payload):
    """A plot was put up for bidding, with the indicators that its holder must reach."""

    kind = "LandOffered"
    number = 17
    chinese = "挂牌"
    english = "land offered"
    occurred_on_means = "offered on"
    example: ClassVar[dict[str, Any]] = {
        "parcel_id": "2024-G-017",
        "area_mu": "53.05",
        "use": "工业用地",
        "standard_land": True,
        "floor_price": {"yuan": 15_915_000, "as_reported": "1591.5万元"},
        "control_indicators": {
            "investment_intensity": {"value": "450", "unit": "万元/亩", "direction": "higher"},
            "far": {"value": "1.5", "unit": "ratio", "direction": "higher"},
        },
    }

    parcel_id: Identifier
    phase_id: Identifier | None = None
    area_mu: AreaMu
    use: Text
    standard_land: bool
    floor_price: Money
    control_indicators: Measured


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


class LandContractSigned(Payload):
    """The contract for the land was signed, with the days it sets."""

    kind = "LandContractSigned"
    number = 19
    chinese = "签出让合同"
    english = "land contract signed"
    occurred_on_means = "signed on"
    example: ClassVar[dict[str, Any]] = {
        "contract_no": "3205822024CR0117",
        "parcel_id": "2024-G-017",
        "area_mu": "53.05",
        "delivery_due": "2024-07-01",
        "start_due": "2024-10-01",
        "completion_due": "2026-10-01",
        "service_list_id": "YDQD-2024-12",
    }

    contract_no: Identifier
    parcel_id: Identifier | None = None
    phase_id: Identifier | None = None
    area_mu: AreaMu | None = None
    delivery_due: FlexDateText
    start_due: FlexDateText
    completion_due: FlexDateText
    service_list_id: Identifier | None = None


@with_config(ConfigDict(extra="forbid", strict=True))
class ServiceListItem(TypedDict):
    """One thing the land was examined for, by whom, and what came of it."""

    code: Code
    department: Text
    conclusion: Text


class LandServiceListIssued(Payload):
    """The list of everything departments ask of a plot went out; nothing is added to it later."""

    kind = "LandServiceListIssued"
    number = 20
    chinese = "用地服务清单"
    english = "land service list issued"
    occurred_on_means = "issued on"
    example: ClassVar[dict[str, Any]] = {
        "list_id": "YDQD-2024-12",
        "parcel_id": "2024-G-017",
        "items": [
            {"code": "flood", "department": "水务局", "conclusion": "已完成区域防洪评价"},
            {"code": "archaeology", "department": "文体旅局", "conclusion": "无地下文物"},
        ],
        "issued_with_contract": True,
    }

    list_id: Identifier
    parcel_id: Identifier
    phase_id: Identifier | None = None
    items: list[ServiceListItem]
    issued_with_contract: bool


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
        "far_before": "0.6",
        "land_occupied_mu": "6.2",
    }

    phase_id: Identifier | None = None
    premises_kind: Literal["lease", "owned-plant", "vertical-factory", "redevelopment"] = Field(
        alias="kind"
    )
    floor_area_m2: NonNegative
    storeys: Count | None = None
    far: NonNegative | None = None
    far_before: NonNegative | None = None
    land_occupied_mu: AreaMu | None = None


class LandResumedOrIdle(Payload):
    """Land lay idle: it was declared so, a fee was charged, or it was taken or given back."""

    kind = "LandResumedOrIdle"
    number = 23
    chinese = "闲置认定/收回"
    english = "land resumed or idle"
    occurred_on_means = "decided on"
    example: ClassVar[dict[str, Any]] = {
        "parcel_id": "2024-G-017",
        "act": "idle-declared",
        "legal_basis": "闲置土地处置办法",
        "area_mu": "53.05",
    }

    parcel_id: Identifier
    phase_id: Identifier | None = None
    act: Literal["idle-declared", "fee", "resumed", "returned"]
    legal_basis: Text
    area_mu: AreaMu
    amount: Money | None = None
