"""What is known in the end of Zhangjiagang is exactly what was published."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from chinese_calendar import is_workday

from domain.ratio import Ratio
from tests.demonstration.by_hand import Portfolio, Told, effective, received_by, working_days
from tests.demonstration.conftest import USUAL, told

YEAR_END = date(2024, 12, 31)
FIVE = {
    "land_use_planning_permit",
    "real_estate_title",
    "works_planning_permit",
    "drawing_review_certificate",
    "construction_permit",
}


@pytest.fixture(scope="module")
def zhangjiagang(facts: list[Told]) -> Portfolio:
    return Portfolio(facts, "320582", YEAR_END)


@pytest.fixture(scope="module")
def admitted(zhangjiagang: Portfolio) -> dict[str, dict[str, Any]]:
    """Give the applications of the projects that signed in 2024."""
    signed = {
        fact.project
        for fact in zhangjiagang.facts
        if fact.kind == "ProjectSigned" and fact.day.year == 2024
    }
    return {
        project: zhangjiagang.of(project, "PreAssessmentSubmitted")[0].data
        for project in signed & zhangjiagang.having("PreAssessmentSubmitted")
    }


def test_the_funnel_of_2024(zhangjiagang: Portfolio, admitted: dict[str, Any]) -> None:
    in_2024 = {
        fact.project
        for fact in zhangjiagang.facts
        if fact.kind == "AdmissionDecided" and fact.day.year == 2024
    }
    permitted = {
        project
        for project in admitted
        if {fact.data["permit_kind"] for fact in zhangjiagang.of(project, "PermitIssued")} >= FIVE
    }

    listed = admitted.keys() & zhangjiagang.entries("municipal", 2024).keys()
    landed = admitted.keys() & zhangjiagang.having("LandAwarded")
    started = admitted.keys() & zhangjiagang.having("ConstructionStarted")
    steps = [admitted, in_2024, listed, landed, permitted, started]

    assert [len(step) for step in steps] == [45, 45, 42, 23, 19, 17]
    assert in_2024 == admitted.keys()
    assert started <= permitted <= landed <= listed


def test_the_admission_card(zhangjiagang: Portfolio, admitted: dict[str, Any]) -> None:
    land = {project: Decimal(data["demand_land_mu"]) for project, data in admitted.items()}

    def promised(code: str) -> dict[str, Decimal]:
        return {
            project: Decimal(data["indicators"][code]["value"])
            for project, data in admitted.items()
        }

    def weighted(code: str) -> Decimal:
        return sum(value * land[project] for project, value in promised(code).items()) / demand

    demand = sum(land.values())
    supply = sum(
        Decimal(fact.data["area_mu"])
        for project in admitted
        for fact in zhangjiagang.of(project, "LandAwarded")
    )

    assert demand == Decimal(2166)
    assert supply == Decimal("1220.1")
    assert sum(promised("total_investment").values()) == 23_820_000_000
    assert sum(promised("fixed_asset_investment").values()) / demand == 919 * 10_000
    assert weighted("tax_per_mu") == 89
    assert weighted("output_per_mu") == 1401


@pytest.mark.parametrize("basis", ["statistical", "reported"])
@pytest.mark.parametrize(
    ("level", "figures"),
    [
        ("provincial", (5, 2, 580_300, 824_000, "142.0")),
        ("prefecture", (48, 22, 2_060_000, 2_921_000, "141.8")),
        ("municipal", (222, 110, 3_830_000, 4_757_000, "124.2")),
    ],
)
def test_the_lists_of_2024(
    zhangjiagang: Portfolio, basis: str, level: str, figures: tuple[int, int, int, int, str]
) -> None:
    projects, new, plan, actual, percent = figures

    entries = {
        project: entry
        for project, entry in zhangjiagang.entries(level, 2024).items()
        if entry[0] != "reserve"
    }
    planned = sum(amount for _, amount in entries.values())
    done = sum(zhangjiagang.invested(project, basis, 2024) for project in entries)
    starts = {project for project, (kind, _) in entries.items() if kind == "new"}

    assert len(entries) == projects
    assert (planned, done) == (plan * 10_000, actual * 10_000)
    assert Ratio(done, planned).percent(1) == Decimal(percent)
    assert len(starts) == len(starts & zhangjiagang.having("ConstructionStarted")) == new


def test_the_lists_are_nested(zhangjiagang: Portfolio) -> None:
    provincial, prefecture, municipal = (
        zhangjiagang.entries(level, 2024) for level in ("provincial", "prefecture", "municipal")
    )

    assert provincial.items() <= prefecture.items() <= municipal.items()


def test_53_went_into_operation(zhangjiagang: Portfolio) -> None:
    commissioned = {
        fact.project
        for fact in zhangjiagang.facts
        if fact.kind == "Commissioned" and fact.day.year == 2024
    }

    assert len(commissioned) == 53
    assert commissioned <= zhangjiagang.entries("municipal", 2024).keys()


def test_16_were_land_and_start(zhangjiagang: Portfolio) -> None:
    """Whether the permit counts, or the start, or either, and however coarse dates are read."""
    permitted, possible = set(), set()
    for award in zhangjiagang.facts:
        if award.kind != "LandAwarded" or award.day.year != 2024:
            continue
        for fact in zhangjiagang.of(award.project, "PermitIssued", "ConstructionStarted"):
            if fact.data.get("permit_kind", "construction_permit") != "construction_permit":
                continue
            first = max(fact.date.earliest, award.day)
            if fact.day >= award.day and working_days(award.day, first, is_workday) <= 1:
                possible.add(award.project)
                if fact.kind == "PermitIssued":
                    permitted.add(award.project)

    assert len(permitted) == 16
    assert possible == permitted
    assert {zhangjiagang.titled(words) for words in ("科彩", "集装箱角件")} <= permitted


def dates(portfolio: Portfolio, project: str, *kinds: str) -> list[str]:
    return [fact.date.text for fact in portfolio.of(project, *kinds)]


def test_kecai(zhangjiagang: Portfolio) -> None:
    project = zhangjiagang.titled("科彩")

    (signing,) = zhangjiagang.of(project, "ProjectSigned")
    assert signing.data["total_investment"] == {"yuan": 380_000_000, "as_reported": "3.8 亿元"}
    assert dates(zhangjiagang, project, "LandAwarded") == ["2024-06-11"]
    assert dates(zhangjiagang, project, "PermitIssued") == ["2024-06-12"] * 5
    assert dates(zhangjiagang, project, "ConstructionStarted") == ["2024-06-19"]


def test_the_container_corners_of_daxin(zhangjiagang: Portfolio) -> None:
    project = zhangjiagang.titled("集装箱角件")
    permits = zhangjiagang.of(project, "PermitIssued")

    (signing,) = zhangjiagang.of(project, "ProjectSigned")
    assert signing.data["total_investment"] == {"yuan": 790_000_000, "as_reported": "7.9 亿元"}
    assert dates(zhangjiagang, project, "LandAwarded") == ["2024-09-11"]
    assert {
        permit.date.text
        for permit in permits
        if permit.data["permit_kind"] == "construction_permit"
    } == {"2024-09-12"}
    assert dates(zhangjiagang, project, "ConstructionStarted") == ["2024-09"]


def test_hans_laser(zhangjiagang: Portfolio) -> None:
    project = zhangjiagang.titled("大族激光")
    (commissioned,) = zhangjiagang.of(project, "Commissioned")
    starts = zhangjiagang.of(project, "ConstructionStarted")

    assert (commissioned.date.text, commissioned.data["phase_id"]) == ("2024-11-30", "1")
    assert [fact.data["phase_id"] for fact in starts] == ["1", "2"]
    assert all(project in zhangjiagang.entries("provincial", year) for year in (2022, 2023, 2024))


def completion(events: list[dict[str, Any]], known: str) -> Decimal:
    """Give the percentage of the city's plan that was known to be done at a moment."""
    portfolio = Portfolio(effective(received_by(events, known)), "320582", YEAR_END)
    entries = {
        project: plan
        for project, (kind, plan) in portfolio.entries("municipal", 2024).items()
        if kind != "reserve"
    }
    done = sum(portfolio.invested(project, "statistical", 2024) for project in entries)
    percent = Ratio(done, sum(entries.values())).percent(1)
    assert percent is not None
    return percent


def test_slips_of_units_make_nonsense_until_they_are_corrected() -> None:
    events = told(USUAL)

    assert completion(events, "2024-12-31T23:59:59+08:00") > 1_000
    assert completion(events, "2025-03-31T23:59:59+08:00") == Decimal("124.2")


def test_every_report_of_december_agrees_on_both_bases(zhangjiagang: Portfolio) -> None:
    for project in zhangjiagang.having("InvestmentReported"):
        bases = {
            zhangjiagang.invested(project, basis, 2024) for basis in ("statistical", "reported")
        }

        assert len(bases) == 1
