"""Facts are appended, corrected and retracted, and every answer is a receipt."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from domain.envelope import Actor
from intake.grant import Grant, Right
from server import depot
from server.app import application
from server.operator import OPERATOR
from server.program import program
from server.settings import Settings
from tests.databases import copied
from tests.server.conftest import issue

NUMBERS = itertools.count(1)

APPEND = """
mutation ($type: String!, $record: String!, $stream: ID, $payload: JSON!, $on: FlexDate!,
    $version: String, $expected: Int, $reason: String, $evidence: [EvidenceInput!]) {
  append(type: $type, recordId: $record, stream: $stream, payload: $payload, occurredOn: $on,
      recordVersion: $version, expectedVersion: $expected, reason: $reason, evidence: $evidence) {
    status eventId position code field value cure
  }
}
"""
REGISTERED = {
    "title": "容器角件",
    "district": "320582",
    "industry_gb4754": "3391",
    "stage": "negotiating",
    "intended_land_mu": 66.6,
}
READ = """
query ($id: ID!, $position: Int) {
  project(id: $id, atLeast: $position) {
    title demandLand { value } events { nodes { type reason retracted evidence { title } } }
  }
}
"""


@pytest.fixture(scope="module")
def ledger(server: str, modelled: str) -> Iterator[str]:
    """A database for all tests here; each works on a project of its own."""
    with copied(server, modelled) as conninfo:
        yield conninfo


@pytest.fixture(scope="module")
def app(ledger: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data=tmp_path_factory.mktemp("mutations"))
    with TestClient(application(settings, ledger), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def client(app: TestClient) -> TestClient:
    app.headers.pop("Authorization", None)
    return app


@pytest.fixture
def writer(client: TestClient, ledger: str) -> TestClient:
    client.headers["Authorization"] = f"Bearer {issue(ledger)}"
    return client


@pytest.fixture
def name() -> str:
    """The record that a test registers its project under."""
    return f"r{next(NUMBERS)}"


def ask(client: TestClient, query: str, **variables: Any) -> Any:
    return client.post("/graphql", json={"query": query, "variables": variables}).json()


def append(client: TestClient, record: str, **more: Any) -> Any:
    facts = {"type": "ProjectRegistered", "payload": REGISTERED, "on": "2024-01-17"} | more
    return ask(client, APPEND, record=record, **facts)["data"]["append"]


def test_an_appended_fact_can_be_read_at_its_position(writer: TestClient, name: str) -> None:
    receipt = append(writer, name)

    assert receipt["status"] == "ACCEPTED"
    answer = ask(writer, READ, id=f"source:ledger/{name}", position=receipt["position"])
    assert answer["data"]["project"]["title"] == "容器角件"
    assert answer["data"]["project"]["demandLand"] == {"value": "66.6"}
    assert answer["extensions"]["position"] >= receipt["position"]


def test_a_literal_payload_keeps_its_exact_numbers(writer: TestClient, name: str) -> None:
    answer = ask(
        writer,
        f'mutation {{ append(type: "ProjectRegistered", recordId: "{name}", occurredOn: "2024",'
        ' payload: {title: "A", district: "320582", industry_gb4754: "3391", stage: "lead",'
        " intended_land_mu: 0.1000}) { status position } }",
    )

    read = ask(
        writer, READ, id=f"source:ledger/{name}", position=answer["data"]["append"]["position"]
    )
    assert read["data"]["project"]["demandLand"] == {"value": "0.1"}


def test_the_same_fact_again_is_a_duplicate(writer: TestClient, name: str) -> None:
    first = append(writer, name, version="1")
    again = append(writer, name, version="1")

    assert (first["status"], again["status"]) == ("ACCEPTED", "DUPLICATE")
    assert again["eventId"] == first["eventId"]


def test_a_fact_that_breaks_its_form_is_rejected_by_field(writer: TestClient, name: str) -> None:
    receipt = append(writer, name, payload={**REGISTERED, "district": "somewhere"})

    assert receipt["status"] == "REJECTED"
    assert receipt["field"].endswith("district")
    assert receipt["code"]
    assert receipt["cure"]


def test_an_unknown_project_is_quarantined(writer: TestClient, name: str) -> None:
    receipt = append(
        writer,
        name,
        type="LandDelivered",
        stream="code:2407-320582-89-01-729324",
        payload={"parcel_id": "2024-A-7"},
    )

    assert receipt["status"] == "QUARANTINED"
    assert receipt["code"] == "unknown_project"


def test_a_correction_replaces_what_an_event_says(writer: TestClient, name: str) -> None:
    fact = append(writer, name)
    corrected = ask(
        writer,
        "mutation ($target: ID!, $payload: JSON!) { correct(target: $target, payload: $payload,"
        ' reason: "misspelt", evidence: [{id: "d1", title: "Letter", sha256: "%s"}])'
        " { status position code cure } }" % ("0" * 64),
        target=fact["eventId"],
        payload={**REGISTERED, "title": "集装箱角件"},
    )["data"]["correct"]

    assert corrected["status"] == "ACCEPTED"
    project = ask(writer, READ, id=f"source:ledger/{name}", position=corrected["position"])
    assert project["data"]["project"]["title"] == "集装箱角件"
    correction = project["data"]["project"]["events"]["nodes"][1]
    assert correction["type"] == "EventCorrected"
    assert correction["reason"] == "misspelt"
    assert correction["evidence"] == [{"title": "Letter"}]


def test_a_retracted_event_counts_no_more_and_stays_visible(writer: TestClient, name: str) -> None:
    append(writer, name)
    signed = append(
        writer,
        record=f"{name}-signed",
        type="ProjectSigned",
        stream=f"source:ledger/{name}",
        payload={
            "agreement_no": "A-1",
            "total_investment": {"yuan": 100_000_000},
            "is_foreign": False,
            "origin_region": "320500",
        },
    )
    assert signed["status"] == "ACCEPTED", signed

    retracted = ask(
        writer,
        'mutation ($target: ID!) { retract(target: $target, reason: "another project")'
        " { status position code cure } }",
        target=signed["eventId"],
    )["data"]["retract"]

    assert retracted["status"] == "ACCEPTED"
    read = ask(writer, READ, id=f"source:ledger/{name}", position=retracted["position"])
    nodes = read["data"]["project"]["events"]["nodes"]
    assert [(node["type"], node["retracted"]) for node in nodes] == [
        ("ProjectRegistered", False),
        ("ProjectSigned", True),
        ("EventRetracted", False),
    ]


def test_a_correction_that_changes_nothing_is_bad_input(writer: TestClient) -> None:
    answer = ask(writer, 'mutation { correct(target: "x", reason: "r") { status } }')

    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["errors"][0]["path"] == ["correct"]


@pytest.mark.parametrize("token", [None, "Bearer nonsense", "Basic eHg6eHg="])
def test_nobody_writes_without_a_token(client: TestClient, token: str | None) -> None:
    if token is not None:
        client.headers["Authorization"] = token

    answer = client.post(
        "/graphql",
        json={"query": 'mutation { retract(target: "x", reason: "r") { status } }'},
    ).json()

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.get("data") is None


def test_a_token_without_the_right_is_told_so(client: TestClient, ledger: str, name: str) -> None:
    reader = Grant(Actor(id="r", org="o", role="reader"), frozenset({Right.READ}))
    client.headers["Authorization"] = f"Bearer {issue(ledger, reader)}"

    receipt = append(client, name)

    assert receipt["status"] == "REJECTED"
    assert receipt["code"] == "forbidden"


def test_mutations_are_refused_on_get(writer: TestClient) -> None:
    response = writer.get(
        "/graphql",
        params={"query": 'mutation { retract(target: "x", reason: "r") { status } }'},
        headers={"accept": "application/graphql-response+json"},
    )

    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "data" not in response.json()


def test_payloads_that_are_no_objects_are_bad_input(writer: TestClient) -> None:
    answer = ask(writer, APPEND, type="X", record="r", payload=[1], on="2024")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_the_operator_writes_as_the_ledger() -> None:
    assert OPERATOR.own_system == "ledger"


BUNDLE = """
mutation ($project: String, $events: [ID!], $everything: Boolean! = false,
    $names: Boolean! = false) {
  handOutBundle(project: $project, events: $events, everything: $everything, withNames: $names) {
    id address ready expiresAt scope events files size names bytes sha256 verifierKey
  }
}
"""


def handed_out(client: TestClient, **wish: Any) -> Any:
    answer = ask(client, BUNDLE, **wish)
    assert "errors" not in answer, answer
    return answer["data"]["handOutBundle"]


@pytest.mark.parametrize("wish", ["project", "events", "everything"])
def test_a_bundle_is_handed_out_and_verifies_without_us(
    client: TestClient, ledger: str, name: str, tmp_path: Path, wish: str
) -> None:
    client.headers["Authorization"] = f"Bearer {issue(ledger, OPERATOR)}"
    receipt = append(client, name)
    wishes: dict[str, Any] = {
        "project": {"project": f"source:ledger/{name}"},
        "events": {"events": [receipt["eventId"]]},
        "everything": {"everything": True},
    }

    told = handed_out(client, **wishes[wish])
    fetched = client.get(told["address"])
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(fetched.content)
    check = ("verify", "--offline", str(bundle), "--key", told["verifierKey"])
    verified = CliRunner().invoke(program, check)
    bundle.write_bytes(fetched.content.replace(b"electroly", b"electrolx").replace(b"39", b"38", 1))
    altered = CliRunner().invoke(program, check)

    assert told["ready"]
    assert sha256(fetched.content).hexdigest() == told["sha256"]
    assert len(fetched.content) == told["bytes"]
    assert told["events"] >= 1
    assert told["names"] is None
    assert verified.exit_code == 0, verified.output
    assert altered.exit_code != 0


def test_names_leave_with_a_bundle_only_on_record(
    client: TestClient, ledger: str, name: str
) -> None:
    client.headers["Authorization"] = f"Bearer {issue(ledger, OPERATOR)}"
    append(client, name)

    told = handed_out(client, project=f"source:ledger/{name}", names=True)
    events = ask(
        client, '{ events(types: ["SealedPartsExported"]) { nodes { payload actor { id } } } }'
    )["data"]["events"]["nodes"]

    assert told["names"] is not None
    assert events[-1]["payload"]["names"] == told["names"]
    assert events[-1]["actor"]["id"] == OPERATOR.actor.id


def test_bundles_are_for_those_who_may(writer: TestClient, ledger: str, name: str) -> None:
    append(writer, name)
    mine = {"project": f"source:ledger/{name}"}
    reader = issue(ledger, Grant(Actor(id="r", org="o", role="r"), frozenset({Right.READ})))
    admin = issue(ledger, OPERATOR)
    writer.headers["Authorization"] = f"Bearer {reader}"
    told = handed_out(writer, **mine)
    whole = ask(writer, BUNDLE, everything=True)
    named = ask(writer, BUNDLE, **mine, names=True)
    writer.headers["Authorization"] = f"Bearer {admin}"
    secret = handed_out(writer, everything=True)["address"]
    writer.headers["Authorization"] = f"Bearer {reader}"

    assert writer.get(secret).status_code == 400
    assert writer.get(told["address"]).status_code == 200
    for refused in (whole, named):
        assert refused["errors"][0]["extensions"]["code"] == "REFUSED"
    writer.headers.pop("Authorization")
    assert ask(writer, BUNDLE, **mine)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert writer.get(told["address"]).status_code == 401


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "REFUSED"),
        ({"project": "source:ledger/none"}, "NOT_FOUND"),
        ({"events": ["x"]}, "REFUSED"),
        ({"events": ["0190e1d3-0000-7000-8000-000000000001"]}, "NOT_FOUND"),
        ({"project": "x", "everything": True}, "REFUSED"),
    ],
)
def test_a_bundle_of_nothing_clear_is_refused(
    client: TestClient, ledger: str, name: str, wish: dict[str, Any], code: str
) -> None:
    client.headers["Authorization"] = f"Bearer {issue(ledger, OPERATOR)}"
    append(client, name)

    assert ask(client, BUNDLE, **wish)["errors"][0]["extensions"]["code"] == code


def test_old_bundles_go_and_few_are_kept(
    client: TestClient, ledger: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.headers["Authorization"] = f"Bearer {issue(ledger, OPERATOR)}"
    append(client, name)
    mine = {"project": f"source:ledger/{name}"}
    first = handed_out(client, **mine)
    monkeypatch.setattr(depot, "MOST", 1)
    full = ask(client, BUNDLE, **mine)
    monkeypatch.setattr(depot, "KEPT", timedelta(0))
    second = handed_out(client, **mine)
    monkeypatch.setattr(depot, "LARGEST", 10)
    large = ask(client, BUNDLE, **mine)

    assert full["errors"][0]["extensions"]["code"] == "CONFLICT"
    assert client.get(first["address"]).status_code == 404
    assert client.get(second["address"]).status_code == 200
    assert large["errors"][0]["extensions"]["code"] == "REFUSED"
    assert client.get("/bundles/..%2Ftoken").status_code == 404
