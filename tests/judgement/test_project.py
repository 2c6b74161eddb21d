"""A whole project on one day, folded plainly."""

import json
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.colour import Colour
from domain.fact import Fact
from domain.phase import Phase
from domain.policies import presets
from domain.policy import parse
from domain.project import Project, project_at
from domain.project_summary import summary
from tests.judgement.facts import PERMITS, daxin, day, fact, kecai, permit, planned

POLICIES = presets()


def at(on: str, *facts: Fact, lists: tuple[Fact, ...] = ()) -> Project:
    return project_at(facts, day(on), POLICIES, lists)


def test_kecai_is_told_as_published() -> None:
    project = at("2024-12-31", *kecai())
    took = project.lead_time("land_awarded", "construction_started")
    burst = project.permit_burst

    assert (project.title, project.district) == ("科彩项目", "320582")
    assert project.phase is Phase.CONSTRUCTION
    assert took is not None
    assert (took.calendar_days, took.workdays) == (8, 6)
    assert burst is not None
    assert (burst.count, burst.set_name) == (5, "five")
    assert [each.achieved for each in project.land_and_start()] == [True]
    assert project.deviations == []


def test_the_gap_to_the_last_permit_can_be_measured() -> None:
    took = at("2024-12-31", *kecai()).lead_time("land_awarded", "permits_complete")

    assert took is not None
    assert (took.calendar_days, took.workdays) == (1, 1)


def test_daxin_has_a_start_too_coarse_to_measure() -> None:
    project = at("2024-12-31", *daxin())
    took = project.lead_time("land_awarded", "construction_started")

    assert took is not None
    assert took.calendar_days is None
    assert project.lead_time("land_awarded", "commissioned") is None


def test_what_has_not_happened_is_not_seen() -> None:
    project = at("2024-06-11", *kecai())

    assert project.phase is Phase.LANDING
    assert project.permit_burst is None
    assert at("2023-12-31", *kecai()).district is None
    assert at("2023-12-31", *kecai()).colour is Colour.GREY


def test_amounts_come_from_the_last_fact_that_states_them() -> None:
    registered = fact("ProjectRegistered", "2024-01-01", intended_investment={"yuan": 7})
    signed = fact("ProjectSigned", "2024-02-01", total_investment={"yuan": 5})
    again = fact("ProjectSigned", "2024-03-01", total_investment={"yuan": 6})

    assert at("2024-01-31", registered).total_investment == 7
    assert at("2024-12-31", again, registered, signed).total_investment == 6
    assert at("2024-12-31", registered).fixed_asset_investment is None
    assert at("2024-12-31", fact("LandAwarded", "2024-01-01")).total_investment is None


def test_demanded_land_is_the_assessed_and_supplied_land_is_summed() -> None:
    registered = fact("ProjectRegistered", "2024-01-01", intended_land_mu="50")
    assessed = fact("PreAssessmentSubmitted", "2024-02-01", demand_land_mu="48.1")
    plots = [fact("LandAwarded", "2024-03-01", area_mu=area) for area in ("20.05", "20")]

    assert at("2024-12-31", registered).demand_land_mu == 50
    assert at("2024-12-31", registered, assessed).demand_land_mu == Decimal("48.1")
    assert at("2024-12-31", *plots).supplied_land_mu == Decimal("40.05")
    assert at("2024-12-31", registered).supplied_land_mu is None


def test_the_last_code_names_the_project() -> None:
    codes = [
        fact("ProjectCodeAssigned", "2024-01-01", code="2401-320582-89-01-111111"),
        fact("ProjectCodeAssigned", "2024-05-01", code="2405-320582-89-01-222222"),
    ]

    assert at("2024-12-31", *codes).code == "2405-320582-89-01-222222"


WUJIN = fact("ProjectRegistered", "2024-01-01", district="320412")
PLAN = planned("construction_started", "2024-06-30", plan_id="J1")
REPLAN = fact(
    "MilestoneReplanned",
    "2024-07-10",
    plan_id="J1",
    node="construction_started",
    old="2024-06-30",
    new="2024-Q3",
    counts_as_new_baseline=False,
)


def test_an_approved_replan_turns_red_to_green_and_the_first_date_stays_on_show() -> None:
    before, after = at("2024-07-09", WUJIN, PLAN, REPLAN), at("2024-07-10", WUJIN, PLAN, REPLAN)
    (state,) = (each for each in after.milestones if each.node == "construction_started")

    assert (before.colour, after.colour) == (Colour.RED, Colour.GREEN)
    assert state.planned is not None
    assert state.original is not None
    assert (state.planned.text, state.original.text, state.replans) == ("2024-Q3", "2024-06-30", 1)
    assert state.baseline == state.original
    assert state.responsible is PLAN


def test_a_new_baseline_replaces_the_first_date_in_judgement_only() -> None:
    accepted = fact(
        "MilestoneReplanned",
        "2024-07-10",
        plan_id="J1",
        node="construction_started",
        old="2024-06-30",
        new="2024-08-31",
        counts_as_new_baseline=True,
    )
    (state,) = (e for e in at("2024-12-31", PLAN, accepted).milestones)

    assert state.baseline is not None
    assert state.original is not None
    assert (state.baseline.text, state.original.text) == ("2024-08-31", "2024-06-30")
    assert state.judged("original").planned == state.baseline


def test_a_replan_follows_its_plan_into_its_phase() -> None:
    project = at(
        "2024-12-31",
        fact("PhaseDefined", "2024-01-01", phase_id="1", ordinal=1),
        fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
        planned("construction_started", "2024-06-30", plan_id="J1", phase_id="2"),
        REPLAN,
    )
    (state,) = project.milestones

    assert (state.phase_id, state.replans) == ("2", 1)


def test_of_two_phases_with_one_plan_id_a_replan_follows_the_first() -> None:
    project = at(
        "2024-12-31",
        fact("PhaseDefined", "2024-01-01", phase_id="1", ordinal=1),
        fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
        planned("construction_started", "2024-06-30", "2024-01-02", plan_id="J1", phase_id="2"),
        planned("construction_started", "2024-06-30", "2024-01-03", plan_id="J1", phase_id="1"),
        REPLAN,
    )

    assert {e.phase_id: e.replans for e in project.milestones} == {"1": 0, "2": 1}


def test_a_node_of_the_whole_project_is_reached_in_every_phase() -> None:
    project = at(
        "2024-12-31",
        fact("PhaseDefined", "2024-01-01", phase_id="1", ordinal=1),
        fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
        planned("signed", "2024-06-30", phase_id="2"),
        planned("construction_started", "2024-06-30", phase_id="2"),
        fact("ProjectSigned", "2024-05-01"),
        fact("ConstructionStarted", "2024-05-01"),
    )
    reached = {(e.phase_id, e.node): e.actual is not None for e in project.milestones}

    assert reached == {
        ("1", "signed"): True,
        ("1", "construction_started"): True,
        ("2", "signed"): True,
        ("2", "construction_started"): False,
    }


def test_permits_are_complete_with_the_last_kind_of_the_set() -> None:
    plan = planned("permits_complete", "2024-06-12")
    facts = [plan, *(each for each in kecai() if each.kind != "ConstructionStarted")]

    def reached(project: Project) -> str | None:
        (state,) = (each for each in project.milestones if each.node == "permits_complete")
        return None if state.actual is None else state.actual.on.text

    assert reached(at("2024-12-31", *facts)) == "2024-06-12"
    assert reached(at("2024-12-31", *facts[:-1])) is None
    moved = [*facts[:-1], permit("construction_permit", "2024-07-02")]
    assert reached(at("2024-12-31", *moved)) == "2024-07-02"
    assert reached(project_at(facts, day("2024-12-31"), ())) is None
    issued_again = [*facts, permit(PERMITS[-1], "2024-08-01"), permit(PERMITS[0], "2024-08-02")]
    assert reached(at("2024-12-31", *issued_again)) == "2024-06-12"


def test_the_curve_of_a_year_stands_against_the_listed_plan() -> None:
    facts = [
        fact("ProjectListed", "2024-02-01", list_id="m", annual_plan={"yuan": 100}),
        fact("InvestmentReported", "2024-06", ytd={"yuan": 30}, basis="statistical"),
    ]
    lists = (fact("MajorProjectListPublished", "2024-01-20", None, list_id="m", year=2024),)

    (point,) = at("2024-12-31", *facts, lists=lists).investment(2024, "statistical")

    assert (point.period, point.ytd, point.plan_to_date, point.gap) == ("2024-06", 30, 50, -20)


def test_a_landing_is_judged_by_the_date_its_policy_names() -> None:
    body = (
        '[policy]\nid = "land-and-start/t"\nversion = "1"\nkind = "land-and-start"\n'
        'effective_from = 2024-06-01\n[land_and_start]\nsince = "land_delivered"\n'
    )
    facts = [*kecai(), fact("LandDelivered", "2024-05-11"), fact("LandDelivered", "2024-06-12")]

    judged = project_at(facts, day("2024-12-31"), [parse(body)]).land_and_start()

    assert [(each.landed.on.text, each.achieved) for each in judged] == [("2024-06-12", True)]


def test_the_pace_joins_in_where_the_city_judges_it() -> None:
    facts = [
        fact("ProjectRegistered", "2025-01-01", district="640104"),
        fact("ProjectListed", "2025-01-10", list_id="y", annual_plan={"yuan": 100_00}),
        fact("InvestmentReported", "2025-06", basis="reported", ytd={"yuan": 40_00}),
    ]
    lists = (fact("MajorProjectListPublished", "2025-01-05", None, list_id="y", year=2025),)

    assert at("2025-06-30", *facts, lists=lists).colour is Colour.YELLOW
    assert at("2025-06-30", *facts).colour is Colour.GREY
    assert at("2025-07-31", *facts, lists=lists).colour is Colour.YELLOW
    assert at("2025-10-31", *facts, lists=lists).colour is Colour.RED


def test_no_policy_covers_a_place_without_one() -> None:
    project = project_at([WUJIN, PLAN], day("2024-07-09"), ())

    assert project.colour is Colour.GREY
    assert project.policy("colour") is None
    assert project.permit_burst is None
    assert project.land_and_start() == []


def test_a_wholly_suspended_project_is_grey_and_a_partly_suspended_one_is_judged() -> None:
    phases = [fact("PhaseDefined", "2024-01-01", phase_id=name, ordinal=int(name)) for name in "12"]
    late = planned("construction_started", "2024-06-30", phase_id="1")
    stopped = fact("ProjectSuspended", "2024-06-01", scope="2")
    all_stopped = fact("ProjectSuspended", "2024-06-01", scope="project")

    assert at("2024-07-09", WUJIN, *phases, late, stopped).colour is Colour.RED
    assert at("2024-07-09", WUJIN, *phases, late, all_stopped).colour is Colour.GREY


LIFE = [
    WUJIN,
    PLAN,
    REPLAN,
    fact("ProjectSigned", "2024-02"),
    fact("LandAwarded", "2024-03-11"),
    permit("construction_permit", "2024-03-12"),
    fact("ConstructionStarted", "2024-08-01"),
    fact("ProjectSuspended", "2024-09-01"),
    fact("ProjectResumed", "2024-09-01"),
]


@given(st.permutations(LIFE), st.dates(day("2024-01-01"), day("2025-01-31")))
def test_the_order_of_arrival_changes_nothing(facts: list[Fact], on: date) -> None:
    shuffled, usual = project_at(facts, on, POLICIES), project_at(LIFE, on, POLICIES)

    assert summary(shuffled) == summary(usual)


def test_a_summary_is_plain_json() -> None:
    told = summary(at("2024-12-31", *kecai(), PLAN), "zh")

    assert json.loads(json.dumps(told)) == told
    assert (told["phase"], told["colour"]) == ("construction", "green")
    assert told["phases"][0]["started_on"] == "2024-06-19"
    (start,) = (each for each in told["milestones"] if each["node"] == "construction_started")
    assert start["explain"] == "计划2024-06-30，实际2024-06-19按期完成"
    assert told["permit_burst"]["count"] == 5


def test_a_summary_names_deviations_with_their_exemption() -> None:
    early = [fact("ConstructionStarted", "2024-06-01"), permit("construction_permit", "2024-06-12")]

    (told,) = summary(at("2024-12-31", *early))["deviations"]

    assert (told["rule"], told["exemption"]) == ("R07", None)
    assert len(told["events"]) == 2
    assert summary(at("2024-12-31"))["milestones"] == []
