"""How a project becomes known: lead, signing, national code, phases."""

from typing import Any, ClassVar, Literal

from domain.details import DetailChanges, Industry
from domain.kinds.fields import Identifier, Ordinal, Text
from domain.kinds.payload import Payload
from domain.money import Money
from domain.project_code import ProjectCode
from domain.quantity import AreaMu
from domain.regions import RegionCode


class ProjectRegistered(Payload):
    """A lead became a project the ledger follows."""

    kind = "ProjectRegistered"
    number = 1
    chinese = "线索/洽谈登记"
    english = "project registered"
    occurred_on_means = "registered on"
    example: ClassVar[dict[str, Any]] = {
        "title": "容器角件智能制造项目",
        "district": "320582",
        "park": "大新镇",
        "industry_gb4754": "C3311",
        "intended_investment": {"yuan": 790_000_000, "as_reported": "7.9亿元"},
        "intended_land_mu": "120.5",
        "stage": "negotiating",
    }

    title: Text
    enterprise_ref: Identifier | None = None
    district: RegionCode
    park: Text | None = None
    industry_gb4754: Industry
    intended_investment: Money | None = None
    intended_land_mu: AreaMu | None = None
    stage: Literal["lead", "negotiating"]


class ProjectSigned(Payload):
    """The investor signed the investment agreement."""

    kind = "ProjectSigned"
    number = 2
    chinese = "签约"
    english = "project signed"
    occurred_on_means = "signed on"
    example: ClassVar[dict[str, Any]] = {
        "agreement_no": "ZJG-2024-017",
        "total_investment": {"yuan": 380_000_000, "as_reported": "3.8亿元"},
        "fixed_asset_investment": {"yuan": 300_000_000, "as_reported": "30000万元"},
        "is_foreign": False,
        "origin_region": "上海",
    }

    agreement_no: Identifier
    total_investment: Money
    fixed_asset_investment: Money | None = None
    registered_capital: Money | None = None
    is_foreign: bool
    origin_region: Text


class ProjectCodeAssigned(Payload):
    """The approval platform gave the project its national code."""

    kind = "ProjectCodeAssigned"
    number = 3
    chinese = "赋码"
    english = "project code assigned"
    occurred_on_means = "assigned on"
    example: ClassVar[dict[str, Any]] = {"code": "2407-320582-89-01-729324"}

    code: ProjectCode
    supersedes_code: ProjectCode | None = None


class ProjectDetailsRevised(Payload):
    """What the registration or the signing says of the project became otherwise from a day on."""

    kind = "ProjectDetailsRevised"
    number = 5
    chinese = "项目信息变更"
    english = "project details revised"
    occurred_on_means = "effective on"
    example: ClassVar[dict[str, Any]] = {
        "changes": {
            "title": {"old": "容器角件智能制造项目", "new": "容器角件智能制造基地项目"},
            "district": {"old": "320582", "new": "320552"},
        }
    }

    changes: DetailChanges


class PhaseDefined(Payload):
    """The project was given a phase with its own land, permits and dates."""

    kind = "PhaseDefined"
    number = 6
    chinese = "分期"
    english = "phase defined"
    occurred_on_means = "defined on"
    example: ClassVar[dict[str, Any]] = {
        "phase_id": "1",
        "ordinal": 1,
        "title": "一期",
        "share_of_investment": {"yuan": 150_000_000},
        "planned_land_mu": "60",
        "uses_existing_premises": False,
    }

    phase_id: Identifier | None = None
    ordinal: Ordinal
    title: Text
    share_of_investment: Money
    planned_land_mu: AreaMu | None = None
    uses_existing_premises: bool
