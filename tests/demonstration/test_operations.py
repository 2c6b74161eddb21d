"""The served operations print the published figures of the loaded demonstration."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from api.request import Request

from tests.demonstration.by_hand import Portfolio, overdue
from tests.demonstration.conftest import USUAL, folded
from tests.demonstration.loaded import asked

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(demonstration: str) -> Ask:
    """Give a function that answers a published operation, without errors."""

    def answered(operation: str, *, instead: tuple[str, str] = ("", ""), **variables: str) -> Any:
        query = (OPERATIONS / f"{operation}.graphql").read_text("utf-8").replace(*instead)
        request = Request(query, variables=variables)
        reply = orjson.loads(asked(demonstration, lambda engine: engine.answer(request)).body)
        assert "errors" not in reply
        (data, *others) = reply["data"].values()
        return reply["data"] if others else data

    return answered


@pytest.fixture(scope="module")
def kecai() -> str:
    """Name Kecai as its source does."""
    return Portfolio(folded(USUAL), "320582").titled("科彩")


def code_of(project: str) -> str:
    """Give the national code of a project."""
    portfolio = Portfolio(folded(USUAL), "32")
    return str(portfolio.of(project, "ProjectCodeAssigned")[-1].data["code"])


def test_only_what_cannot_be_true_stays_in_the_quarantine(demonstration: str, ask: Ask) -> None:
    assert ask("events-after")["totalCount"] > 50_000
    with psycopg.connect(demonstration) as connection:
        kept = connection.execute("SELECT count(*) FROM ledger.quarantine").fetchone()
        left = connection.execute(
            """SELECT q.code, q.kind FROM ledger.quarantine q WHERE NOT EXISTS (
                SELECT 1 FROM ledger.quarantine_decisions d WHERE d.number = q.number)"""
        ).fetchall()
    assert kept is not None
    assert kept[0] > len(left) > 10
    assert {kind for _, kind in left} == {"InvestmentReported"}
    assert {code for code, _ in left} <= {"unit_slip", "ytd_over_total", "ytd_falls"}


def test_plan_and_actual(ask: Ask) -> None:
    rows = {
        row["key"]: (
            row["projects"],
            row["plan"]["amount"],
            row["actual"]["amount"],
            row["completion"]["percent"],
        )
        for row in ask("plan-and-actual")
    }

    assert rows == {
        "MUNICIPAL": (222, "383", "475.7", "124.2"),
        "PREFECTURE": (48, "206", "292.1", "141.8"),
        "PROVINCIAL": (5, "58.03", "82.4", "142.0"),
    }


def test_a_slip_of_units_is_nonsense_until_it_is_corrected(ask: Ask) -> None:
    def municipal(known: str) -> float:
        known_then = f'year: 2024 asOf: {{ known: "{known}" }}'
        rows = ask("plan-and-actual", instead=("year: 2024", known_then))
        return next(
            float(row["completion"]["percent"]) for row in rows if row["key"] == "MUNICIPAL"
        )

    assert municipal("2024-12-31T23:59:59+08:00") > 1_000
    assert municipal("2025-03-31T23:59:59+08:00") == 124.2


def test_admissions(ask: Ask) -> None:
    card = ask("admissions")

    assert (card["submitted"], card["passed"], card["listed"]) == (45, 45, 42)
    assert card["conversion"]["percent"] == "93.3"
    assert card["totalInvestment"]["amount"] == "238.2"
    assert (card["demandLand"]["value"], card["suppliedLand"]["value"]) == ("2166", "1220.1")
    assert (card["landCompleted"], card["started"]) == (23, 17)
    assert card["intensityWeighted"] == "919"
    assert (card["taxPerMu"], card["outputPerMu"]) == ("89", "1401")


def test_funnel(ask: Ask) -> None:
    assert {step["phase"]: step["entered"] for step in ask("funnel")} == {
        "SUBMITTED": 45,
        "PASSED": 45,
        "LISTED": 42,
        "LAND": 23,
        "PERMITS": 19,
        "STARTED": 17,
        "COMMISSIONED": 0,
    }


def test_land_and_start(ask: Ask) -> None:
    found = ask("land-and-start")
    by_title = {node["title"]: node for node in found["nodes"]}
    kecai, daxin = by_title["科彩（Kecai）新建项目"], by_title["大新镇集装箱角件项目"]

    assert found["totalCount"] == len(by_title) == 16
    assert (kecai["permitBurst"]["on"], kecai["permitBurst"]["count"]) == ("2024-06-12", 5)
    assert kecai["leadTime"] == {"calendarDays": 8, "workDays": 6, "precision": "day"}
    assert daxin["leadTime"]["calendarDays"] is None
    assert daxin["leadTime"]["precision"] == "month"


def test_start_rate(ask: Ask) -> None:
    points = {point["on"]: point for point in ask("start-rate")}
    june, september = points["2025-06-30"], points["2025-09-30"]

    assert june["rate"] == {"numerator": "155", "denominator": "180", "percent": "86.1"}
    assert (june["target"], june["met"]) == ("85", True)
    assert september["rate"]["percent"] == "100.0"
    assert (september["target"], september["met"]) == ("100", True)


def test_overdue(ask: Ask) -> None:
    rows = ask("overdue")

    on = date(2024, 10, 31)
    assert len(rows) == len(overdue(Portfolio(folded(USUAL), "320412", on), on)) > 9
    assert all(row["colour"] == "RED" and row["daysLate"] > 0 for row in rows)
    assert all(row["responsibleUnit"] and row["responsiblePerson"] for row in rows)


def test_replans_turned_red_into_green(ask: Ask) -> None:
    rescued = [
        change
        for change in ask("replans")
        if (change["from"], change["to"]) == ("RED", "GREEN")
        and any(state["replans"] for state in change["project"]["milestones"])
    ]

    assert len(rescued) == 7
    causes = {change["cause"]["type"] for change in rescued}
    assert "MilestoneReplanned" in causes <= {"MilestoneReplanned", "EventCorrected"}
    assert len({change["project"]["title"] for change in rescued}) == 6
    assert all(change["cause"]["reason"] for change in rescued)


def test_deviations(ask: Ask) -> None:
    found = [(row["rule"], row["exemption"] is not None) for row in ask("deviations")]

    assert sorted(found) == [
        *[("L01", False)] * 3,
        *[("L01", True)] * 2,
        ("R05", False),
        *[("R07", False)] * 2,
        *[("R07", True)] * 2,
        *[("S18", False)] * 7,
    ]


def test_board(ask: Ask) -> None:
    cells = {cell["region"]: cell for cell in ask("board")}

    assert cells["320412"]["total"] == 821
    assert cells["320582"]["total"] == 380
    assert all(cells["320412"][colour] for colour in ("red", "yellow", "green"))


def test_lead_times(ask: Ask) -> None:
    both = ask("lead-times")

    assert both["calendar"]["n"] == both["work"]["n"] > 200
    assert both["calendar"]["excludedForPrecision"] > 0


def test_the_history_of_kecai(ask: Ask, kecai: str) -> None:
    events = ask("audit-history", code=code_of(kecai))["events"]

    assert events["totalCount"] == len(events["nodes"]) > 20
    assert all(event["actor"]["name"] and event["actor"]["org"] for event in events["nodes"])
    assert any(event["evidence"] for event in events["nodes"])


def test_what_was_believed_of_kecai_and_what_was_true(ask: Ask, kecai: str) -> None:
    both = ask("believed-and-true", id=kecai)

    assert (both["believed"]["phase"], both["truth"]["phase"]) == ("LANDING", "CONSTRUCTION")
    assert (both["believed"]["colour"], both["truth"]["colour"]) == ("YELLOW", "GREEN")


def test_what_changed_in_june_and_what_caused_it(ask: Ask, kecai: str) -> None:
    rows = ask("differences")

    assert {row["kind"] for row in rows} <= {"ADDED", "CHANGED"}
    causes = [change["cause"] for row in rows for change in row["changes"]]
    assert len(rows) > 50
    assert all(cause is None or cause["recordedAt"] for cause in causes)
    # The award of Kecai's land was recorded in June, its start only later.
    moved = {row["project"]["code"]: row["changes"] for row in rows}[code_of(kecai)]
    awarded = next(each for each in moved if each["path"] == "milestones.LAND_AWARDED.actual")
    assert (awarded["old"], awarded["new"]) == (None, "2024-06-11")
    assert awarded["cause"]["type"] == "LandAwarded"
    assert "phase" not in {change["path"] for change in moved}


def test_the_investment_of_kecai(ask: Ask, kecai: str) -> None:
    points = ask("investment-pace", id=kecai)["investment"]

    assert [point["period"] for point in points] == [f"2024-{month:02d}" for month in range(6, 13)]


def test_a_project_with_another_grade_under_todays_policy(ask: Ask) -> None:
    portfolio = Portfolio(folded(USUAL), "320582")
    answers = [
        ask("agreed-and-delivered", id=project, today="post-evaluation/zhangjiagang@2025.1")
        for project in portfolio.having("PostEvaluationCompleted")
    ]

    twice = [answer for answer in answers if len(answer["postEvaluations"]) == 2]
    evaluations = [found for answer in answers for found in answer["postEvaluations"]]
    assert len(twice) == 3
    assert any(found["grade"] != found["recomputedUnder"]["grade"] for found in evaluations)
    for found in evaluations:
        assert all(indicator["agreedFrom"] for indicator in found["indicators"])
        assert all(indicator["actualFrom"] for indicator in found["indicators"])
        same = found["policy"]["version"] == "2025.1"
        assert not same or found["total"] == found["recomputedUnder"]["total"]
