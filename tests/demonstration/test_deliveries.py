"""The deliveries are well formed, repeatable, and as noisy as real ones."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from domain.draft import prepare
from domain.envelope import Actor, Evidence, Source
from domain.flexdate import FlexDate
from server.demonstration import Portfolio, deliveries
from tests.demonstration.conftest import SMALL, told

STREAM = "project/00000000-0000-7000-8000-000000000000"
OWN_STREAMS = ("list", "policy", "target", "enterprise", "pool", "round", "meeting")
TARGET = "00000000-0000-7000-8000-000000000001"


def test_equal_portfolios_tell_one_story_and_others_another() -> None:
    assert deliveries(SMALL) == told(SMALL)
    assert deliveries(replace(SMALL, seed=2)) != told(SMALL)


def test_deliveries_are_plain_json_in_order_of_arrival(events: list[dict[str, Any]]) -> None:
    arrivals = [datetime.fromisoformat(event["receivedat"]) for event in events]

    assert json.loads(json.dumps(events)) == events
    assert arrivals == sorted(arrivals)


def test_there_are_about_twenty_five_for_each_project(
    events: list[dict[str, Any]], portfolio: Portfolio
) -> None:
    assert 24 <= len(events) / portfolio.projects <= 32


def test_every_delivery_passes_the_rules_of_its_kind() -> None:
    events = told(SMALL)
    kinds = {event["id"]: event["type"] for event in events}
    for event in events:
        payload = dict(event["data"])
        evidence = [Evidence(**document) for document in payload.pop("evidence", [])]
        record_id, _, version = event["id"].partition("#")
        corrects = event.get("corrects")
        target = None if corrects is None else kinds[f"{corrects.rpartition('/')[2]}#1"]
        own = event["subject"].partition("/")[0] in OWN_STREAMS
        prepare(
            id=TARGET,
            kind=event["type"],
            stream=event["subject"] if own else STREAM,
            occurred_on=event["occurredon"],
            actor=Actor(id=event["actorid"], org=event["actororg"], role=event["actorrole"]),
            source=Source(
                system=event["source"].removeprefix("/sources/"),
                record_id=record_id,
                record_version=version,
            ),
            payload=payload,
            evidence=evidence,
            reason=event.get("reason"),
            request_id=TARGET,
            corrects=None if corrects is None else TARGET,
            corrected_kind=target,
            salts=lambda: b"0" * 32,
        )


def test_nothing_arrives_before_it_happened(events: list[dict[str, Any]]) -> None:
    for event in events:
        happened = FlexDate.parse(event["occurredon"]).latest
        assert happened < date.fromisoformat(event["receivedat"][:10])


def test_most_facts_arrive_within_forty_days(events: list[dict[str, Any]]) -> None:
    first: dict[str, int] = {}
    for event in events:
        if "-3206-" in event["id"]:
            continue
        happened = FlexDate.parse(event["occurredon"]).latest
        days = (date.fromisoformat(event["receivedat"][:10]) - happened).days
        first.setdefault(event["id"], days)

    prompt = sum(days <= 40 for days in first.values())
    assert prompt / len(first) > 0.96


def test_the_first_fact_of_most_projects_is_their_registration(
    events: list[dict[str, Any]],
) -> None:
    registered: set[str] = set()
    waiting = Counter[str]()
    for event in events:
        if event["type"] == "ProjectRegistered":
            registered.add(f"source:investment-promotion/{event['id'].partition('#')[0]}")
        elif event["subject"].startswith("source:") and event["subject"] not in registered:
            waiting[event["subject"]] += 1

    assert 3 <= len(waiting) <= len(registered) * 0.06


@pytest.mark.parametrize(
    ("noise", "least", "most"),
    [
        ("duplicate", 0.012, 0.03),
        ("newer version", 0.015, 0.05),
        ("date corrected", 0.01, 0.05),
        ("unit corrected", 0.03, 0.06),
        ("retracted", 0.003, 0.02),
        ("month only", 0.06, 0.14),
    ],
)
def test_the_noise_is_that_of_real_sources(
    events: list[dict[str, Any]], noise: str, least: float, most: float
) -> None:
    share = shares(events)[noise]

    assert least <= share <= most


def shares(events: list[dict[str, Any]]) -> dict[str, float]:
    """Measure each kind of noise over what it can befall."""
    ids = Counter(event["id"] for event in events)
    kinds = Counter(event["type"] for event in events)
    reports = kinds["InvestmentReported"]
    dated = [event for event in events if event["type"] not in ("InvestmentReported", *AMENDMENTS)]
    corrections = [event["data"] for event in events if event["type"] == "EventCorrected"]
    key_facts = kinds["PermitIssued"] + kinds["LandDelivered"] + kinds["StatisticsEnrolled"]
    return {
        "duplicate": sum(count - 1 for count in ids.values()) / len(events),
        "newer version": sum(identity.endswith("#2") for identity in ids) / len(events),
        "date corrected": sum("occurred_on" in data for data in corrections) / len(dated),
        "unit corrected": sum("payload" in data for data in corrections) / reports,
        "retracted": kinds["EventRetracted"] / key_facts,
        "month only": sum(len(event["occurredon"]) == len("2024-06") for event in dated)
        / len(dated),
    }


AMENDMENTS = ("EventCorrected", "EventRetracted")
