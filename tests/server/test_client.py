"""The client appends with retries and batches, follows exactly, and asks."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

import server.client
from server.client import LedgerClient, LedgerRefused
from tests.intake.events import delivered, event, registration


class Door(httpx2.BaseTransport):
    """Passes requests on to an application in this process, and fails when it is told to."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.failures: list[Any] = []
        self.requests: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, int):
            return httpx2.Response(failure, headers={"Retry-After": "0"}, json={"code": "busy"})
        body = request.read()
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        answer = self.client.request(
            request.method, request.url.raw_path.decode(), content=body, headers=headers
        )
        if failure is not None:
            # The work was done, but its answer is lost on the way.
            raise failure
        return httpx2.Response(
            answer.status_code, headers=dict(answer.headers), content=answer.content
        )


@pytest.fixture
def door(common_writer, monkeypatch) -> Door:
    monkeypatch.setattr(server.client, "_FIRST_PAUSE_SECONDS", 0.001)
    return Door(common_writer)


@pytest.fixture
def ledger(door) -> Iterator[LedgerClient]:
    token = door.client.headers["Authorization"].removeprefix("Bearer ")
    with LedgerClient("http://127.0.0.1", token, transport=door, patience_seconds=5) as ledger:
        yield ledger


def facts(project: str, count: int = 3) -> list[dict[str, Any]]:
    about = {"subject": f"project/{project}"}
    return [
        registration(f"{project}-r#1", **about),
        *(delivered(f"{project}-{number}#1", **about) for number in range(count - 1)),
    ]


def wait_for(ledger: LedgerClient, receipt: dict[str, Any]) -> None:
    """Wait until what was sent can be read."""
    ledger.query("query ($p: Int) { board(atLeast: $p) { region } }", {"p": receipt["position"]})


def test_events_are_sent_some_at_a_time_as_one_batch(ledger, door, project, monkeypatch):
    monkeypatch.setattr(server.client, "FACTS_AT_ONCE", 2)
    sent = facts(project, 5)

    receipts = list(ledger.append([*sent[:4], json.dumps(sent[4])], batch=f"c-{project}"))

    assert [receipt["index"] for receipt in receipts] == [0, 1, 2, 3, 4]
    assert {receipt["status"] for receipt in receipts} == {"accepted"}
    assert len(door.requests) == 3
    assert ledger.batch(f"c-{project}")["accepted"] == 5


@pytest.mark.parametrize("failure", [503, 429, httpx2.ReadError("gone")])
def test_what_may_pass_is_tried_again_and_answered_as_at_first(ledger, door, project, failure):
    door.failures = [failure, failure]

    receipts = list(ledger.append(facts(project)))

    assert [receipt["status"] for receipt in receipts] == ["accepted"] * 3
    assert len(door.requests) == 3
    assert len({request.headers["idempotency-key"] for request in door.requests}) == 1


def test_patience_ends(ledger, door, project):
    ledger._patience_seconds = 0.01
    door.failures = [503] * 50

    with pytest.raises(LedgerRefused) as refused:
        list(ledger.append(facts(project)))

    assert (refused.value.status, refused.value.problem["code"]) == (503, "busy")


def test_what_cannot_be_read_gets_its_receipt_too(ledger):
    [receipt] = ledger.append(["{"])

    assert receipt["status"] == "rejected"
    assert receipt["cure"]


def test_what_is_refused_as_a_whole_is_raised(door, project):
    with (
        LedgerClient("http://127.0.0.1", "wrong", transport=door) as ledger,
        pytest.raises(LedgerRefused) as refused,
    ):
        list(ledger.append(facts(project)))
    assert refused.value.status == 401


def test_following_gives_every_event_once_and_goes_on_where_it_stopped(ledger, project):
    sent = facts(project, 3)
    wait_for(ledger, list(ledger.append(sent))[-1])
    first = list(ledger.follow(stream=f"project/{project}", wait_seconds=0))
    assert [one["type"] for one in first] == ["ProjectRegistered", "LandDelivered", "LandDelivered"]

    [last] = ledger.append([delivered(f"{project}-9#1", subject=f"project/{project}")])
    wait_for(ledger, last)
    after = first[-1]["position"]
    following = ledger.follow(after, stream=f"project/{project}", wait_seconds=0)
    assert [one["position"] for one in following] == [last["position"]]


def test_following_can_be_narrowed_and_comes_page_by_page(ledger, door, project, monkeypatch):
    monkeypatch.setattr(server.client, "PAGE", 2)
    sent = facts(project, 6)
    wait_for(ledger, list(ledger.append(sent))[-1])
    before = len(door.requests)

    about = {"stream": f"project/{project}", "wait_seconds": 0}
    every = [event["position"] for event in ledger.follow(**about)]
    land = list(ledger.follow(types=["LandDelivered"], region=["3205"], **about))

    assert len(every) == 6
    assert every == sorted(set(every))
    assert [event["position"] for event in land] == every[1:]
    assert list(ledger.follow(region=["1101"], **about)) == []
    with pytest.raises(LedgerRefused, match="kind"):
        list(ledger.follow(types=[], **about))
    assert len(door.requests) > before + 6


def test_a_question_that_is_wrong_is_raised_with_its_code(ledger):
    with pytest.raises(LedgerRefused) as refused:
        ledger.query("{ nothing }")
    assert refused.value.problem["code"]


def test_a_nonsense_event_among_good_ones_costs_none(ledger, project):
    sent = facts(project, 2)
    receipts = list(ledger.append([sent[0], event("Nothing", "x"), sent[1]]))

    assert [receipt["status"] for receipt in receipts] == ["accepted", "rejected", "accepted"]
