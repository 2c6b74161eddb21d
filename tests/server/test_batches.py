"""Every delivery is a batch whose receipts can be asked for later, however it came and ended."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from domain.envelope import Actor
from intake.grant import Grant, Right
from tests.intake import events
from tests.intake.events import event
from tests.server.conftest import issue

BATCH = {"Content-Type": "application/cloudevents-batch+json"}
LINES = {"Content-Type": "application/x-ndjson"}
IN_LINES = {**LINES, "Accept": "application/x-ndjson"}
STATUSES = ("accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected")


def registration(project: str) -> Any:
    return events.registration(f"{project}-r1", subject=f"project/{project}")


def delivered(project: str, record: str = "d1", **more: Any) -> Any:
    about = {"subject": f"project/{project}"} | more
    return events.delivered(f"{project}-{record}", **about)


def post(client: TestClient, body: Any, headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/events", content=content, headers=BATCH | (headers or {}))


def lines(facts: list[Any]) -> bytes:
    return b"\n".join(json.dumps(fact).encode() for fact in facts)


def one_of_each(project: str) -> list[Any]:
    return [
        registration(project),
        delivered(project, "d1#2"),
        delivered(project, "d1#2"),
        delivered(project, "d1#3", occurredon="2024-06-12"),
        delivered(project, "d1#1", occurredon="2024-06-10"),
        delivered(project, "d2", subject="project/nobody"),
        event("LandDelivered", f"{project}-d3", {"parcel": 1}),
        {"specversion": "1.0"},
    ]


@pytest.mark.parametrize("headers", [BATCH, LINES, IN_LINES])
def test_a_batch_can_be_asked_for_later_by_its_id(common_writer, project, headers):
    body = lines(one_of_each(project)) if headers is not BATCH else one_of_each(project)
    answer = post(common_writer, body, headers)

    found = common_writer.get(f"/batches/{answer.headers['Ledger-Batch']}").json()

    assert {status: found[status] for status in STATUSES} == {
        **dict.fromkeys(STATUSES, 1),
        "accepted": 2,
        "rejected": 2,
    }
    assert found["rows"] == 8 == sum(found[status] for status in STATUSES)
    assert found["state"] == "complete"
    assert found["source"] == "approval"
    assert len(found["sha256"]) == 64
    if headers is IN_LINES:
        assert found["receipts"] == [json.loads(line) for line in answer.text.splitlines()]
    else:
        assert found["receipts"] == answer.json()["receipts"]
        assert found["batch_id"] == answer.json()["batch_id"]


def test_the_receipts_of_a_batch_come_one_a_line_if_wanted(common_writer, project):
    answer = post(common_writer, [registration(project), delivered(project)])

    found = common_writer.get(f"/batches/{answer.json()['batch_id']}", headers=IN_LINES)

    assert found.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in found.text.splitlines()] == answer.json()["receipts"]


def test_several_requests_may_be_one_batch_that_the_sender_named(common_writer, project):
    for facts in ([registration(project)], [delivered(project), delivered(project)]):
        answer = post(common_writer, facts, {"Ledger-Batch": f"register-{project}"})
        assert answer.json()["batch_id"] == f"register-{project}"

    found = common_writer.get(f"/batches/register-{project}").json()

    assert (found["rows"], found["accepted"], found["duplicate"]) == (3, 2, 1)
    assert [receipt["index"] for receipt in found["receipts"]] == [0, 1, 2]


def test_nobody_adds_to_the_batch_of_another(common_writer, project, common_database):
    post(common_writer, [registration(project)], {"Ledger-Batch": project})
    other = Grant(Actor(id="other", org="o", role="r"), frozenset(Right))
    bearer = {"Authorization": f"Bearer {issue(common_database, other)}"}

    answer = post(common_writer, [delivered(project)], {"Ledger-Batch": project, **bearer})

    assert answer.status_code == 409
    assert answer.json()["code"] == "batch_of_another"
    assert common_writer.get(f"/batches/{project}").json()["rows"] == 1


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 101])
def test_a_batch_needs_a_name_that_fits_into_an_address(common_writer, project, name):
    answer = post(common_writer, [registration(project)], {"Ledger-Batch": name})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_batch")


def test_an_unknown_batch_or_record_is_not_found(common_writer):
    assert common_writer.get("/batches/nothing").json()["code"] == "unknown_batch"
    answer = common_writer.get("/receipts/approval/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_record")


def test_a_record_tells_what_became_of_it_each_time(common_writer, project):
    post(
        common_writer,
        [registration(project), delivered(project, "d/1#2"), delivered(project, "d/1#2")],
    )
    post(
        common_writer,
        [delivered(project, "d/1#3", occurredon="2024-06-12"), delivered(project, "d/1#1")],
    )
    unplaced = delivered(project, "d/1#4", subject="project/nobody")
    post(common_writer, [unplaced, event("LandDelivered", f"{project}-d/1#5", {"x": 1})])

    found = common_writer.get(f"/receipts/approval/{project}-d/1").json()

    assert found["record_id"] == f"{project}-d/1"
    assert [(receipt["record_version"], receipt["status"]) for receipt in found["receipts"]] == [
        ("2", "accepted"),
        ("2", "duplicate"),
        ("3", "corrected"),
        ("1", "superseded"),
        ("4", "quarantined"),
        ("5", "rejected"),
    ]
    assert [receipt["row_no"] for receipt in found["receipts"]] == [2, 3, 1, 2, 1, 2]


def test_events_name_the_batch_and_the_row_they_came_in(common_writer, project, common_database):
    answer = post(common_writer, [{"specversion": "1.0"}, registration(project)])

    with psycopg.connect(common_database) as connection:
        [(source,)] = connection.execute(
            "SELECT convert_from(bytes, 'UTF8')::jsonb #> '{body,source}' FROM ledger.events"
            " WHERE stream = %s",
            [f"project/{project}"],
        ).fetchall()
    assert (source["batch_id"], source["row_no"]) == (answer.json()["batch_id"], 2)


def test_the_same_key_and_body_are_answered_the_same_way_again(common_writer, project):
    key = {"Idempotency-Key": f'"{project}"'}
    first = post(common_writer, [registration(project), delivered(project)], key)
    again = post(common_writer, [registration(project), delivered(project)], key)

    assert first.json() == again.json()
    assert first.headers["Ledger-Batch"] == again.headers["Ledger-Batch"]
    assert [one["status"] for one in again.json()["receipts"]] == ["accepted", "accepted"]
    # Without the key the same body is known by its records.
    other = post(common_writer, [registration(project), delivered(project)])
    assert [one["status"] for one in other.json()["receipts"]] == ["duplicate", "duplicate"]


def test_a_key_holds_for_lines_that_are_answered_in_lines_too(common_writer, project):
    headers = {**IN_LINES, "Idempotency-Key": project}
    first, again = (post(common_writer, lines(one_of_each(project)), headers) for _ in range(2))

    assert first.status_code == again.status_code == 200
    assert len(first.text.splitlines()) == 8
    assert first.text == again.text


def test_a_key_with_another_body_is_refused(common_writer, project):
    post(common_writer, [registration(project)], {"Idempotency-Key": project})

    answer = post(common_writer, [delivered(project)], {"Idempotency-Key": project})

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert answer.json()["cure"]
    assert common_writer.get(f"/receipts/approval/{project}-d1").status_code == 404


def test_a_key_is_its_senders_own(common_writer, project, common_database):
    post(common_writer, [registration(project)], {"Idempotency-Key": project})
    other = Grant(Actor(id="other", org="o", role="r"), frozenset(Right))
    bearer = {"Authorization": f"Bearer {issue(common_database, other)}"}

    answer = post(common_writer, [delivered(project)], {"Idempotency-Key": project, **bearer})

    assert [one["status"] for one in answer.json()["receipts"]] == ["accepted"]


@pytest.mark.parametrize("key", ["", '""', "x" * 256])
def test_a_key_has_at_most_255_letters(common_writer, project, key):
    answer = post(common_writer, [registration(project)], {"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


def test_no_name_lies_in_clear_in_what_is_kept_of_a_refused_fact(common_writer, common_database):
    nested = {"payload": {"wrong": [{"responsible_person": "张三丰"}]}}
    unplaced = {"corrects": "source:approval/none", "reason": "r"}
    answer = post(
        common_writer,
        [
            event("EventCorrected", "c1", nested, **unplaced),
            event("MilestonePlanned", "m1", {"responsible_person": "张三丰", "x": 1}),
        ],
    )

    with psycopg.connect(common_database) as connection:
        kept = connection.execute(
            "SELECT b::text FROM ledger.batch_rows AS b WHERE batch = %s",
            [answer.json()["batch_id"]],
        ).fetchall()
    assert len(kept) == 2
    assert "张三丰" not in str(kept)


def test_who_comes_while_all_hands_are_full_is_told_when_to_come_again(common_writer, project):
    house = common_writer.app.state.house
    house.pressure.requests = house.pressure.most_requests
    answer = post(common_writer, [registration(project)])
    house.pressure.requests = 0

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (
        post(common_writer, [registration(project)]).json()["receipts"][0]["status"] == "accepted"
    )


RECEIPT = (
    Path(__file__).parents[2] / "graphql" / "operations" / "import-receipt.graphql"
).read_text("utf-8")


def asked(client: TestClient, query: str, **variables: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer
    return answer["data"]


def test_a_batch_is_asked_for_with_graphql(common_writer, project):
    answer = post(common_writer, one_of_each(project))

    found = asked(common_writer, RECEIPT, id=answer.json()["batch_id"])["batch"]

    assert found["source"] == "approval"
    assert found["fileName"] is None
    assert found["rows"] == 8
    assert (found["accepted"], found["duplicate"], found["corrected"]) == (2, 1, 1)
    assert (found["quarantined"], found["rejected"]) == (1, 2)
    assert [(one["rowNo"], one["code"]) for one in found["problems"]] == [
        (6, "unknown_project"),
        (7, "missing_field"),
        (8, "missing_field"),
    ]
    assert found["problems"][1]["message"] == 'payload.parcel_id: Add the field "parcel_id".'
    assert found["problems"][1]["payload"] == {"parcel": 1}
    assert asked(common_writer, RECEIPT, id="nothing")["batch"] is None


def test_an_event_leads_to_the_batch_it_came_in(common_writer, project):
    answer = post(common_writer, [registration(project)]).json()
    query = (
        "query ($s: ID!, $p: Int) { events(stream: $s, atLeast: $p)"
        " { nodes { source { rowNo batch { id rows accepted } } } } }"
    )

    data = asked(common_writer, query, s=f"project/{project}", p=answer["position"])

    [node] = data["events"]["nodes"]
    assert node["source"] == {
        "rowNo": 1,
        "batch": {"id": answer["batch_id"], "rows": 1, "accepted": 1},
    }
