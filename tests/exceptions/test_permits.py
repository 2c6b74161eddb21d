"""Permits before their time, in stages, on the wrong project; phases that differ; false starts."""

from typing import Any

from domain.policy import parse
from tests.exceptions.conftest import Town, adoption, amended, event, registered

SIMULATED = "SimulatedApprovalOpened"


def outcomes(town: Town, project: str) -> list[tuple[str, str | None]]:
    """Give the rules that a project breaks, with what excuses them."""
    found = town.project(project, "deviations { rule exemption }")["deviations"]
    return [(each["rule"], each["exemption"]) for each in found]


def landed(project: str, on: str = "2024-06-11") -> list[Any]:
    """Register, admit and land a project."""
    return [
        registered(project),
        event("ProjectCodeAssigned", f"{project}-k", "2024-01-06", project, code=code(project)),
        event("AdmissionDecided", f"{project}-ad", "2024-02-01", project, outcome="pass"),
        event("LandAwarded", f"{project}-la", on, project, parcel_id=f"P-{project}"),
    ]


def code(project: str) -> str:
    return f"2407-320582-89-01-3000{ord(project):02d}"


def plot(project: str, phase: str, on: str) -> Any:
    """Award a plot to a phase of a project."""
    record = f"{project}-plot-{phase}"
    return event("LandAwarded", record, on, project, parcel_id=record, phase_id=phase)


def issued(project: str, kind: str, on: str, /, **more: Any) -> Any:
    return event(
        "PermitIssued",
        f"{project}-{kind}-{on}",
        on,
        project,
        permit_kind=kind,
        case_no=f"{project}-{kind}",
        **more,
    )


def test_a_review_before_the_land_is_legal_and_a_certificate_is_not(town: Town) -> None:
    """Exception 1: simulated approval."""
    review = {"permit_kind": "works_planning_permit", "status": 11, "simulated": True}
    for name, certified in (("a", "2024-06-11"), ("b", "2024-06-10")):
        town.send(
            *landed(name),
            event(SIMULATED, f"{name}-o", "2024-05-01", name),
            event("PermitStatusReported", f"{name}-r", "2024-05-20", name, **review),
            issued(name, "land_use_planning_permit", certified),
        )

    assert outcomes(town, "a") == []
    assert outcomes(town, "b") == [("R05", None)]
    permits = town.project("a", "permits { simulated status }")["permits"]
    assert {each["simulated"] for each in permits} == {True, False}


def test_works_may_begin_under_a_staged_permit(town: Town) -> None:
    """Exception 2: piling before the whole permit."""
    whole = ("construction_permit", "2024-08-01")
    town.send(
        *landed("c"),
        issued("c", "construction_permit", "2024-06-12", stage="piling"),
        issued("c", *whole, stage="whole"),
        event("ConstructionStarted", "c-s", "2024-06-13", "c", basis="staged-permit"),
        *landed("d"),
        issued("d", *whole, stage="whole"),
        event("ConstructionStarted", "d-s", "2024-06-13", "d"),
    )

    assert outcomes(town, "c") == []
    assert outcomes(town, "d") == [("R07", None)]
    stages = [each["stage"] for each in town.project("c", "permits { stage }")["permits"]]
    assert "whole" in stages


def test_phases_stand_where_each_of_them_stands(town: Town) -> None:
    """Exception 3: land for the second phase while the first is in production."""
    phase = {"share_of_investment": {"yuan": 10**8}, "uses_existing_premises": False}
    town.send(
        registered("e"),
        *(
            event("PhaseDefined", f"e-{n}", "2024-01-10", "e", ordinal=n, title=f"{n}期", **phase)
            for n in (1, 2)
        ),
        event("AdmissionDecided", "e-ad", "2024-02-01", "e", outcome="pass"),
        event("LandAwarded", "e-l1", "2024-03-01", "e", parcel_id="E1", phase_id="1"),
        event("ConstructionStarted", "e-s", "2024-04-01", "e", phase_id="1", basis="filing"),
        event("CompletionAccepted", "e-c", "2024-10-01", "e", phase_id="1", scope="whole"),
        event("Commissioned", "e-p", "2024-11-01", "e", phase_id="1"),
        event("LandAwarded", "e-l2", "2024-12-01", "e", parcel_id="E2", phase_id="2"),
    )

    project = town.project("e", "phase phaseLeast phases { id phase } deviations { rule }")

    assert (project["phase"], project["phaseLeast"]) == ("COMMISSIONING", "LANDING")
    assert [(each["id"], each["phase"]) for each in project["phases"]] == [
        ("1", "COMMISSIONING"),
        ("2", "LANDING"),
    ]
    assert project["deviations"] == []


def test_land_for_a_further_phase_is_noted_when_the_first_missed_its_intensity(town: Town) -> None:
    """Exception 3: the gate that keeps later land from those who did not keep their word."""
    for name, delivered in (("f", "800"), ("g", "1000")):
        town.send(
            registered(name),
            event("AdmissionDecided", f"{name}-ad", "2024-02-01", name, outcome="pass"),
            event(
                "LandAwarded", f"{name}-1", "2024-03-01", name, parcel_id=f"{name}1", phase_id="1"
            ),
            event(
                "PostEvaluationCompleted",
                f"{name}-e",
                "2024-10-01",
                name,
                checkpoint="annual",
                agreed={"investment_intensity": {"value": "1000", "unit": "万元/亩"}},
                actual={"investment_intensity": {"value": delivered, "unit": "万元/亩"}},
            ),
            event(
                "LandAwarded", f"{name}-2", "2024-12-01", name, parcel_id=f"{name}2", phase_id="2"
            ),
        )

    assert outcomes(town, "f") == [("P01", None)]
    assert outcomes(town, "g") == []
    told = town.ask('{ deviations(rule: "P01") { message severity events { type } } }')
    (deviation,) = told["deviations"]
    assert [each["type"] for each in deviation["events"]] == [
        "PostEvaluationCompleted",
        "LandAwarded",
    ]
    assert deviation["severity"] == "deviation"
    assert deviation["message"]


def test_a_false_start_is_found_and_taken_back(town: Town) -> None:
    """Exception 13."""
    town.send(
        *landed("h"),
        issued("h", "construction_permit", "2024-06-12"),
        event("ConstructionStarted", "h-s", "2024-06-20", "h", self_reported=True),
    )
    assert town.project("h", "phase")["phase"] == "CONSTRUCTION"

    town.send(event("StartVerified", "h-v", "2024-07-15", "h", verdict="false-start"))
    assert town.project("h", "phase")["phase"] == "CONSTRUCTION"

    town.send(amended("EventRetracted", "h-x", "h-s", "2024-07-16"))

    project = town.project(
        "h", "phase milestones { node } events { nodes { type retracted reason } }"
    )
    assert project["phase"] == "LANDING"
    assert "CONSTRUCTION_STARTED" not in [each["node"] for each in project["milestones"]]
    told = {each["type"]: each for each in project["events"]["nodes"]}
    assert told["ConstructionStarted"]["retracted"]
    assert told["EventRetracted"]["reason"] == "查实更正"


def test_a_permit_on_the_wrong_project_is_taken_back_and_told_of_the_right_one(town: Town) -> None:
    """Exception 14."""
    town.send(*landed("i"), *landed("j"), issued("i", "construction_permit", "2024-06-12"))

    town.send(
        amended("EventRetracted", "i-x", "i-construction_permit-2024-06-12", "2024-07-01"),
        issued("j", "construction_permit", "2024-06-12"),
    )

    assert town.project("i", "permits { kind }")["permits"] == []
    (permit,) = town.project("j", "permits { kind issuedOn }")["permits"]
    assert permit == {"kind": "construction_permit", "issuedOn": "2024-06-12"}


def test_of_two_sources_in_conflict_the_policy_says_which_counts(town: Town) -> None:
    """Exception 16: the enterprise says started, the inspector says no; both stay."""
    town.send(
        event("MajorProjectListPublished", "M", "2024-01-15", list_id="M", version="1"),
        registered("k", district="320411"),
        event("ProjectListed", "k-l", "2024-01-15", "k", list_id="M"),
        event("ConstructionStarted", "k-s", "2024-05-20", "k", source="enterprise"),
        event("StartVerified", "k-v", "2024-06-10", "k", verdict="not-started", source="drc"),
    )
    asked = """query Q($on: Date!) { startRate(year: 2024, region: ["320411"], bucket: YEAR,
        asOf: {on: $on}) { rate { numerator denominator policy { id } } } }"""

    def rate(on: str) -> tuple[str, str]:
        (point,) = town.ask(asked, on=on)["startRate"]
        return point["rate"]["numerator"], point["rate"]["denominator"]

    events = town.project("k", "events { nodes { type source { system } } }")["events"]["nodes"]
    assert {(each["type"], each["source"]["system"]) for each in events} >= {
        ("ConstructionStarted", "enterprise"),
        ("StartVerified", "drc"),
    }
    assert rate("2024-06-09") == ("1", "1")
    assert rate("2024-06-30") == ("0", "1")

    # No policy moves the phase or the actual day of the node: they are what the facts say.
    def stands() -> tuple[str, str, str]:
        told = town.project("k", "phase phases { startedOn } milestones { node actual }")
        actual = {each["node"]: each["actual"] for each in told["milestones"]}
        return told["phase"], told["phases"][0]["startedOn"], actual["CONSTRUCTION_STARTED"]

    reported = ("CONSTRUCTION", "2024-05-20", "2024-05-20")
    assert stands() == reported

    town.send(event("StartVerified", "k-w", "2024-07-20", "k", verdict="confirmed", source="drc"))
    assert (rate("2024-06-30"), rate("2024-07-31")) == (("0", "1"), ("1", "1"))
    assert stands() == reported

    body = """[policy]
id = "listing/xinbei"
version = "1"
kind = "listing"
jurisdiction = "320411"
effective_from = 2024-01-01
[listing]
start_evidence = "reported"
"""
    town.send(adoption(parse(body)))
    assert rate("2024-06-30") == ("1", "1")
