"""Projects that move, rest, leave or were misreported while they stand on a list."""

from datetime import date
from typing import Any

from domain.policy import parse
from tests.exceptions.conftest import Town, adoption, amended, event, registered

LENIENT = """[policy]
id = "colour/jianhu"
version = "1"
kind = "colour"
jurisdiction = "320925"
effective_from = 2024-01-01
[[colour.node]]
match = "*"
warning_days = 30
grace_days = 60
"""

STARTS = """query Q($on: Date!, $region: [ID!]!) {
    startRate(year: 2024, region: $region, bucket: YEAR, asOf: {on: $on})
    { rate { numerator denominator percent } } }"""


def listed(project: str, list_id: str, region: str, on: str = "2024-01-15") -> list[Any]:
    """Register a project and put it on a list as a new start."""
    return [
        registered(project, on="2024-01-05", district=region),
        event(
            "ProjectListed",
            f"{project}-l",
            on,
            project,
            list_id=list_id,
            annual_plan={"yuan": 10**8},
            **{"class": "new"},
        ),
    ]


def published(list_id: str, year: int = 2024) -> Any:
    return event(
        "MajorProjectListPublished",
        list_id,
        f"{year}-01-15",
        list_id=list_id,
        year=year,
        version="1",
    )


def rate(town: Town, region: str, on: str) -> tuple[str, str]:
    """Give started of listed projects of a region on a day."""
    points = town.ask(STARTS, on=on, region=[region])["startRate"]
    last = points[-1]["rate"]
    return last["numerator"], last["denominator"]


def test_a_project_counts_where_it_lay_on_the_day(town: Town) -> None:
    """Exception 9: the district changes in the middle of the year."""
    moved = {"district": {"old": "320602", "new": "320681"}}
    town.send(
        published("A"),
        *listed("a", "A", "320602"),
        event("ProjectDetailsRevised", "a-m", "2024-07-01", "a", changes=moved),
    )

    assert rate(town, "320602", "2024-06-30") == ("0", "1")
    assert rate(town, "320681", "2024-06-30") == ("0", "0")
    assert rate(town, "320602", "2024-07-01") == ("0", "0")
    assert rate(town, "320681", "2024-07-01") == ("0", "1")
    board = town.ask(
        '{ board(filter: {region: ["3206"], text: "项目a"}, asOf: {on: "2024-07-01"}) { region } }'
    )
    assert board["board"] == [{"region": "320681"}]


def test_who_rests_over_the_year_end_stays_unless_the_list_is_amended(town: Town) -> None:
    """Exception 10."""
    town.send(
        published("B"),
        *listed("b", "B", "320722"),
        *listed("c", "B", "320722"),
        event("ProjectSuspended", "b-s", "2024-11-01", "b"),
        event("ConstructionStarted", "c-s", "2024-03-01", "c"),
    )

    assert rate(town, "320722", "2024-12-31") == ("1", "2")
    assert town.project("b", "phase", on="2025-01-15")["phase"] == "SUSPENDED"

    town.send(
        event(
            "ListingAmended",
            "b-a",
            "2024-12-15",
            "b",
            list_id="B",
            act="remove",
            annual_plan=None,
            reason="停工缓建",
        )
    )
    assert rate(town, "320722", "2024-12-31") == ("1", "1")
    assert rate(town, "320722", "2024-12-14") == ("1", "2")


def test_who_withdraws_after_the_listing_is_still_owed(town: Town) -> None:
    """Exception 11."""
    town.send(
        published("C"),
        *listed("d", "C", "320723"),
        event("ProjectWithdrawn", "d-w", "2024-05-01", "d"),
    )

    project = town.project("d", "phase colour listings { listId } alarms { kind }")

    assert (project["phase"], project["colour"]) == ("WITHDRAWN", "GREY")
    assert [each["listId"] for each in project["listings"]] == ["C"]
    assert rate(town, "320723", "2024-12-31") == ("0", "1")


def test_the_land_of_a_terminated_project_comes_back(town: Town) -> None:
    """Exception 12."""
    town.send(
        registered("e", district="320724"),
        event("LandAwarded", "e-l", "2024-02-01", "e", parcel_id="E9", area_mu="12"),
        event("ProjectTerminated", "e-t", "2024-09-01", "e"),
        event(
            "LandResumedOrIdle",
            "e-r",
            "2024-09-10",
            "e",
            parcel_id="E9",
            act="resumed",
            area_mu="12",
        ),
    )
    ledger = """query Q($on: Date!) { landLedger(filter: {region: ["320724"]}, asOf: {on: $on}) {
        supplied { value } recovered { value } } }"""

    assert town.project("e", "phase")["phase"] == "TERMINATED"
    assert town.project("e", "phase", on="2024-08-31")["phase"] == "LANDING"
    before = town.ask(ledger, on="2024-09-09")["landLedger"]
    after = town.ask(ledger, on="2024-09-10")["landLedger"]
    assert (before["supplied"]["value"], before["recovered"]["value"]) == ("12", "0")
    assert (after["supplied"]["value"], after["recovered"]["value"]) == ("0", "12")


def test_a_unit_slip_of_old_days_is_corrected_and_both_amounts_stay(bare_town: Town) -> None:
    """Exception 15: before the gates were there."""
    slip = {"basis": "reported", "cumulative": None, "composition": None}
    right = {"basis": "reported", "ytd": {"yuan": 62_000_000}, "method": "progress"}
    bare_town.send(
        published("D"),
        *listed("f", "D", "320811"),
        event("InvestmentReported", "f-i", "2024-06", "f", ytd={"yuan": 620_000_000_000}, **slip),
    )
    asked = """query Q($known: Int) { planActual(year: 2024, through: "2024-06", basis: REPORTED,
        groupBy: REGION, asOf: {knownPosition: $known}) { completion { percent } } }"""
    known = bare_town.ask("{ events { totalCount } }")["events"]["totalCount"]
    assert bare_town.ask(asked)["planActual"][0]["completion"]["percent"] == "620000.0"

    bare_town.send(amended("EventCorrected", "f-c", "f-i", "2024-07-20", payload=right))

    assert bare_town.ask(asked)["planActual"][0]["completion"]["percent"] == "62.0"
    assert bare_town.ask(asked, known=known)["planActual"][0]["completion"]["percent"] == "620000.0"
    told = bare_town.ask(
        "{ events(correctionsOnly: true) { nodes { payload corrects { payload } } } }"
    )
    (correction,) = told["events"]["nodes"]
    assert correction["payload"]["payload"]["ytd"]["yuan"] == 62_000_000
    assert correction["corrects"]["payload"]["ytd"]["yuan"] == 620_000_000_000


def test_history_that_is_recorded_years_later_is_true_then_and_known_now(town: Town) -> None:
    """Exception 17."""
    before = town.ask("{ events { totalCount } }")["events"]["totalCount"]
    town.send(
        registered("g", on="2016-07-01", district="320681"),
        event("ProjectSigned", "g-s", "2017-03", "g"),
        event("ConstructionStarted", "g-b", "2017-05", "g", basis="filing"),
        event("Commissioned", "g-c", "2017-12", "g"),
    )

    assert town.project("g", "phase", on="2017-06-30")["phase"] == "CONSTRUCTION"
    assert town.project("g", "phase", on="2017-05-30")["phase"] == "SIGNING"
    events = town.project("g", "events { nodes { type latenessDays } }")["events"]["nodes"]
    late = (date(2025, 3, 31) - date(2017, 12, 31)).days
    assert {each["type"]: each["latenessDays"] for each in events}["Commissioned"] == late
    asked = """query Q($known: Int) {
        project(id: "g", asOf: {knownPosition: $known, on: "2018-01-01"}) { id } }"""
    assert town.ask(asked, known=before)["project"] is None
    assert town.ask(asked)["project"]["id"] == "g"
    taken = town.project("g", "leadTime(from: SIGNED, to: COMMISSIONED) { calendarDays precision }")
    assert (taken["leadTime"]["calendarDays"], taken["leadTime"]["precision"]) == (None, "month")


def test_a_policy_adopted_afterwards_is_flagged_and_rules_what_is_asked_now(town: Town) -> None:
    """Exception 18."""
    town.send(
        registered("h", district="320925"),
        event(
            "MilestonePlanned", "h-m", "2024-01-10", "h", planned="2024-06-30", warning_days=None
        ),
    )
    asked = """query Q($known: Int) {
        project(id: "h", asOf: {knownPosition: $known, on: "2024-07-20"}) {
            colour milestones { policy { id version retroactive } } } }"""
    known = town.ask("{ events { totalCount } }")["events"]["totalCount"]
    before = town.ask(asked)["project"]
    town.send(adoption(parse(LENIENT), on="2025-02-01"))

    now = town.ask(asked)["project"]
    assert (before["colour"], now["colour"]) == ("RED", "YELLOW")
    assert now["milestones"][-1]["policy"]["id"] == "colour/jianhu@1"
    assert now["milestones"][-1]["policy"]["retroactive"] is True
    assert town.ask(asked, known=known)["project"] == before
