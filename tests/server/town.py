"""A running server with a project here and one there, for tests of limited tokens."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from starlette.testclient import TestClient

from domain.envelope import Actor
from intake.grant import Grant, Right
from server.app import application
from server.operator import OPERATOR
from server.settings import Settings
from tests.server.conftest import copied, issue

HERE, THERE = "320582", "321102"
SOURCE = Grant(
    Actor(id="desk", org="Development and reform", role="source"),
    frozenset({Right.READ, Right.APPEND, Right.CORRECT}),
    frozenset({"desk"}),
    regions=frozenset({HERE}),
)
OPEN = """SELECT q.source_key, q.number FROM ledger.quarantine AS q
    WHERE NOT EXISTS (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number)"""
AGREED = {"total_investment": {"yuan": 100_000_000}, "is_foreign": False, "origin_region": "上海"}
LEAD = {"industry_gb4754": "3985", "stage": "negotiating"}
UNKNOWN = ("quarantined", "unknown_project")


def registered(record: str, district: str, system: str = "drc") -> dict[str, Any]:
    """Give the registration of a project."""
    return event(
        "ProjectRegistered",
        record,
        {
            "title": f"Plant {record}",
            "district": district,
            "industry_gb4754": "3985",
            "stage": "lead",
        },
        system=system,
        subject=None,
    )


def event(
    kind: str, record: str, data: dict[str, Any], *, system: str = "desk", **more: Any
) -> dict[str, Any]:
    """Give a CloudEvent."""
    given = {
        "specversion": "1.0",
        "type": kind,
        "source": f"/sources/{system}",
        "id": f"{record}#1",
        "occurredon": "2024-05-06",
        "data": data,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(record: str, subject: str, **more: Any) -> dict[str, Any]:
    """Give a signing of a project."""
    data = {**AGREED, "agreement_no": record}
    return event("ProjectSigned", record, data, subject=subject, **more)


@dataclass
class Town:
    """A running server with a project here and one there, and clients by their tokens."""

    client: TestClient
    database: str

    def token(self, grant: Grant) -> dict[str, str]:
        """Give the headers of a new token."""
        return {"Authorization": f"Bearer {issue(self.database, grant)}"}

    def send(self, headers: dict[str, str], *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Deliver events and give their receipts."""
        answer = self.client.post(
            "/events",
            content=json.dumps(list(events)),
            headers={**headers, "Content-Type": "application/cloudevents-batch+json"},
        )
        assert answer.status_code == 200, answer.text
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        return receipts

    def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        """Ask GraphQL for what has been recorded up to now."""
        body = {"query": query, "variables": variables}
        return self.client.post("/graphql", json=body, headers=headers or {}).json()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def town(
    server: str, migrated: str, public_contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    with copied(server, migrated) as database:
        settings = Settings(data=tmp_path_factory.mktemp("town"))
        app = application(settings, database, engine=Engine(public_contract, Readers(database)))
        with TestClient(app, base_url="http://127.0.0.1") as client:
            town = Town(client, database)
            everybody = town.token(OPERATOR)
            receipts = town.send(
                everybody,
                registered("HERE", HERE),
                registered("THERE", THERE),
                signed("S-HERE", "source:drc/HERE", system="drc"),
                signed("S-THERE", "source:drc/THERE", system="drc"),
            )
            assert [receipt["status"] for receipt in receipts] == ["accepted"] * 4
            town.ask(
                "query ($n: Int!) { board(atLeast: $n) { region } }", n=receipts[-1]["position"]
            )
            yield town


@pytest.fixture(scope="module")
def desk(town: Town) -> dict[str, str]:
    return town.token(SOURCE)
