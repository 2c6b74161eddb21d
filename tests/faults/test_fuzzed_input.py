"""Whatever is sent, each delivery gets a receipt, and the server goes on without a fault."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.flexdate import Precision
from domain.kinds import KINDS
from domain.kinds.amendments import AMENDMENTS
from tests.faults.crowd import BATCH, LINES
from tests.faults.program import Server, wait_until
from tests.intake.events import event, registration

pytestmark = pytest.mark.slow
bounded = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

STATUSES = {"accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected"}
NASTY = (
    *("", " ", "\x00", "\ud800", "\u202e", "é", "e\u0301", "😀" * 50, "a" * 300),
    *("hmac-sha256:" + "0" * 64, "project/p1", "project/", "/", "code:", "source:", "source:a/b"),
    *("2024", "2024-02-30", "9999-12-31", "0000", "2024-Q5", "2024-06-11T25:00:00Z", "1e9", "-0"),
    *("2024-06-11T23:59:60+08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    *("'; DROP TABLE ledger.events; --", "00000000-0000-0000-0000-000000000000", "NaN", "1,5"),
)
numbers = st.one_of(
    st.integers(),
    st.integers(min_value=10**30, max_value=10**31),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((10**400, -(2**53), 2**63, 1e300, 1e-300, 0.1, -0.0)),
)
texts = st.sampled_from(NASTY) | st.text(max_size=20)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
_PERIODS = {Precision.MONTH: "2023-05", Precision.QUARTER: "2023-Q2", Precision.YEAR: "2023"}
ATTRIBUTES = (
    *("specversion", "id", "source", "type", "subject", "time", "occurredon", "data", "corrects"),
    *("recordid", "recordversion", "expectedversion", "reason", "batchid", "rowno", "actorid"),
    *("data_base64", "evidence", "Wrong", "receivedat"),
)


SENT = sorted(KINDS)


@st.composite
def almost_events(draw: st.DrawFn) -> Any:
    """Draw a good event of any kind, with something in it replaced by anything."""
    kind = draw(st.sampled_from(SENT))
    record = f"{kind}-{draw(st.integers(0, 9))}#{draw(st.integers(1, 9))}"
    drawn = event(kind, record, dict(KINDS[kind].example), reason="as decided")
    if KINDS[kind].stream_type == "project":
        drawn["subject"] = "project/fuzzed"
    else:
        del drawn["subject"]
    if kind in AMENDMENTS:
        drawn["corrects"] = f"source:approval/{draw(st.sampled_from(sorted(KINDS)))}-1"
    if KINDS[kind].period:
        drawn["occurredon"] = _PERIODS[KINDS[kind].period]
    if drawn["data"] and draw(st.booleans()):
        fields = st.sampled_from(sorted(drawn["data"]))
        drawn["data"] |= draw(st.dictionaries(fields, anything, max_size=2))
    if draw(st.booleans()):
        drawn |= draw(st.dictionaries(st.sampled_from(ATTRIBUTES), anything, max_size=2))
    return drawn


def check_answer(answer: Any, deliveries: int | None) -> None:
    """Check that an answer is JSON and of the right form, without a fault of the server."""
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    body = answer.json()
    if answer.status_code != 200:
        assert body["code"]
        assert body["cure"]
        return
    receipts = body["receipts"]
    assert deliveries is None or len(receipts) == deliveries
    for index, receipt in enumerate(receipts):
        assert receipt["index"] == index
        assert receipt["status"] in STATUSES
        if receipt["status"] in {"quarantined", "rejected"}:
            assert receipt["code"]
            assert receipt["cure"]
        else:
            assert receipt["event_id"]


@bounded
@given(events=st.lists(almost_events() | anything, max_size=4))
def test_each_of_several_deliveries_gets_a_receipt(fuzzing: Any, events: list[Any]) -> None:
    body = json.dumps(events).encode()

    check_answer(fuzzing.post("/events", content=body, headers=BATCH), len(events))


@bounded
@given(events=st.lists(almost_events() | anything, max_size=4))
def test_each_of_several_lines_gets_a_receipt(fuzzing: Any, events: list[Any]) -> None:
    body = b"\n".join(json.dumps(event).encode() for event in events)

    check_answer(fuzzing.post("/events", content=body, headers=LINES), len(events))


@bounded
@given(
    body=st.binary(max_size=200) | almost_events().map(lambda e: json.dumps(e).encode()),
    cut=st.integers(0, 300),
    media_type=st.sampled_from(
        ["application/json", "application/x-ndjson", "application/cloudevents+json", "text/plain"]
    ),
    attributes=st.dictionaries(
        st.sampled_from(["ce-specversion", "ce-id", "ce-type", "ce-source", "x-request-id"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
        max_size=5,
    ),
)
def test_any_bytes_are_answered(
    fuzzing: Any,
    body: bytes,
    cut: int,
    media_type: str,
    attributes: dict[str, str],
) -> None:
    headers = {"Content-Type": media_type, **attributes}

    check_answer(fuzzing.post("/events", content=body[:cut], headers=headers), None)


@pytest.fixture(scope="module")
def fuzzing(common_server: Server) -> Any:
    """Give a client of a server that must be as well afterwards as before."""
    with common_server.client() as client:
        client.post("/events", json=[registration(subject="project/fuzzed")], headers=BATCH)
        yield client
    wait_until(lambda: common_server.health()["status"] == "ok", "health")
    assert "Traceback" not in common_server.output
