"""Packages are what their standards want, hold nothing but facts, and agree with GraphQL."""

import json
from datetime import datetime
from functools import cache, partial
from itertools import pairwise

import pytest
from api.request import Request
from jsonschema import Draft4Validator, Draft7Validator, FormatChecker
from ocdsmerge import Merger
from psycopg import connect
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from domain.phase import Phase
from ledger.reading import events_after
from server.exports.oc4ids.releases import changes
from server.exports.ocel.log import EventLog
from server.exports.packages import Package, Publishing
from server.exports.projects import Portfolio
from server.exports.refusals import NothingToExport
from server.exports.tables import Wanted
from tests.graphql.exported import joined, oc4ids_schemas, opened

PUBLISHING = Publishing(
    publisher="Development and reform commission",
    uri="https://ledger.example/exports/oc4ids.json",
    address="https://ledger.example/",
    prefix="oc4ids-zzzzzz",
)
CLOCKS = [{}, {"on": "2024-06-30"}, {"known": "2024-09-30T23:59:59+08:00", "on": "2023-12-31"}]
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
OCEL_TYPES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "attributes"],
        "properties": {
            "name": {"type": "string"},
            "attributes": {
                "type": "array",
                "items": {
                    "required": ["name", "type"],
                    "properties": {
                        "type": {"enum": ["string", "time", "integer", "float", "boolean"]}
                    },
                },
            },
        },
    },
}
OCEL_RELATIONS = {
    "type": "array",
    "items": {
        "required": ["objectId", "qualifier"],
        "properties": {"objectId": {"type": "string"}, "qualifier": {"type": "string"}},
    },
}
OCEL_TIME = {"type": "string", "format": "date-time"}
OCEL = {
    "type": "object",
    "required": ["eventTypes", "objectTypes", "events", "objects"],
    "additionalProperties": False,
    "properties": {
        "eventTypes": OCEL_TYPES,
        "objectTypes": OCEL_TYPES,
        "events": {
            "type": "array",
            "items": {
                "required": ["id", "type", "time"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "time": OCEL_TIME,
                    "attributes": {
                        "type": "array",
                        "items": {
                            "required": ["name", "value"],
                            "properties": {"value": {"type": "string"}},
                        },
                    },
                    "relationships": OCEL_RELATIONS,
                },
            },
        },
        "objects": {
            "type": "array",
            "items": {
                "required": ["id", "type"],
                "properties": {
                    "id": {"type": "string"},
                    "type": {"type": "string"},
                    "attributes": {
                        "type": "array",
                        "items": {
                            "required": ["name", "value", "time"],
                            "properties": {"value": {"type": "string"}, "time": OCEL_TIME},
                        },
                    },
                    "relationships": OCEL_RELATIONS,
                },
            },
        },
    },
}
"""What the JSON Schema of OCEL 2.0 demands, and the attribute types of its specification."""


@pytest.fixture(scope="module")
def world(portfolio):
    world = opened(portfolio)
    yield world
    world.close()


def portfolio_of(world, times, **narrowed):
    return Portfolio(world.engine, Request(), Wanted(times), **narrowed)


@cache
def written(world, made, times, narrowed):
    """Write a package or a log once; tests only read it, each its own copy."""
    portfolio = Portfolio(world.engine, Request(), Wanted(dict(times)), **dict(narrowed))
    log = made(portfolio)
    return joined(world, log.pieces), log


MADE = {
    kind: partial(Package, publishing=PUBLISHING, kind=kind) for kind in ("projects", "releases")
} | {
    ("log", names, is_whole): partial(EventLog, with_names=names, is_whole=is_whole)
    for names in (False, True)
    for is_whole in (False, True)
}


def frozen(values):
    return tuple((name, tuple(v) if isinstance(v, list) else v) for name, v in values.items())


def package(world, kind, times, **narrowed):
    return json.loads(written(world, MADE[kind], frozen(times), frozen(narrowed))[0])


def log(world, times, *, names=False, is_whole=True, **narrowed):
    made = MADE["log", names, is_whole]
    data, log = written(world, made, frozen(times), frozen(narrowed))
    return json.loads(data), log


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


@pytest.mark.parametrize("narrowed", [{"project": "no such project"}, {"regions": ["99"]}])
def test_nothing_to_export_is_said_before_anything_is_sent(world, narrowed):
    for kind in ("projects", "releases"):
        with pytest.raises(NothingToExport):
            package(world, kind, {}, **narrowed)
    with pytest.raises(NothingToExport):
        log(world, {}, **narrowed)


@pytest.mark.parametrize("times", CLOCKS)
def test_event_logs_fit_the_standard_and_hold_together(world, times):
    made, _ = log(world, times)

    Draft7Validator(OCEL, format_checker=FormatChecker()).validate(made)
    for what in ("object", "event"):
        declared = {
            each["name"]: {attribute["name"]: attribute["type"] for attribute in each["attributes"]}
            for each in made[f"{what}Types"]
        }
        ids = [each["id"] for each in made[f"{what}s"]]
        assert len(ids) == len(set(ids)) > 20
        for each in made[f"{what}s"]:
            for attribute in each["attributes"]:
                type_ = declared[each["type"]][attribute["name"]]
                if type_ == "integer":
                    int(attribute["value"])
                elif type_ == "time":
                    datetime.fromisoformat(attribute["value"])
                elif type_ == "boolean":
                    assert attribute["value"] in {"true", "false"}
    known = {each["id"] for each in made["objects"]}
    related = [r for each in made["objects"] + made["events"] for r in each["relationships"]]
    assert {relation["objectId"] for relation in related} <= known
    assert all(relation["qualifier"] for relation in related)


def test_events_are_the_facts_that_count_and_keep_their_day(world, portfolio):
    made, _ = log(world, {"on": "2024-12-31"})
    by_id = {event["id"]: event for event in made["events"]}

    with connect(portfolio, autocommit=True) as connection:
        recorded = {event.id: event for event in events_after(connection, 0, 100_000)}
    retracted = world.ask("{ events(first: 1000) { nodes { id retracted type } } }")["data"][
        "events"
    ]["nodes"]
    assert not by_id.keys() & {node["id"] for node in retracted if node["retracted"]}
    assert by_id.keys() <= recorded.keys()
    assert all(recorded[key].kind == event["type"] for key, event in by_id.items())
    days = 0
    for event in by_id.values():
        stated = next(a["value"] for a in event["attributes"] if a["name"] == "occurred_on")
        if len(stated) == len("2024-06-11"):
            days += 1
            # Half a day from both midnights: no tool moves it to another day by its own zone.
            assert event["time"] == f"{stated}T12:00:00+08:00"
    assert days > 50


def test_attributes_of_objects_change_over_time(world):
    made, _ = log(world, {})

    phases = [
        [(a["time"], a["value"]) for a in each["attributes"] if a["name"] == "phase"]
        for each in made["objects"]
        if each["type"] == "project"
    ]
    assert max(map(len, phases)) >= 4
    for turns in phases:
        assert turns == sorted(turns)
        assert all(one[1] != two[1] for one, two in pairwise(turns))


def test_names_of_officers_are_told_only_when_asked_for(world):
    silent, counted = log(world, {})
    told, counting = log(world, {}, names=True)

    assert counted.names == 0
    assert "officer" not in {each["type"] for each in silent["objects"]}
    assert counting.names > 0
    assert "officer" in {each["type"] for each in told["objects"]}
    assert "hmac-sha256" not in json.dumps(told)


def test_a_log_of_some_districts_holds_nothing_about_others(world):
    made, _ = log(world, {}, is_whole=False, regions=["320582"])

    districts = {
        attribute["value"]
        for each in made["objects"]
        if each["type"] == "project"
        for attribute in each["attributes"]
        if attribute["name"] == "district"
    }
    assert districts == {"320582"}
    assert "RankingPublished" not in {event["type"] for event in made["events"]}
