"""What is told by name lies nowhere in the files of the database by that name."""

import json
import re
import time
from pathlib import Path

import psycopg
import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from api.engine import Settings as EngineSettings
from starlette.testclient import TestClient

from domain.envelope import Actor
from domain.kinds import KINDS
from intake.grant import Grant, Right
from ledger.key_place import keys_of
from server.erasure import erase, places_of
from tests.intake.events import event, registration
from tests.server.conftest import issue

NAMES = ("闻人查验", "赫连查验", "令狐查验")
"""Names that no other test of the run records."""
PERSON, CLERK, OTHER = NAMES


@pytest.fixture
def engine(public_contract: Contract, database: str) -> Engine:
    """Give an engine that keeps answers, as that of a server does."""
    return Engine(
        public_contract, Readers(database), settings=EngineSettings(cache_bytes=1_000_000)
    )


def files_with(database: str, since: float) -> list[str]:
    """Give what the server has written since, in this database or its log, that holds a name."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        [(folder, number)] = connection.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database"
            " WHERE datname = current_database()"
        ).fetchall()
    files = [
        *Path(folder, "base", str(number)).iterdir(),
        *(each for each in Path(folder, "pg_wal").iterdir() if each.stat().st_mtime >= since),
    ]
    assert len(files) > 100
    return [
        str(file)
        for file in files
        if file.is_file() and any(name.encode() in file.read_bytes() for name in NAMES)
    ]


def test_no_file_of_the_database_holds_a_name(client: TestClient, database: str) -> None:
    since = time.time() - 1
    grant = Grant(Actor("clerk-1", "bureau", "steward", name=CLERK), frozenset(Right))
    client.headers["Authorization"] = f"Bearer {issue(database, grant)}"
    plan = {
        "plan_id": "m1",
        "node": "construction_started",
        "planned": "2024-09",
        "responsible_unit": "Land office",
        "responsible_person": PERSON,
    }
    visit = {**KINDS["SiteVisitLogged"].example, "officers": [PERSON, OTHER]}
    left_out = ("lead_officer_id", "to")
    assigned = {k: v for k, v in KINDS["StewardAssigned"].example.items() if k not in left_out}
    steward = {**assigned, "lead_officer": OTHER, "team": []}
    sent = [
        registration(),
        event("MilestonePlanned", "m", plan, id="m#2"),
        # Overtaken, quarantined, corrected, and refused with what it says.
        event("MilestonePlanned", "m", {**plan, "planned": "2024-08"}, id="m#1"),
        event("MilestonePlanned", "q", plan, subject="project/nobody"),
        event("SiteVisitLogged", "v", visit),
        event("StewardAssigned", "s", steward),
        event("EventCorrected", "c", {"payload": {**plan, "planned": "2024-10"}},
              corrects="source:approval/m", reason="mistyped"),
        event("MilestonePlanned", "x", {**plan, "responsible_person": [PERSON]}),
    ]  # fmt: skip
    answer = client.post(
        "/events",
        content=json.dumps(sent),
        headers={"Content-Type": "application/cloudevents-batch+json"},
    ).json()
    statuses = [receipt["status"] for receipt in answer["receipts"]]
    assert statuses == [
        "accepted", "accepted", "superseded", "quarantined", *["accepted"] * 3, "rejected"
    ]  # fmt: skip
    question = (
        "query ($n: Int!) { events(first: 50, atLeast: $n) { nodes { actor { name } payload } }"
        " stewardLoad(atLeast: $n) { steward { id name } } }"
    )
    asked = {"query": question, "variables": {"n": answer["position"]}}

    told = client.post("/graphql", json=asked).text

    [load] = json.loads(told)["data"]["stewardLoad"]
    assert load["steward"]["name"] == OTHER
    assert re.fullmatch("[0-9a-f]{32}", load["steward"]["id"])
    assert [name in told for name in NAMES] == [True] * 3
    assert "locked-name" not in told
    assert files_with(database, since) == []
    got = {"query": question, "variables": json.dumps(asked["variables"])}
    kept = {"If-None-Match": client.get("/graphql", params=got).headers["etag"]}
    assert client.get("/graphql", params=got, headers=kept).status_code == 304

    with psycopg.connect(database, autocommit=True) as connection:
        old = keys_of(connection).locked(PERSON)
        assert erase(connection, places_of(connection, PERSON)) > 3
        assert keys_of(connection).unlock(old) is None
    told = client.post("/graphql", json=asked).text
    assert [name in told for name in NAMES] == [False, True, True]
    # Who keeps the answer of before is not told that it still holds.
    assert client.get("/graphql", params=got, headers=kept).status_code == 200
    assert files_with(database, since) == []

    with psycopg.connect(database, autocommit=True) as connection:
        one, *others = places_of(connection, OTHER)
        assert erase(connection, [one]) == 1
        assert places_of(connection, OTHER) == others
    # Where the name stays it is told, locked by another key from now on.
    told = client.post("/graphql", json=asked).text
    assert [name in told for name in NAMES] == [False, True, True]
