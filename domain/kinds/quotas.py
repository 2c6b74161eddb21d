"""Scarce resources in pools: energy, emissions, water and land, banked and given to projects."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.kinds.fields import FlexDateText, Identifier
from domain.kinds.payload import Payload
from domain.quantity import non_negative
from domain.regions import RegionPrefix
from domain.validation import adapted


def positive(value: Any) -> str:
    """Read a quantity that moves; nothing moved is no movement."""
    written = non_negative(value)
    if written == "0":
        raise Malformed(code="invalid_value", value=written, cure="Send a number above zero.")
    return written


Positive = Annotated[
    str,
    PlainValidator(adapted(positive)),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^\d{1,24}(\.\d{1,24})?$"}),
]
"""An exact decimal above zero."""

Resource = Literal[
    "energy_tce",
    "cod_t",
    "nh3n_t",
    "nox_t",
    "so2_t",
    "voc_t",
    "tp_t",
    "tn_t",
    "water_10k_m3",
    "land_quota_mu",
]
"""What a pool holds, with its unit; `land_quota_mu` is the province's quota of land (点供)."""

Movement = Literal["credit", "reserve", "allocate", "release", "expire"]


class QuotaMoved(Payload):
    """A quantity came into a pool, was set aside, was given out, came back or lapsed."""

    kind = "QuotaMoved"
    number = 59
    chinese = "指标收储/预留/配置/释放"
    english = "quota moved"
    occurred_on_means = "moved on"
    stream_type = "pool"
    example: ClassVar[dict[str, Any]] = {
        "pool_id": "ZJG-energy",
        "resource": "energy_tce",
        "act": "allocate",
        "quantity": "1200.5",
        "counterpart": "project/0190e1d3-0000-7000-8000-000000000001",
        "district": "320582",
    }

    pool_id: Identifier
    resource: Resource
    act: Movement
    quantity: Positive
    counterpart: Identifier | None = None
    valid_until: FlexDateText | None = None
    district: RegionPrefix | None = None
    """Whose pool it is; without it the region is read from the pool's id where that names one."""
