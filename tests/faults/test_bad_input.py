"""What is wrong with a delivery is said with code, field, value and cure; its neighbours go in."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from domain.envelope import Actor
from domain.kinds import KINDS
from intake.grant import Grant, Right
from tests.faults.conftest import Programs
from tests.faults.crowd import BATCH, LINES, post
from tests.faults.program import Server
from tests.intake.events import delivered, event, registration
from tests.server.conftest import issue

Event = dict[str, Any]
LAND = KINDS["LandAwarded"].example
SIGNED = KINDS["ProjectSigned"].example
LONG = "a" * 70_000


def award(record: str, **changes: Any) -> Event:
    """Give the award of land with some of its payload changed; None leaves a field out."""
    payload = {name: value for name, value in {**LAND, **changes}.items() if value is not None}
    return event("LandAwarded", record, payload)


def signing(record: str, yuan: int) -> Event:
    """Give a signing whose amount in yuan need not be the one that was reported."""
    money = {"yuan": yuan, "as_reported": "3.8亿元"}
    return event("ProjectSigned", record, {**SIGNED, "total_investment": money})


BAD: dict[str, tuple[Event, str, str, str | None]] = {
    "unknown kind": (event("LandSold", "b"), "unknown_kind", "kind", "LandSold"),
    "missing field": (award("b", parcel_id=None), "missing_field", "payload.parcel_id", None),
    "missing attribute": (delivered("b", source=None), "missing_field", "source", None),
    "extra field": (award("b", colour="green"), "extra_field", "payload.colour", "green"),
    "unit in a number": (award("b", area_mu="53亩"), "wrong_unit", "payload.area_mu", "53亩"),
    "slip of 10,000": (
        signing("b", 38_000),
        "wrong_unit",
        "payload.total_investment.as_reported",
        "3.8亿元 for 38000 yuan",
    ),
    "impossible day": (
        delivered("b", occurredon="2024-02-30"),
        "invalid_date",
        "occurred_on",
        "2024-02-30",
    ),
    "impossible month": (
        delivered("b", occurredon="2024-13"),
        "invalid_date",
        "occurred_on",
        "2024-13",
    ),
    "malformed project code": (
        event("ProjectCodeAssigned", "b", {"code": "2407-320582-89-01"}),
        "invalid_project_code",
        "payload.code",
        "2407-320582-89-01",
    ),
    "code with a thirteenth month": (
        event("ProjectCodeAssigned", "b", {"code": "2413-320582-89-01-729324"}),
        "invalid_project_code",
        "payload.code",
        "2413-320582-89-01-729324",
    ),
    "subject that is no code": (
        delivered("b", subject="code:12"),
        "invalid_project_code",
        "subject",
        "12",
    ),
    "stale expected version": (
        delivered("b", expectedversion=0),
        "stale_version",
        "expectedversion",
        "0",
    ),
    "oversized event": (award("b", parcel_id=LONG), "invalid_value", "payload.parcel_id", "aaa"),
    "half a letter": (
        delivered("b", reason="\ud800"),
        "invalid_utf8",
        "reason",
        "\\ud800",
    ),
}
"""Each with the code, the field and the beginning of the value that must be answered."""


def of(project: str, *events: Event) -> list[Event]:
    """Move deliveries to a project, with record ids of its own."""
    return [
        given
        | {"id": f"{project}-{given['id']}"}
        | ({"subject": f"project/{project}"} if given["subject"] == "project/p1" else {})
        for given in events
    ]


def check_refusal(receipt: dict[str, Any], code: str, field: str, value: str | None) -> None:
    """Check that a receipt says what, where, with which value, and how to mend it."""
    assert (receipt["code"], receipt["field"]) == (code, field)
    if value is not None:
        assert receipt["value"].startswith(value)
        assert len(receipt["value"]) <= 200
    assert receipt["cure"]


def sent_as_batch(client: Any, events: list[Event]) -> list[dict[str, Any]]:
    """Send facts as one JSON array and give their receipts."""
    answer = client.post("/events", content=json.dumps(events).encode(), headers=BATCH)
    assert answer.status_code == 200, answer.text
    receipts: list[dict[str, Any]] = answer.json()["receipts"]
    return receipts


@pytest.mark.parametrize("send", [sent_as_batch, post])
@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_explained_and_its_neighbours_are_accepted(
    common_server: Server, project: str, mistake: str, send: Callable[..., list[dict[str, Any]]]
) -> None:
    bad, code, field, value = BAD[mistake]
    with common_server.client() as client:
        first, second, third = send(client, of(project, registration(), bad, delivered("good")))

    assert [first["status"], second["status"], third["status"]] == [
        "accepted",
        "rejected",
        "accepted",
    ]
    check_refusal(second, code, field, value)


@pytest.mark.parametrize("separator", [b",", b"\n"])
def test_bytes_that_are_no_letters_cost_only_their_own_event(
    common_server: Server, project: str, separator: bytes
) -> None:
    events = of(project, registration(), delivered("b", reason="@@"), delivered("good"))
    body = separator.join(json.dumps(event).encode() for event in events)
    body = body.replace(b"@@", b"\xff\xfe")
    with common_server.client() as client:
        if separator == b",":
            answer = client.post("/events", content=b"[" + body + b"]", headers=BATCH)
        else:
            answer = client.post("/events", content=body, headers=LINES)

    first, second, third = answer.json()["receipts"]
    assert (first["status"], third["status"]) == ("accepted", "accepted")
    check_refusal(second, "invalid_utf8", "reason", "\\udcff")


def test_other_content_under_a_known_key_is_refused(common_server: Server, project: str) -> None:
    one, other = (
        delivered("b", recordversion="1", occurredon=day) for day in ("2024-06-11", "2024-06-12")
    )
    with common_server.client() as client:
        receipts = post(client, of(project, registration(), one, other, one, delivered("good")))

    statuses = [receipt["status"] for receipt in receipts]
    assert statuses == ["accepted", "accepted", "rejected", "duplicate", "accepted"]
    check_refusal(receipts[2], "duplicate_key_other_content", "recordversion", "1")


def test_a_line_of_any_length_costs_only_itself(common_server: Server, project: str) -> None:
    events = of(project, registration(), delivered("b", reason=LONG * 5), delivered("good"))
    with common_server.client() as client:
        first, second, third = post(client, events)

    assert (first["status"], third["status"]) == ("accepted", "accepted")
    assert (second["status"], second["code"]) == ("rejected", "event_too_large")
    assert second["value"]
    assert second["cure"]


def test_a_body_that_is_too_long_is_refused_as_a_whole(common_server: Server) -> None:
    events = [delivered(str(number), reason=LONG) for number in range(200)]
    with common_server.client() as client:
        answer = client.post("/events", content=json.dumps(events).encode(), headers=BATCH)

    assert answer.status_code == 413
    check_refusal(answer.json(), "body_too_large", "body", "more than")


@pytest.mark.parametrize("authorization", [None, "Bearer lcl_unknown", "Basic dXNlcjpwYXNz"])
def test_nobody_delivers_without_a_known_token(
    common_server: Server, authorization: str | None
) -> None:
    headers = BATCH | ({"Authorization": authorization} if authorization else {})
    body = json.dumps([registration()]).encode()

    answer = httpx2.post(f"{common_server.address}/events", content=body, headers=headers)

    assert answer.status_code == 401
    check_refusal(answer.json(), "unauthorized", "authorization", None)


def test_a_token_without_the_right_or_of_another_source_is_refused(
    common_server: Server, project: str
) -> None:
    feed = Grant(
        Actor(id="feed", org="Land office", role="system"),
        frozenset({Right.APPEND}),
        systems=frozenset({"approval"}),
        kinds=frozenset({"ProjectRegistered", "LandDelivered"}),
    )
    with common_server.client(issue(common_server.database, feed)) as client:
        receipts = post(
            client,
            of(
                project,
                registration(),
                delivered("b1", source="/sources/land"),
                event("EventRetracted", "b2", corrects="source:approval/r1", reason="wrong"),
                award("b3"),
                delivered("b4", actorid="mayor"),
                delivered("good"),
            ),
        )

    assert [receipt["status"] for receipt in receipts] == [
        "accepted",
        *["rejected"] * 4,
        "accepted",
    ]
    check_refusal(receipts[1], "source_not_allowed", "source", "land")
    check_refusal(receipts[2], "forbidden", "type", "EventRetracted")
    check_refusal(receipts[3], "forbidden", "type", "LandAwarded")
    check_refusal(receipts[4], "forbidden", "actorid", "mayor")


def test_what_cannot_be_judged_yet_is_kept_and_listed(
    common_server: Server, project: str, programs: Programs
) -> None:
    events = of(
        project,
        registration(),
        delivered("unknown", subject=f"project/{project}-elsewhere"),
        delivered("future", occurredon="2999-01-01"),
        delivered("good"),
    )
    with common_server.client() as client:
        receipts = post(client, events)
        again = post(client, events)
    listing = programs.run("quarantine", "--json", DATABASE_URL=common_server.database)
    assert listing.wait() == 0, listing.output

    statuses = ["accepted", "quarantined", "quarantined", "accepted"]
    assert [receipt["status"] for receipt in receipts] == statuses
    assert [receipt["status"] for receipt in again] == [
        status.replace("accepted", "duplicate") for status in statuses
    ]
    check_refusal(receipts[1], "unknown_project", "subject", f"project/{project}-elsewhere")
    check_refusal(receipts[2], "future_fact", "occurred_on", "2999-01-01")
    kept = {
        row["source_key"]: row
        for row in json.loads(listing.output)
        if row["source_key"].startswith(f"approval/{project}-")
    }
    assert len(kept) == 2, "sent twice, kept once"
    check_refusal(kept[f"approval/{project}-future"], "future_fact", "occurred_on", "2999-01-01")
    check_refusal(
        kept[f"approval/{project}-unknown"],
        "unknown_project",
        "subject",
        f"project/{project}-elsewhere",
    )
