"""From the first pile to full capacity."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.flexdate import Precision
from domain.indicators import Quantities
from domain.kinds.fields import Count, Identifier, PolicyReference
from domain.kinds.payload import Payload
from domain.money import Money, SignedMoney
from domain.quantity import AreaMu, NonNegative
from domain.validation import adapted


class ConstructionStarted(Payload):
    """Construction began."""

    kind = "ConstructionStarted"
    number = 38
    chinese = "开工"
    english = "construction started"
    occurred_on_means = "started on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "basis": "permit",
        "self_reported": False,
    }

    phase_id: Identifier | None = None
    basis: Literal["permit", "staged-permit", "filing"]
    self_reported: bool


def conditions(value: Any) -> list[str]:
    """Read the conditions of an acceptance; some systems send one text instead of a list."""
    items = [value] if isinstance(value, str) else value
    if isinstance(items, list) and all(isinstance(item, str) for item in items):
        return [item for item in items if item.strip()]
    raise Malformed(code="wrong_type", value=value, cure="Send a list of texts.")


Conditions = Annotated[
    list[str],
    PlainValidator(adapted(conditions)),
    WithJsonSchema({"type": ["array", "string"], "items": {"type": "string"}}),
]


class CompletionAccepted(Payload):
    """The works, or one unit of them, passed acceptance."""

    kind = "CompletionAccepted"
    number = 41
    chinese = "竣工验收"
    english = "completion accepted"
    occurred_on_means = "accepted on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "scope": "unit",
        "unit_id": "1号厂房",
        "conditions": [],
    }

    phase_id: Identifier | None = None
    scope: Literal["whole", "unit"]
    unit_id: Identifier | None = None
    conditions: Conditions


class Commissioned(Payload):
    """Production began."""

    kind = "Commissioned"
    number = 43
    chinese = "投产/投运"
    english = "commissioned"
    occurred_on_means = "commissioned on"
    example: ClassVar[dict[str, Any]] = {"phase_id": "1", "verified": True}

    phase_id: Identifier | None = None
    verified: bool


class CapacityReached(Payload):
    """Output and benefit reached what had been agreed."""

    kind = "CapacityReached"
    number = 44
    chinese = "达产达效"
    english = "capacity reached"
    occurred_on_means = "reached on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "capacity_pct": "86.5",
        "output_ttm": {"yuan": 560_000_000},
        "tax_ttm": {"yuan": 35_000_000},
        "criterion": "capacity/zhangjiagang@2024.1",
    }

    phase_id: Identifier | None = None
    capacity_pct: NonNegative
    output_ttm: Money
    tax_ttm: SignedMoney
    criterion: PolicyReference


class OperatingResultReported(Payload):
    """What a year of operation brought and used."""

    kind = "OperatingResultReported"
    number = 45
    chinese = "经营数据"
    english = "operating result reported"
    occurred_on_means = "the year reported, YYYY"
    period = Precision.YEAR
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "output": {"yuan": 560_000_000, "as_reported": "5.6亿元"},
        "revenue": {"yuan": 540_000_000},
        "tax": {"yuan": 35_000_000, "as_reported": "3500万元"},
        "energy_tce": "1830.5",
        "emissions": {"nox_t": "1.2"},
        "rd": {"yuan": 21_000_000},
        "staff": 310,
        "land_occupied_mu": "53.05",
    }

    phase_id: Identifier | None = None
    enterprise: Identifier | None = None
    output: Money
    revenue: Money
    tax: SignedMoney
    energy_tce: NonNegative
    emissions: Quantities
    rd: Money
    staff: Count
    land_occupied_mu: AreaMu
