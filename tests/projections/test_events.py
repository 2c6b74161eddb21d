"""Events are read from the ledger as they were recorded, with names and amendments resolved."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from domain.draft import Draft, prepare
from domain.envelope import Actor, Evidence, Source
from domain.kinds import KINDS
from ledger.key_place import keys_of
from ledger.ledger import Ledger
from projections.catalogue import VIEWS
from projections.runner import Runner
from tests.projections.asking import Row
from tests.projections.life import ask, project, reader

_numbers = count(1)
STREAM = "project/p1"
EVIDENCE = Evidence(id="D-1", title="批复", sha256="ab" * 32, page=3)


def draft(kind: str, recorded: str, on: str, payload: dict[str, Any], **parts: Any) -> Draft:
    number = next(_numbers)
    example = {k: v for k, v in KINDS[kind].example.items() if k != "phase_id"}
    return prepare(
        id=str(UUID(int=(7 << 76) | (2 << 62) | number)),
        kind=kind,
        stream=STREAM,
        occurred_on=on,
        actor=Actor(id="desk", org="DRC", role="clerk", name="李某"),
        source=Source(system="desk", record_id=f"R{number}", row_no=number),
        payload={**example, **payload},
        reason="as decided",
        recorded_at=datetime.fromisoformat(recorded).replace(tzinfo=UTC),
        request_id="test",
        salts=lambda: bytes(32),
        **parts,
    )


def story() -> list[Draft]:
    opened = prepare(
        id=str(UUID(int=(7 << 76) | (2 << 62))),
        kind="LedgerOpened",
        stream="ledger/main",
        occurred_on="2024-01-01",
        actor=Actor(id="desk", org="DRC", role="clerk"),
        source=Source(system="desk", record_id="opening"),
        payload={**KINDS["LedgerOpened"].example, "clock": "replayed"},
        recorded_at=datetime(2024, 1, 1, tzinfo=UTC),
        request_id="test",
        salts=lambda: bytes(32),
    )
    registered = draft("ProjectRegistered", "2024-01-05T02:00:00", "2024-01-05", {})
    planned = draft(
        "MilestonePlanned",
        "2024-02-01T02:00:00",
        "2024-01-20",
        {"node": "land_awarded", "responsible_person": "王某"},
        evidence=(EVIDENCE,),
    )
    started = draft("ConstructionStarted", "2024-07-03T17:00:00", "2024-06", {})
    withdrawn = draft(
        "EventRetracted",
        "2024-08-01T02:00:00",
        "2024-08-01",
        {"target": started.id},
        corrects=started.id,
    )
    return [opened, registered, planned, started, withdrawn]


@pytest.fixture
def told(database: str) -> Iterator[Connection[Any]]:
    drafts = story()

    async def append() -> None:
        ledger = await Ledger.open(database, replayed=True)
        receipts = await ledger.append(drafts)
        await ledger.close()
        assert {receipt.status for receipt in receipts} == {"accepted"}, receipts

    asyncio.run(append())
    Runner(database, VIEWS).catch_up()
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def events(connection: Connection[Any], **arguments: Any) -> list[str]:
    rows = ask(connection, "events", "2024-12-31", **arguments)
    return [row("type") for row in sorted(rows, key=lambda row: int(row("position")))]


def test_an_event_tells_who_said_what_and_when(told: Connection[Any]) -> None:
    row = next(
        row
        for row in project(told, "project/p1", "2024-12-31").many("events")
        if row("type") == "MilestonePlanned"
    )
    actor, source, (evidence,) = row.one("actor"), row.one("source"), row.many("evidence")

    assert actor is not None
    keys = keys_of(told)
    assert (keys.unlock(actor("name")), actor("org"), actor("role")) == ("李某", "DRC", "clerk")
    assert source is not None
    assert (source("system"), source.one("batch")) == ("desk", None)
    assert (evidence("title"), evidence("page")) == ("批复", "3")
    assert keys.unlock(row("payload")["responsible_person"]) == "王某"
    assert (row("occurred_on"), row("lateness_days")) == ("2024-01-20", "12")
    assert (row("stream"), row("version"), row("reason")) == (STREAM, "2", "as decided")
    assert len(row("leaf_hash")) == 64


def test_lateness_counts_from_the_last_day_a_coarse_date_may_mean(told: Connection[Any]) -> None:
    (row,) = ask(told, "events", "2024-12-31", types=["ConstructionStarted"])

    # Recorded at 01:00 of 4 July in Beijing; June ended on its 30th.
    assert row("lateness_days") == "4"


def test_a_retraction_shows_only_once_it_is_known(told: Connection[Any]) -> None:
    (started,) = ask(told, "events", "2024-12-31", types=["ConstructionStarted"])
    earlier = Row(
        reader(told, "2024-12-31", known=int(started("position"))),
        started.relation,
        started.columns,
    )
    (retraction,) = started.many("corrected_by")
    target = retraction.one("corrects")

    assert (started("retracted"), earlier("retracted")) == ("true", "false")
    assert earlier.many("corrected_by") == []
    assert retraction("type") == "EventRetracted"
    assert target is not None
    assert target("id") == started("id")
    assert project(told, "p1", "2024-12-31")("phase") == "lead"


def test_events_are_found_by_stream_kind_source_and_time(told: Connection[Any]) -> None:
    everything = events(told)

    assert len(everything) == 5
    for name in ("p1", "project/p1"):
        assert events(told, stream=name) == everything[1:]
    assert events(told, source="desk") == everything
    assert events(told, source="des") == []
    assert events(told, corrections_only=True) == ["EventRetracted"]
    assert events(told, recorded_from="2024-07-03T17:00:00Z") == everything[3:]
    assert events(told, recorded_to="2024-02-01T02:00:00Z") == everything[:3]
    assert events(told, recorded_from="2025-01-01T00:00:00Z") == []


def test_a_project_is_found_by_every_name_it_has(told: Connection[Any]) -> None:
    source = "source:desk/" + story_record(told)

    for name in ("p1", "project/p1", source):
        assert [row.columns["id"] for row in ask(told, "project", "2024-12-31", id=name)] == ["p1"]
    assert ask(told, "project", "2024-01-01", id="p1") == []
    assert ask(told, "project", "2024-12-31", id="p2") == []
    assert ask(told, "project", "2024-12-31") == []


def story_record(connection: Connection[Any]) -> str:
    (row,) = ask(connection, "events", "2024-12-31", types=["ProjectRegistered"])
    source = row.one("source")
    assert source is not None
    return str(source("record_id"))


def test_evidence_of_a_project_is_listed_once(told: Connection[Any]) -> None:
    assert [item("id") for item in project(told, "p1", "2024-12-31").many("evidence")] == ["D-1"]
