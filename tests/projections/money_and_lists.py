"""Short ways to tell facts about lists, money and evaluations."""

from typing import Any

from msgspec.structs import replace

from domain.fact import Fact, order_key, project_of
from domain.flexdate import FlexDate
from tests.judgement.facts import fact

WAN = 10_000
YI = 100_000_000


def of_stream(told: Fact, stream: str) -> Fact:
    """Move a fact to another stream."""
    return replace(told, stream=stream, project=project_of(stream))


def redated(told: Fact, on: str) -> Fact:
    """Give a fact another date, as a correction does."""
    day = FlexDate.parse(on)
    return replace(told, occurred_on=day, order_key=order_key(day, told.kind, told.source))


def registered(project: str, district: str = "320582", on: str = "2023-01-05") -> Fact:
    return fact("ProjectRegistered", on, project, district=district)


def published(list_id: str, level: str, on: str = "2024-01-10", year: int = 2024) -> Fact:
    told = fact(
        "MajorProjectListPublished", on, None, list_id=list_id, level=level, year=year, version="1"
    )
    return of_stream(told, f"list/{list_id}")


def listed(project: str, list_id: str, class_: str, plan: int, on: str = "2024-01-10") -> Fact:
    return fact(
        "ProjectListed",
        on,
        project,
        list_id=list_id,
        **{"class": class_, "annual_plan": {"yuan": plan}, "planned_start": None},
    )


def amended(project: str, list_id: str, act: str, on: str, **changes: Any) -> Fact:
    plan = changes.pop("plan", None)
    told = {"annual_plan": None if plan is None else {"yuan": plan}}
    if "class_" in changes:
        told["class"] = changes.pop("class_")
    return fact("ListingAmended", on, project, list_id=list_id, act=act, **told, **changes)


def invested(project: str, month: str, yuan: int, basis: str = "statistical") -> Fact:
    return fact(
        "InvestmentReported",
        month,
        project,
        basis=basis,
        ytd={"yuan": yuan},
        cumulative=None,
        composition=None,
    )


def target(target_id: str, scope: str, threshold: str, due: str, **changes: Any) -> Fact:
    told = fact(
        "TargetSet",
        "2024-01-20",
        None,
        target_id=target_id,
        scope=scope,
        threshold=threshold,
        due=due,
        **changes,
    )
    return of_stream(told, f"target/{target_id}")


def submitted(project: str, on: str, land: str, **indicators: str) -> Fact:
    units = dict.fromkeys(("total_investment", "fixed_asset_investment"), "yuan")
    return fact(
        "PreAssessmentSubmitted",
        on,
        project,
        assessment_id=f"A-{project}",
        demand_land_mu=land,
        indicators={
            code: {"value": value, "unit": units.get(code, "万元/亩")}
            for code, value in indicators.items()
        },
    )


def decided(project: str, on: str, outcome: str = "pass") -> Fact:
    return fact("AdmissionDecided", on, project, assessment_id=None, outcome=outcome)
