"""A project as SQL tells it is the project as the plain fold tells it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.alarms import alarms
from domain.fact import Fact
from domain.project import project_at
from domain.project_summary import summary
from tests.judgement.facts import PERMITS, fact, kecai, permit, planned
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.lives import POLICIES, adoptions, days, lives, publications


def told(row: Row, facts: Sequence[Fact], on: date) -> dict[str, Any]:
    """Tell a project by SQL in the form of `domain.project_summary`."""
    ids = {str(fact.position): fact.id for fact in facts}
    burst, total, fixed = row.one("permit_burst"), *map(row.amount, AMOUNTS)
    demand, supply = row.one("demand_land"), row.one("supplied_land")
    policies = {state.columns["policy"] for state in row.many("milestones")}
    return {
        "on": on.isoformat(),
        "title": row("title"),
        "code": row("code"),
        "district": row("region"),
        "phase": row("phase"),
        "phase_least": row("phase_least"),
        "phases": [
            {
                "id": each("id"),
                "phase": each("phase"),
                "started_on": each("started_on"),
                "commissioned_on": each("commissioned_on"),
            }
            for each in row.many("phases")
        ],
        "colour": row("colour"),
        "judged": row("judged_colour"),
        "alarms": sorted(
            (a("kind"), a("subject"), a("phase_id"), a("on"), ids[a.columns["position"]])
            for a in row.many("alarms")
        ),
        "colour_policy": policies,
        "total_investment": None if total is None else int(total),
        "fixed_asset_investment": None if fixed is None else int(fixed),
        "demand_land_mu": None if demand is None else demand("value"),
        "supplied_land_mu": None if supply is None else supply("value"),
        "milestones": [
            {
                "phase_id": each("phase_id"),
                "node": each("node"),
                "planned": each("planned"),
                "original_planned": each("original_planned"),
                "actual": each("actual"),
                "replans": int(each("replans")),
                "colour": each("colour"),
                "days_late": None if each("days_late") is None else int(each("days_late")),
                "explain": each("explain"),
            }
            for each in row.many("milestones")
        ],
        "permit_burst": None
        if burst is None
        else {
            "on": burst("on"),
            "count": int(burst("count")),
            "kinds": burst("kinds")[1:-1].split(","),
            "set": burst("set"),
        },
        "deviations": [
            {
                "rule": each("rule"),
                "severity": each("severity"),
                "phase_id": each.columns["phase_id"],
                "message": each("message"),
                "exemption": each("exemption"),
                "events": [ids[event.columns["position"]] for event in each.many("events")],
            }
            for each in row.many("deviations")
        ],
    }


AMOUNTS = ("total_investment", "fixed_asset_investment")


def plainly(facts: Sequence[Fact], on: date, lists: Sequence[Fact]) -> dict[str, Any] | None:
    """Tell a project by the plain fold."""
    project = project_at(facts, on, POLICIES, lists)
    if project.title is None:
        return None
    expected = summary(project)
    expected["colour_policy"] = {expected["colour_policy"]} if expected["milestones"] else set()
    expected["judged"] = project.judged_colour
    expected["alarms"] = sorted(
        (a.kind, a.subject, a.phase_id, a.on.isoformat(), a.fact.id) for a in alarms(project.facts)
    )
    del expected["land_and_start"]
    for name in ("demand_land_mu", "supplied_land_mu"):
        if expected[name] is not None:
            expected[name] = f"{float(expected[name]):g}"
    return expected


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=lives(), on=st.lists(days, min_size=2, max_size=2))
def test_sql_tells_what_the_plain_fold_tells(
    read_models: Connection[Any], facts: list[Fact], on: list[str]
) -> None:
    compare(read_models, facts, on)


def compare(read_models: Connection[Any], facts: Sequence[Fact], on: Sequence[str]) -> None:
    """Tell a life both ways on some days."""
    lists = publications()
    with telling(read_models, [*facts, *lists, *adoptions()]) as connection:
        for day in map(date.fromisoformat, on):
            rows = ask(connection, "project", day, id="p1")
            found = told(rows[0], facts, day) if rows else None
            expected = plainly(facts, day, lists)

            for told_one in filter(None, (found, expected)):
                # Findings of one rule have no order of their own.
                told_one["deviations"].sort(key=lambda each: (each["rule"], str(each["events"])))
            assert found == expected


def moved(on: str, new: str, phase: str | None = None) -> Fact:
    """Give a re-plan of the plan J."""
    return fact(
        "MilestoneReplanned",
        on,
        plan_id="J",
        node="construction_started",
        old="2024-06-30",
        new=new,
        counts_as_new_baseline=False,
        phase_id=phase,
    )


def begun(planned_on: str, phase: str | None = None, *, due: str = "2024-03-31") -> Fact:
    """Give the plan J."""
    return planned("construction_started", due, planned_on, plan_id="J", phase_id=phase)


def due_together(done: Fact, still_open: str) -> list[Fact]:
    """Give a node that is kept red, and two that are due next on one day, one of them done."""
    nodes = {"land_awarded": "2024-03-01", still_open: "2024-05-01"}
    nodes |= {"construction_permit": "2024-05-01", "commissioned": "2024-05-01"}
    plans = [planned(node, due) for node, due in nodes.items()]
    return [fact("LandAwarded", "2024-04-15"), done, *plans]


PHASES = (
    fact("PhaseDefined", "2024-01-01", phase_id="1", ordinal=1),
    fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
)
HERE, STRICT = (
    fact("ProjectRegistered", "2023-11-01", district=district) for district in ("320582", "320581")
)
"""Projects in two districts: the second keeps late nodes red and judges by the first plan."""
ISSUED_AGAIN = (
    planned("permits_complete", "2024-06-12"),
    permit(PERMITS[-1], "2024-08-01"),
    permit(PERMITS[0], "2024-08-02"),
)
PERMITTED = permit("construction_permit", "2024-02-20")
SELDOM_TOLD = {
    "two phases with plans of one name": [
        HERE,
        *PHASES,
        begun("2024-01-02", "2"),
        begun("2024-01-03", "1"),
        moved("2024-02-01", "2024-09-30"),
    ],
    "a re-plan of another phase before the plan": [
        HERE,
        *PHASES,
        moved("2024-01-01", "2024-08-31", "2"),
        begun("2024-01-02"),
        moved("2024-02-01", "2024-09-30"),
    ],
    "a plan that came after its re-plan": [
        HERE,
        *PHASES,
        moved("2024-01-15", "2024-09-30"),
        begun("2024-06-01", "2"),
    ],
    "a plan that was told after its re-plan": [
        STRICT,
        moved("2024-02-01", "2024-09-30"),
        begun("2024-01-02"),
    ],
    "permits that are issued again": [*kecai(), *ISSUED_AGAIN],
    "the first of two next nodes is done": [STRICT, *due_together(PERMITTED, "commissioned")],
    "the second of two next nodes is done": [
        STRICT,
        *due_together(fact("Commissioned", "2024-04-20"), "construction_permit"),
    ],
}


@pytest.mark.parametrize("facts", SELDOM_TOLD.values(), ids=SELDOM_TOLD)
def test_sql_tells_so_too_what_chance_seldom_tells(
    read_models: Connection[Any], facts: Sequence[Fact]
) -> None:
    compare(read_models, facts, ["2024-01-31", "2024-05-15", "2024-07-15", "2024-12-31"])
