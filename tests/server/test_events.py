"""`POST /events` reads CloudEvents in all their forms and answers each with a receipt."""

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from domain.envelope import Actor
from intake.grant import Grant, Right
from tests.intake.events import delivered, registration
from tests.server.conftest import issue

ONE = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}


def post(client: TestClient, body: Any, headers: dict[str, str] = JSON) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/events", content=content, headers=headers)


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [receipt["status"] for receipt in answer.json()["receipts"]]


def test_a_batch_is_answered_with_position_and_receipts(writer):
    answer = post(writer, [registration(), delivered(), delivered(id=None)], BATCH)

    assert answer.status_code == 200
    body = answer.json()
    assert body["position"] == 2
    assert [receipt["index"] for receipt in body["receipts"]] == [0, 1, 2]
    assert statuses(answer) == ["accepted", "accepted", "rejected"]
    assert body["receipts"][0]["event_id"]
    assert body["receipts"][2] == {
        "index": 2,
        "status": "rejected",
        "code": "missing_field",
        "field": "id",
        "cure": 'Add the attribute "id".',
    }


def test_what_a_request_asks_for_beside_is_refused_before_anything_is_recorded(writer):
    asked = writer.post("/events?dry_run=true", json=registration())

    assert asked.status_code == 400
    assert (asked.json()["code"], asked.json()["field"]) == ("unknown_parameter", "dry_run")
    assert statuses(writer.post("/events?lang=zh", json=registration())) == ["accepted"]


@pytest.mark.parametrize("headers", [ONE, JSON, BATCH])
def test_one_event_may_come_alone(writer, headers):
    assert statuses(post(writer, registration(), headers)) == ["accepted"]
    assert statuses(post(writer, registration(), headers)) == ["duplicate"]


def test_an_event_may_come_in_binary_mode(writer):
    event = registration()
    headers = {
        f"ce-{name}": value for name, value in event.items() if name not in {"data", "id"}
    } | {"ce-id": "r%231", "Content-Type": "application/json"}

    assert statuses(post(writer, event["data"], headers)) == ["accepted"]


def test_lines_of_any_number_come_as_a_stream(writer):
    def pieces() -> Iterator[bytes]:
        yield json.dumps(registration()).encode() + b"\n"
        for number in range(5_000):
            line = json.dumps(delivered(f"d{number}")).encode() + b"\n"
            yield line[:50]
            yield line[50:]
        yield b"{broken\n" + b"x" * 300_000 + b"\n"

    answer = writer.post("/events", content=pieces(), headers=LINES)

    found = statuses(answer)
    assert found == ["accepted"] * 5_001 + ["rejected"] * 2
    receipts = answer.json()["receipts"]
    assert [receipt["code"] for receipt in receipts[-2:]] == ["invalid_json", "event_too_large"]
    assert [receipt["index"] for receipt in receipts] == list(range(5_003))


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", JSON, "empty_body"),
        (b" \n", BATCH, "empty_body"),
        (b"{", ONE, "invalid_json"),
        (b"\xff\xfe{", BATCH, "invalid_utf8"),
        (b"7", JSON, "not_an_event"),
        (b"", LINES, "empty_body"),
    ],
)
def test_a_body_in_which_nothing_can_be_read_is_refused(writer, body, headers, code):
    answer = post(writer, body, headers)

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["cure"]


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Content-Encoding": "gzip"}, "content-encoding"),
        ({"Content-Type": "application/json; charset=GB18030"}, "content-type"),
        ({"Content-Type": "text/plain"}, "content-type"),
    ],
)
def test_what_would_be_taken_for_something_else_is_not_read(writer, headers, field):
    # The two bytes of this letter in GB 18030 are another letter in UTF-8.
    body = (
        json.dumps(registration("form"), ensure_ascii=False).encode().replace(b"form", b"\xd2\xbb")
    )

    answer = post(writer, body, JSON | headers)

    assert answer.status_code == 415
    assert (answer.json()["field"], bool(answer.json()["cure"])) == (field, True)


@pytest.mark.parametrize("headers", [LINES, JSON])
def test_a_mark_before_the_text_is_no_part_of_it(writer, project, headers):
    fact = registration(f"{project}-r", subject=f"project/{project}")

    answer = post(writer, b"\xef\xbb\xbf" + json.dumps(fact).encode(), headers)

    assert [receipt["status"] for receipt in answer.json()["receipts"]] == ["accepted"]


@pytest.mark.parametrize("second", [b'{"a": 1}', b"7"])
def test_lines_of_which_none_is_a_fact_are_answered_one_by_one(writer, second):
    answer = post(writer, b"oops\n%b\n\n[" % second, LINES)

    assert answer.status_code == (400 if second == b"7" else 200)
    assert answer.json().get("code") == ("invalid_json" if second == b"7" else None)
    assert [receipt["code"] for receipt in answer.json()["receipts"]] == [
        "invalid_json",
        "not_an_event" if second == b"7" else "missing_field",
        "invalid_json",
    ]
    assert writer.get(f"/batches/{answer.json()['batch_id']}").json()["rejected"] == 3


def test_a_misspelt_kind_is_told_before_all_that_depends_on_it(writer):
    answer = post(writer, registration(type="ProjectRegisterd", subject=None))

    (receipt,) = answer.json()["receipts"]
    assert (receipt["code"], receipt["value"]) == ("unknown_kind", "ProjectRegisterd")
    assert "ProjectRegistered" in receipt["cure"]


def test_invalid_utf8_costs_only_its_own_event(writer):
    body = json.dumps([registration(), delivered(reason="@@")]).encode()

    answer = post(writer, body.replace(b"@@", b"\xff\xff"))

    assert statuses(answer) == ["accepted", "rejected"]
    assert answer.json()["receipts"][1]["code"] == "invalid_utf8"


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer lcl_nobody"]
)
def test_deliveries_need_a_known_token(client, header):
    answer = post(client, registration(), JSON | ({"Authorization": header} if header else {}))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthorized"


def test_a_token_writes_only_as_its_own_source(client, database):
    grant = Grant(
        Actor(id="feed", org="Land office", role="system"),
        frozenset({Right.APPEND}),
        frozenset({"land"}),
    )
    client.headers["Authorization"] = f"Bearer {issue(database, grant)}"

    answer = post(
        client,
        [
            registration(),
            registration(source="/sources/land"),
            delivered(source="/sources/land", type="EventRetracted", corrects="source:land/r1"),
        ],
    )

    assert [receipt.get("code") for receipt in answer.json()["receipts"]] == [
        "source_not_allowed",
        None,
        "forbidden",
    ]


def test_a_body_that_is_too_large_is_refused(writer):
    answer = post(writer, [delivered(str(number), reason="r" * 1000) for number in range(100)])

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_an_event_that_is_too_large_is_rejected_and_its_neighbours_are_not(writer):
    large = delivered("large") | {"data": {"parcel_id": "a" * 70_000}}

    answer = post(writer, [registration(), large, delivered()])

    assert statuses(answer) == ["accepted", "rejected", "accepted"]


def test_other_content_types_are_refused(writer):
    answer = post(writer, b"<xml/>", {"Content-Type": "text/xml"})

    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_media_type"


def test_an_empty_batch_is_fine(writer):
    answer = post(writer, [], BATCH)

    assert answer.status_code == 200
    assert answer.json() == {"position": 0, "receipts": []}


def test_the_actor_is_the_tokens(writer, database):
    post(writer, registration())

    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT bytes FROM ledger.events").fetchone()
    assert row is not None
    assert json.loads(row[0])["body"]["actor"]["role"] == "operator"


def test_much_that_is_no_event_is_answered_quickly_and_costs_no_neighbour(writer):
    started = monotonic()
    answer = post(writer, [1] * 20_000 + [registration()], BATCH)

    assert statuses(answer)[-1] == "accepted"
    assert statuses(answer).count("rejected") == 20_000
    assert monotonic() - started < 10
