"""What goes with a project before and after it is built, told and asked."""

from pathlib import Path

import orjson
import psycopg
from api.database import Readers
from api.engine import Engine, Request, Settings
from api.serving import own_contract

from server.erasure import erase, places_of
from tests.exceptions.conftest import Town, event, registered

OPERATIONS = Path(__file__).parents[2] / "graphql" / "operations"
CODE = "2407-320582-89-01-100001"


def test_permit_cases_come_with_the_land_service_list(town: Town) -> None:
    case = {"case_no": "c1", "permit_kind": "construction_permit", "deadline_workdays": 5}
    town.send(
        registered("a"),
        event("ProjectCodeAssigned", "a-code", "2024-02-01", "a", code=CODE),
        event("LandServiceListIssued", "a-list", "2024-06-11", "a", list_id="Q1"),
        event("OffListRequirementRaised", "a-o1", "2024-06-20", "a", list_id="Q1", status="open"),
        event("OffListRequirementRaised", "a-o2", "2024-07-02", "a", list_id="Q1"),
        event("OffListRequirementRaised", "a-o3", "2024-07-02", "a", list_id="Q9"),
        *(
            event("PermitStatusReported", f"a-s{status}", on, "a", status=status, **case)
            for status, on in ((3, "2024-06-12"), (6, "2024-06-13"), (7, "2024-06-18"))
        ),
        event("PermitIssued", "a-p", "2024-06-20", "a", case_no="c1", certificate_no="z1"),
    )

    asked = (OPERATIONS / "permit-cases.graphql").read_text()
    project = town.ask(asked, code=CODE)["project"]

    (permit,) = project["permits"]
    assert permit["workdaysUsed"] == 3  # 13, then 19 and 20 June; the clock stood in between
    assert (permit["status"], permit["issuedOn"]) == (11, "2024-06-20")
    listed = project["landServiceList"]
    assert (listed["issuedOn"], listed["issuedWithContract"], listed["items"]) == (
        "2024-06-11",
        True,
        2,
    )
    assert len(listed["offListRequirements"]) == 1


def test_a_certificate_is_void_once_it_was_revoked(town: Town) -> None:
    town.send(
        registered("b"),
        event("PermitIssued", "b-p", "2024-06-20", "b", case_no="c2", certificate_no="z2"),
        event(
            "PermitLapsedOrRevoked", "b-v", "2024-09-20", "b", certificate_no="z2", act="revoked"
        ),
        event("PermitIssued", "b-q", "2024-06-20", "b", case_no="c3", certificate_no="z3"),
        event("PermitLapsedOrRevoked", "b-w", "2024-09-20", "b", certificate_no="z3"),
        event(
            "PermitIssued",
            "b-q2",
            "2024-10-08",
            "b",
            case_no="c3",
            certificate_no="z3",
            valid_until="2025-01",
        ),
    )
    fields = "permits { caseNo status voidBy voidSince validUntil }"

    before = town.project("b", fields, on="2024-09-19")["permits"]
    after = town.project("b", fields)["permits"]

    assert [each["status"] for each in before] == [11, 11]
    assert [(each["status"], each["voidBy"], each["voidSince"]) for each in after] == [
        (15, "revoked", "2024-09-20"),
        (11, None, None),
    ]
    assert after[1]["validUntil"] == "2025-01"


def test_working_days_that_nobody_can_count_say_why(town: Town) -> None:
    case = {"permit_kind": "construction_permit", "status": 3}
    town.send(
        registered("c"),
        event("PermitStatusReported", "c-1", "2024-06-03", "c", case_no="c4", **case),
        event("PermitStatusReported", "c-2", "2024-06", "c", case_no="c5", **case),
        event(
            "PermitStatusReported", "c-3", "2024-06-03", "c", case_no="c6", **case | {"status": 1}
        ),
    )

    permits = town.project("c", "permits { caseNo workdaysUsed workdaysUnknown }", on="2027-02-01")

    told = {each["caseNo"]: each["workdaysUnknown"] for each in permits["permits"]}
    assert {each["workdaysUsed"] for each in permits["permits"]} == {None}
    assert "公布" in told["c4"] or "published" in told["c4"]
    assert all(told.values())
    assert len(set(told.values())) == 3


def test_scores_forecasts_progress_and_remedies_are_shown(town: Town) -> None:
    town.send(
        registered("d"),
        event("PreAssessmentScored", "d-s", "2024-02-01", "d", policy="nobody/knows@1"),
        event("MilestonePlanned", "d-m", "2024-02-02", "d"),
        event("MilestoneForecast", "d-f1", "2024-03-01", "d", forecast="2024-07"),
        event("MilestoneForecast", "d-f2", "2024-05-01", "d", forecast="2024-Q3"),
        event("PhysicalProgressReported", "d-p", "2024-11-01", "d"),
        event("RemedyTracked", "d-r1", "2025-01-10", "d", due="2025-02-28"),
        event(
            "RemedyTracked",
            "d-r2",
            "2025-02-20",
            "d",
            act="penalty",
            due=None,
            amount={"yuan": 50_000},
        ),
    )
    fields = """
        preAssessmentScores { total policyId policy { id } criteria { criterion score max } }
        milestones { node forecast actual }
        physicalProgress { percent element seenOn }
        remedies { open overdue due penalty { amount } items }
    """

    project = town.project("d", fields)
    earlier = town.project("d", "milestones { forecast }", on="2024-04-01")

    (score,) = project["preAssessmentScores"]
    assert (score["total"], score["policy"], score["policyId"]) == ("86.5", None, "nobody/knows@1")
    assert [each["criterion"] for each in score["criteria"]] == [
        "investment_intensity",
        "technology",
    ]
    nodes = {each["node"]: each for each in project["milestones"]}
    assert nodes["CONSTRUCTION_STARTED"]["forecast"] == "2024-Q3"
    assert nodes["TOPPED_OUT"]["actual"] == "2024-11-01"
    assert [each["forecast"] for each in earlier["milestones"] if each["forecast"]] == ["2024-07"]
    assert project["physicalProgress"] == [
        {"percent": "70", "element": "topping-out", "seenOn": "2024-11-01"}
    ]
    (remedy,) = project["remedies"]
    assert (remedy["open"], remedy["overdue"], remedy["due"]) == (True, True, "2025-02-28")
    assert remedy["penalty"]["amount"] == "5"
    assert remedy["items"] == ["补足固定资产投资"]


def test_a_name_is_told_by_no_server_once_it_is_erased(bare_town: Town) -> None:
    bare_town.send(
        registered("n"),
        event("MilestonePlanned", "n-m", "2024-02-01", "n", responsible_person="王某"),
    )
    question = Request('{ project(id: "n") { milestones { responsiblePerson } } }')
    servers = [
        Engine(
            own_contract(),
            Readers(bare_town.conninfo, size=1),
            clock=lambda: bare_town.now,
            settings=Settings(cache_bytes=1_000_000),
        )
        for _ in "12"
    ]

    def told() -> list[tuple[str, int | None]]:
        answers = [bare_town.run(each.answer(question)) for each in servers]
        rows = [orjson.loads(answer.body)["data"]["project"]["milestones"] for answer in answers]
        names = [[*filter(None, (each["responsiblePerson"] for each in row))] for row in rows]
        return list(zip(names, (answer.position for answer in answers), strict=True))

    before = told()
    with psycopg.connect(bare_town.conninfo, autocommit=True) as connection:
        assert erase(connection, places_of(connection, "王某")) == 1
    after = told()
    for server in servers:
        bare_town.run(server.close())

    assert before == [(["王某"], 2)] * 2
    assert after == [([], 2)] * 2
