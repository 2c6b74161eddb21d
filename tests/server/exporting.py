"""A running server with four projects to export, one of them elsewhere."""

import csv
import io
from collections.abc import Iterator

import pytest
from api.database import Readers
from api.engine import Engine
from starlette.testclient import TestClient

from server.app import application
from server.settings import Settings
from tests.databases import copied
from tests.intake.events import event, registration
from tests.server.conftest import issue

PLAN = {
    "plan_id": "PL-1",
    "node": "construction_started",
    "planned": "2024-06-30",
    "responsible_unit": "Daxin town",
    "responsible_person": "王建国",
}


@pytest.fixture(scope="module")
def house(server, modelled, public_contract, tmp_path_factory) -> Iterator[tuple[TestClient, str]]:
    """Give a client of a ledger with four projects, one of them elsewhere, and its database."""
    with copied(server, modelled) as database:
        settings = Settings(data=tmp_path_factory.mktemp("exports"), publisher="DRC")
        engine = Engine(public_contract, Readers(database))
        app = application(settings, database, engine=engine)
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            token = issue(database)
            sent = [
                registration(f"r{number}", subject=f"project/p{number}") for number in (1, 2, 3)
            ]
            elsewhere = registration("r4", subject="project/p4")
            elsewhere["data"]["district"] = "320412"
            sent.append(elsewhere)
            sent[0]["data"]["title"] = '=HYPERLINK("http://x"), "阀"'
            sent.append(event("MilestonePlanned", "m1", PLAN, occurredon="2024-01-05"))
            answer = client.post(
                "/events", json=sent, headers={"Authorization": f"Bearer {token}"}
            ).json()
            assert {each["status"] for each in answer["receipts"]} == {"accepted"}
            position = answer["position"]
            client.post("/graphql", json={"query": f"{{ board(atLeast: {position}) {{ red }} }}"})
            yield client, database


@pytest.fixture
def client(house) -> TestClient:
    return house[0]


def lines(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def query(client, query, path="/exports/queries", **variables):
    return client.post(path, json={"query": query, "variables": variables})


PROJECTS = "{ projects { nodes { id title region } } }"
