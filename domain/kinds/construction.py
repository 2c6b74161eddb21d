"""From the first pile to full capacity."""

from typing import Any, ClassVar, Literal

from domain.errors import Malformed
from domain.flexdate import Precision
from domain.indicators import Quantities
from domain.kinds.fields import Code, Count, Identifier, PolicyReference, Text, Texts
from domain.kinds.payload import Payload
from domain.money import Money, SignedMoney
from domain.quantity import AreaMu, NonNegative, Percent


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
    ceremony: Text | None = None
    """The concentrated start (集中开工) that it was part of."""


class StartVerified(Payload):
    """An inspection found whether construction had really begun."""

    kind = "StartVerified"
    number = 39
    chinese = "开工核验"
    english = "start verified"
    occurred_on_means = "verified on"
    example: ClassVar[dict[str, Any]] = {"phase_id": "1", "verdict": "confirmed"}

    phase_id: Identifier | None = None
    verdict: Literal["confirmed", "not-started", "false-start"]


class PhysicalProgressReported(Payload):
    """What could be seen on the site: a share of the works done, or an element finished."""

    kind = "PhysicalProgressReported"
    number = 40
    chinese = "形象进度"
    english = "physical progress reported"
    occurred_on_means = "seen on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "percent": "70",
        "element": "topping-out",
        "developed_mu": "41.5",
        "photos": ["封顶现场-01.jpg"],
    }

    phase_id: Identifier | None = None
    percent: Percent | None = None
    element: (
        Literal["piling", "foundation", "topping-out", "installation", "commissioning-test"] | None
    ) = None
    developed_mu: AreaMu | None = None
    photos: Texts | None = None

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that some progress is reported."""
        payload = super().validated(data, path)
        if not {"percent", "element", "developed_mu"} & payload.keys():
            raise Malformed(
                code="missing_field",
                field=f"{path}.element",
                cure="Name the element that was finished, the percent of the works,"
                " or the area built on.",
            )
        return payload


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
    conditions: Texts


class TrialProductionStarted(Payload):
    """The plant ran for the first time, on trial."""

    kind = "TrialProductionStarted"
    number = 42
    chinese = "试生产"
    english = "trial production started"
    occurred_on_means = "begun on"
    example: ClassVar[dict[str, Any]] = {"phase_id": "1"}

    phase_id: Identifier | None = None


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
        "taxes": {"vat": {"yuan": 21_000_000}, "corporate_income": {"yuan": 14_000_000}},
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
    taxes: dict[Code, SignedMoney] | None = None
    energy_tce: NonNegative
    emissions: Quantities
    rd: Money
    staff: Count
    land_occupied_mu: AreaMu
