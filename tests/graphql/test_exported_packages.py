"""Packages are what their standards want, hold nothing but facts, and agree with GraphQL."""

import json
from datetime import datetime

import pytest
from jsonschema import Draft4Validator, FormatChecker
from ocdsmerge import Merger
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from domain.phase import Phase
from server.exports.oc4ids.releases import changes
from server.exports.packages import Package, Publishing
from server.exports.refusals import NothingToExport
from tests.graphql.exported import joined, oc4ids_schemas, world
from tests.graphql.packages import (
    CLOCKS,
    log,
    package,
    portfolio_of,
)

__all__ = ["world"]

STATUSES = {
    "LEAD": "identification",
    "SIGNING": "identification",
    "LANDING": "preparation",
    "CONSTRUCTION": "implementation",
    "COMMISSIONING": "completion",
    "CAPACITY": "maintenance",
    "CLOSED": "maintenance",
    "WITHDRAWN": "cancelled",
    "TERMINATED": "cancelled",
}


def test_what_is_gone_is_taken_away_part_by_part():
    assert changes({"a": {"b": 1, "c": 2}, "d": 3}, {}) == {"a": {"b": None, "c": None}, "d": None}
    assert changes({"a": [{"id": "1", "x": 1}]}, {"a": [{"id": "1"}, {"id": "2"}]}) == {
        "a": [{"id": "1", "x": None}, {"id": "2"}]
    }


def package_validator():
    project, whole = oc4ids_schemas()
    registry = Registry().with_resource(
        project["id"], Resource.from_contents(project, default_specification=DRAFT4)
    )
    return Draft4Validator(whole, registry=registry, format_checker=FormatChecker())


@pytest.mark.parametrize("times", CLOCKS)
def test_project_packages_fit_the_standard(world, times):
    made = package(world, "projects", times)

    assert [error.message for error in package_validator().iter_errors(made)] == []
    assert made["version"] == "0.9"
    assert len({each["id"] for each in made["projects"]}) == len(made["projects"]) > 5
    assert all(each["id"].startswith("oc4ids-zzzzzz-") for each in made["projects"])


def test_the_standard_tells_wrong_packages_apart(world):
    made = package(world, "projects", {})
    made["projects"][0]["status"] = "suspended"
    made["projects"][1]["budget"]["amount"]["currency"] = "万元"

    assert len(list(package_validator().iter_errors(made))) == 2


@pytest.mark.parametrize("times", CLOCKS)
def test_releases_merged_by_others_give_the_projects(world, times):
    schema, _ = oc4ids_schemas()
    told = {}
    for release in package(world, "releases", times)["releases"]:
        told.setdefault(release["ocid"], []).append(release)
    projects = package(world, "projects", times)["projects"]
    merger = Merger(schema)

    assert told.keys() == {project["id"] for project in projects}
    for project in projects:
        merged = merger.create_compiled_release(told[project["id"]])
        for name in ("id", "ocid", "date", "tag"):
            merged.pop(name)
        assert merged == {name: value for name, value in project.items() if name != "id"}


def test_each_release_has_a_time_of_its_own_on_the_day_of_its_fact(world):
    releases = package(world, "releases", {})["releases"]

    for ocid in {release["ocid"] for release in releases}:
        own = [release["date"] for release in releases if release["ocid"] == ocid]
        assert own == sorted(own)
        assert len(own) == len(set(own))
        assert all(datetime.fromisoformat(date).utcoffset().seconds == 8 * 3600 for date in own)


@pytest.mark.parametrize("times", CLOCKS)
def test_packages_agree_with_what_graphql_answers(world, times):
    made = {
        each["id"][len("oc4ids-zzzzzz-") :]: each
        for each in package(world, "projects", times)["projects"]
    }
    answer = world.ask(
        """query Asked($asOf: AsOf) { projects(first: 200, asOf: $asOf) { nodes {
          id title code region phase totalInvestment { amount(unit: YUAN) } park
          milestones { node actual planned } permits { certificateNo issuedOn }
        } } }""",
        asOf=times or None,
    )
    nodes = answer["data"]["projects"]["nodes"]

    assert made.keys() == {node["id"] for node in nodes}
    for node in nodes:
        project = made[node["id"]]
        total = node["totalInvestment"]
        codes = [each["id"] for each in project.get("identifiers", [])]
        assert project["title"] == node["title"]
        assert project["locations"][0]["gazetteer"]["identifiers"] == [node["region"]]
        assert (codes[-1:] or [None]) == [node["code"]]
        assert project.get("budget", {}).get("amount", {}).get("amount") == (
            None if total is None else int(float(total["amount"]))
        )
        if node["phase"] != "SUSPENDED":
            assert project["status"] == STATUSES[node["phase"]]
        shown = project["milestones"]
        certificates = {each["id"] for each in shown if each["id"].startswith("permit/")}
        assert certificates >= {
            f"permit/{each['certificateNo']}" for each in node["permits"] if each["certificateNo"]
        }
        met = {each["code"] for each in shown if "/" in each["id"] and each["status"] == "met"}
        assert met >= {each["node"].lower() for each in node["milestones"] if each["actual"]}


def test_every_phase_has_a_status_but_the_one_that_has_none():
    assert {phase.name for phase in Phase} - STATUSES.keys() == {"SUSPENDED"}


def test_amounts_are_whole_yuan_and_coarse_dates_say_so(world):
    projects = package(world, "projects", {})["projects"]

    amounts = [each["budget"]["amount"] for each in projects if "amount" in each.get("budget", {})]
    assert amounts
    assert all(isinstance(each["amount"], int) and each["currency"] == "CNY" for each in amounts)
    coarse = [
        node
        for each in projects
        for node in each["milestones"]
        if "met: " in node.get("description", "")
    ]
    assert coarse
    for node in coarse:
        assert node["dateMet"].endswith("T00:00:00+08:00")


def test_land_grants_are_contracts_with_linked_releases(world):
    made = package(world, "projects", {})
    told = {each["id"] for each in package(world, "releases", {})["releases"]}

    grants = [grant for each in made["projects"] for grant in each.get("contractingProcesses", [])]
    linked = [release for grant in grants for release in grant["releases"]]
    assert linked
    assert {release["id"] for release in linked} <= told
    assert all(release["url"].startswith("https://ledger.example/exports/") for release in linked)
    assert {tag for release in linked for tag in release["tag"]} <= {"tender", "award", "contract"}


def test_without_a_registered_prefix_none_is_invented(world):
    publishing = Publishing("Somebody", "https://x.example/p", "https://x.example/")
    made = Package(portfolio_of(world, {}), publishing, "projects")

    projects = json.loads(joined(world, made.pieces))["projects"]

    nodes = world.ask("{ projects(first: 200) { nodes { id } } }")["data"]["projects"]["nodes"]
    assert {each["id"] for each in projects} == {node["id"] for node in nodes}


def test_packages_can_be_of_some_districts_or_one_project(world):
    some = package(world, "projects", {}, regions=["320582"])["projects"]
    one = some[0]["id"][len("oc4ids-zzzzzz-") :]

    assert {p["locations"][0]["gazetteer"]["identifiers"][0] for p in some} == {"320582"}
    assert [p["id"] for p in package(world, "projects", {}, project=one)["projects"]] == [
        some[0]["id"]
    ]


@pytest.mark.parametrize("narrowed", [{"project": "no such project"}, {"regions": ["65"]}])
def test_nothing_to_export_is_said_before_anything_is_sent(world, narrowed):
    for kind in ("projects", "releases"):
        with pytest.raises(NothingToExport):
            package(world, kind, {}, **narrowed)
    with pytest.raises(NothingToExport):
        log(world, {}, **narrowed)
