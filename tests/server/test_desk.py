"""The quarantine is listed and decided with GraphQL and by command."""

import json
from typing import Any

import pytest
from api.database import Readers
from api.engine import Engine
from api.engine import Settings as EngineSettings
from starlette.testclient import TestClient
from typer.testing import CliRunner

from domain.envelope import Actor
from intake.grant import Grant, Right
from server.app import application
from server.program import program
from server.settings import Settings
from tests.intake.events import delivered, registration
from tests.server.conftest import issue

LINES = {"Content-Type": "application/x-ndjson"}
LIST = """
query ($batch: ID, $decided: Boolean) {
  quarantine(batch: $batch, decided: $decided) {
    totalCount
    nodes {
      number type subject system recordId recordVersion rowNo payload code waitingFor
      decision decidedBy decisionReason eventId
    }
  }
}
"""
ENTRY = """
query ($n: Int!) { quarantined(number: $n) { decision decidedBy decisionReason eventId } }
"""


def send(client: TestClient, *facts: Any, batch: str | None = None) -> Any:
    body = b"\n".join(json.dumps(fact).encode() for fact in facts)
    headers = LINES | ({"Ledger-Batch": batch} if batch else {})
    return client.post("/events", content=body, headers=headers).json()


def ask(client: TestClient, query: str, headers: Any = None, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    return client.post("/graphql", json=body, headers=headers).json()


def decide(client: TestClient, field: str, headers: Any = None, **arguments: Any) -> Any:
    given = ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items()
    )
    selected = "events retracted refused" if field == "retractBatch" else "decision status code"
    return ask(client, f"mutation {{ {field}({given}) {{ {selected} }} }}", headers)


def late(project: str, record: str, **more: Any) -> Any:
    about = {"subject": f"project/{project}", "occurredon": "2099-01-01"} | more
    return delivered(f"{project}-{record}#1", **about)


def test_the_quarantine_is_listed_explained_and_decided(common_writer, project):
    sent = send(
        common_writer,
        registration(f"{project}-r#1", subject=f"project/{project}"),
        late(project, "d1"),
        late(project, "d2"),
        late(project, "d3", subject=f"source:approval/{project}-x"),
    )
    found = ask(common_writer, LIST, batch=sent["batch_id"])["data"]["quarantine"]
    assert found["totalCount"] == 3
    third, second, first = found["nodes"]
    assert (first["code"], first["decision"], first["rowNo"]) == ("future_fact", None, 2)
    assert first["recordId"] == f"{project}-d1"
    assert first["payload"] == {"parcel_id": "2024-A-7"}
    assert third["waitingFor"] == f"source:approval/{project}-x"

    released = decide(
        common_writer, "releaseQuarantined", number=first["number"], reason="确认无误"
    )["data"]["releaseQuarantined"]
    assert (released["decision"], released["status"]) == ("released", "ACCEPTED")
    refused = decide(common_writer, "refuseQuarantined", number=second["number"], reason="重复")
    assert refused["data"]["refuseQuarantined"]["decision"] == "refused"
    corrected = decide(
        common_writer,
        "correctQuarantined",
        number=third["number"],
        reason="主体写错",
        subject=f"project/{project}",
    )
    assert corrected["data"]["correctQuarantined"]["decision"] == "replaced"

    left = ask(common_writer, LIST, batch=sent["batch_id"])["data"]["quarantine"]
    assert left["totalCount"] == 0
    everything = ask(common_writer, LIST, batch=sent["batch_id"], decided=True)["data"]
    assert [node["decision"] for node in everything["quarantine"]["nodes"]] == [
        "replaced",
        "refused",
        "released",
    ]
    entry = ask(common_writer, ENTRY, n=first["number"])["data"]["quarantined"]
    assert (entry["decisionReason"], bool(entry["eventId"])) == ("确认无误", True)
    assert entry["decidedBy"].startswith("operator:")


def test_a_decision_that_cannot_be_made_says_why(common_writer, common_database, project):
    [number] = _numbers(common_writer, send(common_writer, late(project, "d1")))
    reader = Grant(Actor(id="r", org="o", role="r"), frozenset({Right.READ}))
    bearer = {"Authorization": f"Bearer {issue(common_database, reader)}"}
    cases = [
        (decide(common_writer, "refuseQuarantined", number=10**6, reason="x"), "NOT_FOUND"),
        (decide(common_writer, "refuseQuarantined", number=number, reason=" "), "REFUSED"),
        (decide(common_writer, "refuseQuarantined", bearer, number=number, reason="x"), "REFUSED"),
        (decide(common_writer, "correctQuarantined", number=number, reason="x"), "REFUSED"),
        (
            decide(
                common_writer,
                "refuseQuarantined",
                {"Authorization": ""},
                number=number,
                reason="x",
            ),
            "UNAUTHENTICATED",
        ),
    ]
    for answer, code in cases:
        assert answer["errors"][0]["extensions"]["code"] == code, answer
    kept = decide(common_writer, "releaseQuarantined", number=number, reason="x")
    assert kept["data"]["releaseQuarantined"] == {
        "decision": "kept",
        "status": "QUARANTINED",
        "code": "unknown_project",
    }


def _numbers(client: TestClient, sent: Any) -> list[int]:
    found = ask(client, LIST, batch=sent["batch_id"])["data"]["quarantine"]["nodes"]
    return [node["number"] for node in found]


def test_a_batch_is_taken_back_with_graphql(common_writer, project):
    sent = send(
        common_writer,
        registration(f"{project}-r#1", subject=f"project/{project}"),
        late(project, "d1"),
    )

    result = decide(common_writer, "retractBatch", id=sent["batch_id"], reason="发错文件")

    assert result["data"]["retractBatch"] == {"events": 1, "retracted": 1, "refused": 1}
    found = common_writer.get(f"/batches/{sent['batch_id']}").json()
    assert (found["accepted"], found["quarantined"], found["retracted"]) == (1, 1, 1)
    [receipt] = common_writer.get(f"/receipts/approval/{project}-r").json()["receipts"]
    assert receipt["retracted_by"] > receipt["position"]


def test_an_answer_about_a_batch_is_never_an_old_one(
    common_database, public_contract, tmp_path, project
):
    engine = Engine(
        public_contract, Readers(common_database), settings=EngineSettings(cache_bytes=10**6)
    )
    app = application(Settings(data=tmp_path), common_database, engine=engine)
    query = "query ($id: ID!) { batch(id: $id) { duplicate } }"
    with TestClient(app, base_url="http://127.0.0.1") as client:
        client.headers["Authorization"] = f"Bearer {issue(common_database)}"
        fact = registration(f"{project}-r#1", subject=f"project/{project}")
        send(client, fact)
        for count in (1, 2):
            send(client, fact, batch=f"b-{project}")
            found = ask(client, query, id=f"b-{project}")["data"]["batch"]
            assert found == {"duplicate": count}


@pytest.fixture
def shell(database, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("LIFECYCLE_DATA", str(tmp_path))

    def run(*arguments: str, code: int = 0, standard_input: str | None = None) -> Any:
        result = CliRunner().invoke(program, [*arguments, "--json"], input=standard_input)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "append" not in arguments else None

    return run


def test_the_command_line_decides_by_name_and_reason(shell):
    facts = [registration("r#1", subject="project/p"), late("p", "d1"), late("p", "d2")]
    facts += [late("p", "d3", subject="code:2407-320582-89-01-729324")]
    lines = "\n".join(map(json.dumps, facts))
    shell("append", "-", code=1, standard_input=lines)

    numbers = sorted(entry["number"] for entry in shell("quarantine"))
    assert len(numbers) == 3
    by = ("--by", "张三", "--reason", "电话核实")
    assert shell("quarantine", "release", str(numbers[0]), *by)["status"] == "accepted"
    assert shell("quarantine", "refuse", str(numbers[1]), *by)["decision"] == "refused"
    assert shell("quarantine", "release", str(numbers[2]), *by, code=1)["decision"] == "kept"
    changed = ("--subject", "project/p", "--occurred-on", "2024-06-11")
    corrected = shell("quarantine", "correct", str(numbers[2]), *by, *changed)
    assert corrected["decision"] == "replaced"
    assert shell("quarantine") == []
    explained = shell("quarantine", "explain", str(numbers[0]))
    assert (explained["decided_by_name"], explained["decision_reason"]) == ("张三", "电话核实")


def test_an_entry_is_explained_with_its_content_as_json_to_be_corrected(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    kept = delivered("deed#1", subject="source:desk/nobody")
    CliRunner().invoke(program, ["append", "-"], input=json.dumps(kept))
    [entry] = json.loads(CliRunner().invoke(program, ["quarantine", "--json"]).stdout)

    explained = CliRunner().invoke(program, ["quarantine", "explain", str(entry["number"])]).stdout

    [said] = [line for line in explained.splitlines() if line.startswith("payload: ")]
    assert json.loads(said.removeprefix("payload: ")) == kept["data"]


def test_a_receipt_says_what_was_decided_since(common_writer, project):
    send(common_writer, delivered(f"{project}-k#1", subject=f"source:desk/{project}"))
    path = f"/receipts/approval/{project}-k"
    [kept] = common_writer.get(path).json()["receipts"]
    assert "decision" not in kept

    decide(common_writer, "refuseQuarantined", number=kept["quarantine_number"], reason="no")

    [refused] = common_writer.get(path).json()["receipts"]
    assert (refused["status"], refused["decision"]) == ("quarantined", "refused")
    assert refused["decided_at"] > refused["received_at"]
