"""Each request is counted, written down and traced, whoever asked and however it ended."""

import io
from typing import Any

import orjson
import pytest
from api.request import Measured, Request
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from domain.errors import Malformed
from server.metrics import Metrics
from server.observing import NoTelemetry, tracing
from server.request_log import Wanted, request_log, wanted_from_environment
from server.telemetry import teller

ASKED = Measured(
    Request(caller="看板", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"),
    reference="r-1",
    operation="Board",
    kind="query",
    cost=7,
    seconds=0.25,
    database_seconds=0.2,
    position=41,
)
FAILED = Measured(Request(), operation="Board", kind="query", codes=("TIMEOUT",), seconds=0.1)


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(f"{key}={value}" for key, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_operation_and_outcome() -> None:
    metrics = Metrics(["Board"])
    for measured in (ASKED, FAILED, Measured(Request(), operation="Mine", kind="query")):
        metrics.observe(measured)

    counted = samples(metrics.text().decode())
    board = ("kind=query", "operation=Board")
    assert counted["lifecycle_graphql_seconds_count", *board] == 2
    assert counted["lifecycle_graphql_cost_total", *board] == 7
    assert counted["lifecycle_graphql_database_seconds_sum", *board] == 0.2
    assert counted["lifecycle_graphql_requests_total", "code=TIMEOUT", *board] == 1
    assert counted["lifecycle_graphql_requests_total", "code=OK", *board] == 1
    assert counted["lifecycle_graphql_seconds_count", "kind=query", "operation=other"] == 1
    assert counted["lifecycle_graphql_position",] == 41


def test_no_caller_can_make_labels() -> None:
    metrics = Metrics(["Board"])
    for number in range(1000):
        metrics.observe(Measured(Request(), operation=f"Q{number}", kind="query"))

    assert len(metrics.text()) < 20_000


def test_a_running_server_shows_what_it_counted(common_writer: TestClient) -> None:
    for _ in range(2):
        response = common_writer.post("/graphql", json={"query": "query Odd { __typename }"})
        assert response.status_code == 200

    shown = common_writer.get("/metrics")
    counted = samples(shown.text)

    assert shown.headers["content-type"].startswith("text/plain")
    labels = ("code=OK", "kind=query", "operation=other")
    assert counted["lifecycle_graphql_requests_total", *labels] >= 2


def written(wanted: Wanted, *all_measured: Measured) -> list[dict[str, Any]]:
    stream = io.StringIO()
    write = request_log(wanted, stream)
    for measured in all_measured:
        write(measured)
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_who_asked_what_and_at_which_position() -> None:
    (line,) = written(Wanted.REQUESTS, ASKED)

    assert line.pop("timestamp")
    assert line == {
        "event": "graphql",
        "level": "info",
        "request_id": "r-1",
        "token": "看板",
        "operation": "Board",
        "kind": "query",
        "position": 41,
        "cost": 7,
        "cached": False,
        "milliseconds": 250.0,
        "database_milliseconds": 200.0,
        "codes": [],
    }


def test_only_faults_are_written_down_unless_more_is_wanted() -> None:
    assert [line["codes"] for line in written(Wanted.FAULTS, ASKED, FAILED)] == [["TIMEOUT"]]
    assert len(written(Wanted.REQUESTS, ASKED, FAILED)) == 2
    assert written(Wanted.NOTHING, ASKED, FAILED) == []


def test_the_setting_of_the_log_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFECYCLE_LOG", "everything")

    with pytest.raises(Malformed, match="LIFECYCLE_LOG"):
        wanted_from_environment()


def test_a_request_becomes_a_span_of_its_callers_trace() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tell = teller(provider.get_tracer("test"))

    tell(ASKED)
    tell(FAILED)

    asked, failed = exporter.get_finished_spans()
    assert asked.name == "query Board"
    assert asked.parent is not None
    assert f"{asked.parent.trace_id:032x}" == "a" * 32
    assert asked.attributes is not None
    assert asked.attributes["ledger.position"] == 41
    assert asked.end_time is not None
    assert asked.start_time is not None
    assert asked.end_time - asked.start_time == 250_000_000
    assert failed.status.description == "TIMEOUT"
    provider.shutdown()


def test_nothing_is_traced_unless_somebody_listens() -> None:
    assert tracing({}) == []
    with pytest.raises(NoTelemetry, match="http://collector"):
        tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector"}, module="server.nothing")
