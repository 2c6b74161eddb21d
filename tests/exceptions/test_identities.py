"""One project under several identities: codes, ids and records that were found to be one."""

from typing import Any

import pytest

from tests.exceptions.conftest import Event, Town, amended, event, registered

CODES = [f"2407-320582-89-01-20000{number}" for number in range(9)]
OLD = "2020-320582-39-03-512345"


def link(record: str, keep: str, *absorb: str, **data: Any) -> Event:
    given = {"keep": keep, "absorb": list(absorb), "kind": "project", **data}
    return event("IdentitiesLinked", record, "2024-09-01", None, **given)


def test_a_project_is_found_by_every_code_it_ever_had(town: Town) -> None:
    """Exception 7: a re-coded project."""
    town.send(
        registered("a"),
        event("ProjectCodeAssigned", "a-1", "2020-05-01", "a", code=OLD),
        event("ProjectCodeAssigned", "a-2", "2024-05-01", "a", code=CODES[0], supersedes_code=OLD),
        event("LandAwarded", "a-l", "2024-06-01", f"project/{'a'}", parcel_id="P-a"),
    )
    asked = """query Q($code: String!, $on: Date!) {
        project(code: $code, asOf: {on: $on}) { id code } }"""

    found = [
        town.ask(asked, code=code, on=on)["project"]
        for code in (OLD, CODES[0])
        for on in ("2024-04-30", "2024-05-01")
    ]

    assert [each["id"] for each in found] == ["a"] * 4
    assert [each["code"] for each in found] == [OLD, CODES[0], OLD, CODES[0]]


def test_facts_of_an_unknown_code_wait_until_it_is_linked(town: Town) -> None:
    town.send(registered("b"))
    landed = event("LandAwarded", "b-l", "2024-06-01", None, parcel_id="P-b")
    landed["subject"] = f"code:{CODES[1]}"

    assert town.statuses(landed) == ["quarantined"]
    assert town.project("b", "phase")["phase"] == "LEAD"
    assert town.statuses(link("b-link", "b", CODES[1])) == ["accepted"]

    assert town.project("b", "phase")["phase"] == "LANDING"
    by_code = "query Q($code: String!) { project(code: $code) { id } }"
    assert town.ask(by_code, code=CODES[1])["project"]["id"] == "b"
    assert town.project(f"code:{CODES[1]}", "id")["id"] == "b"


@pytest.mark.parametrize("way", ["d", CODES[2], f"code:{CODES[2]}", "source:approval/R-d"])
def test_facts_of_both_are_told_of_the_one_that_is_kept_until_they_are_parted(
    bare_town: Town, way: str
) -> None:
    fields = """title suppliedLand { value } events(first: 50) { nodes { type } }
        milestones { node actual }"""
    bare_town.send(
        registered("c", title="留"),
        registered("d", "2024-02-01", title="并"),
        event("ProjectCodeAssigned", "d-1", "2024-05-01", "d", code=CODES[2]),
        event("LandAwarded", "d-l", "2024-06-01", "d", parcel_id="P-d", area_mu="10"),
        event("LandAwarded", "c-l", "2024-06-01", "c", parcel_id="P-c", area_mu="5"),
    )
    apart = bare_town.project("d", fields)

    bare_town.send(link("cd", "c", way))
    for name in ("c", "d", f"code:{CODES[2]}", "source:approval/R-d"):
        together = bare_town.project(name, f"id {fields}")
        assert (together["id"], together["title"]) == ("c", "留")
        assert together["suppliedLand"]["value"] == "15"
    assert len(together["events"]["nodes"]) == 6
    bare_town.send(event("ConstructionStarted", "d-s", "2024-10-01", "d"))
    started = {
        each["node"]: each["actual"] for each in bare_town.project("c", fields)["milestones"]
    }
    assert started["CONSTRUCTION_STARTED"] == "2024-10-01"
    counted = '{ projects(filter: {text: "并"}) { totalCount } }'
    assert bare_town.ask(counted)["projects"]["totalCount"] == 0

    bare_town.send(amended("EventRetracted", "cd-un", "cd", "2024-12-01"))

    named = [
        bare_town.project(name, "id")["id"]
        for name in ("d", f"code:{CODES[2]}", "source:approval/R-d")
    ]
    assert named == ["d"] * 3
    again = bare_town.project("d", fields)
    assert again["suppliedLand"] == apart["suppliedLand"] == {"value": "10"}
    assert again["title"] == apart["title"] == "并"
    assert bare_town.project("c", "suppliedLand { value }")["suppliedLand"]["value"] == "5"
    assert {"node": "CONSTRUCTION_STARTED", "actual": "2024-10-01"} in again["milestones"]


def test_a_revision_of_the_kept_project_lies_over_those_of_the_absorbed_one(town: Town) -> None:
    title = {"title": {"old": "项目absorbed", "new": "新名称"}}
    park = {"park": {"old": "A", "new": "B"}}
    town.send(
        registered("keeping", park="A"),
        registered("absorbed", "2024-02-01"),
        event("ProjectDetailsRevised", "title", "2024-03-01", "absorbed", changes=title),
    )
    town.send(link("both", "keeping", "absorbed"))
    together = town.project("keeping", "title park")

    town.send(event("ProjectDetailsRevised", "park", "2024-10-01", "keeping", changes=park))

    assert together == {"title": "新名称", "park": "A"}
    assert town.project("keeping", "title park") == {"title": "新名称", "park": "B"}


def test_who_is_given_a_code_after_a_link_absorbed_it_is_not_absorbed_too(town: Town) -> None:
    code = "2407-320582-89-01-210001"
    town.send(
        registered("heir"),
        registered("bearer"),
        event("ProjectCodeAssigned", "bearer-1", "2024-05-01", "bearer", code=code),
    )
    town.send(link("inherited", "heir", f"code:{code}"))
    assert town.project(f"code:{code}", "id")["id"] == "heir"

    late = event("ProjectCodeAssigned", "late-1", "2024-10-01", "late", code=code)
    landed = event("LandAwarded", "late-l", "2024-11-01", "late", parcel_id="P-1", area_mu="7")
    for fact in (registered("late", "2024-09-15"), late, landed):
        assert town.statuses(fact) == ["accepted"]

    assert town.project("late", "id suppliedLand { value }") == {
        "id": "late",
        "suppliedLand": {"value": "7"},
    }
    assert town.project("heir", "suppliedLand { value }")["suppliedLand"] is None


def test_what_was_believed_before_the_link_stays_asked(town: Town) -> None:
    town.send(registered("e"), registered("f"), event("LandAwarded", "f-l", "2024-06-01", "f"))
    events = town.ask('{ events(stream: "f", first: 10) { nodes { position } } }')
    position = events["events"]["nodes"][-1]["position"]

    town.send(link("ef", "e", "f"))

    asked = """query Q($known: Int) { project(id: "f", asOf: {knownPosition: $known}) { id } }"""
    assert town.ask(asked, known=position)["project"]["id"] == "f"
    assert town.ask(asked)["project"]["id"] == "e"


def test_an_id_that_only_a_link_knows_keeps_its_facts_apart(town: Town) -> None:
    town.send(registered("g"))
    landed = event("LandAwarded", "h-l", "2024-06-01", "h", parcel_id="P-h")
    assert town.statuses(landed) == ["quarantined"]

    town.send(link("gh", "g", "h"))
    assert town.project("g", "phase")["phase"] == "LANDING"

    town.send(amended("EventRetracted", "gh-un", "gh", "2024-12-01"))
    assert town.project("g", "phase")["phase"] == "LEAD"


def test_two_projects_of_one_code_are_one_once_linked(town: Town) -> None:
    town.send(
        registered("i"),
        registered("j"),
        event("ProjectCodeAssigned", "i-1", "2024-05-01", "i", code=CODES[3]),
        event("ProjectCodeAssigned", "j-1", "2024-05-01", "j", code=CODES[3]),
    )
    landed = event("LandAwarded", "ij-l", "2024-06-01", None, parcel_id="P-i")
    landed["subject"] = f"code:{CODES[3]}"

    (held,) = town.send(landed)
    assert held.code == "ambiguous_subject"
    town.send(link("ij", "i", "j"))

    assert town.statuses({**landed, "id": "ij-l2#1"}) == ["accepted"]
    assert town.project("j", "id phase") == {"id": "i", "phase": "LANDING"}


def test_links_follow_each_other_and_of_enterprises_there_are_links_too(town: Town) -> None:
    town.send(
        *(registered(name, enterprise_ref=f"E-{name}") for name in "klm"),
        link("lm", "l", "m"),
        link("kl", "k", "l"),
        link("E", "E-k", "E-old", kind="enterprise"),
        registered("n", enterprise_ref="E-old"),
    )

    assert town.project("m", "id")["id"] == "k"
    assert town.project("n", "enterprise")["enterprise"] == "E-k"
    counted = '{ projects(filter: {enterprise: "E-old"}) { nodes { id } } }'
    assert "n" in [each["id"] for each in town.ask(counted)["projects"]["nodes"]]


def test_a_link_sent_to_somebody_else_is_refused(town: Town) -> None:
    town.send(registered("o"), registered("p"))
    wrong = link("op", "o", "p") | {"subject": "project/p"}

    (receipt,) = town.send(wrong)

    assert (receipt.status.value, receipt.code, receipt.field) == (
        "rejected",
        "wrong_subject",
        "subject",
    )
