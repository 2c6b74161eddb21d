"""Event logs are what OCEL 2.0 wants and hold nothing but facts."""

import json
from datetime import datetime
from itertools import pairwise

import pytest
from jsonschema import Draft7Validator, FormatChecker
from psycopg import connect

from ledger.reading import events_after
from tests.graphql.exported import world
from tests.graphql.packages import (
    CLOCKS,
    log,
)

__all__ = ["world"]

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
