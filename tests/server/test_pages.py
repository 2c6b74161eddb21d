"""Health, schemas and the first page tell what they should."""

import re
import time
from dataclasses import replace
from html import unescape

import jsonschema
import psycopg
import pytest
from starlette.testclient import TestClient

from domain.kinds import KINDS
from server.app import application
from server.phrases import PHRASES, STATUS
from server.questions import FIRST, MORE
from tests.intake.events import delivered, registration
from tests.server.conftest import issue
from tests.server.test_events import post


def eventually(client: TestClient, status: str) -> dict[str, object]:
    """Wait until the read models are where they should be."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        body: dict[str, object] = client.get("/health").json()
        if body["status"] == status:
            return body
        time.sleep(0.05)
    raise AssertionError(body)


def test_health_shows_the_head_and_every_read_model(writer):
    post(writer, [registration(), delivered()])

    body = eventually(writer, "ok")

    assert body["position"] == 2
    assert body["clock"] == "real"
    assert body["version"]
    assert {view["lag"] for view in body["projections"]} == {0}
    assert writer.get("/health").status_code == 200


def test_health_fails_when_a_read_model_has_stopped(writer, database):
    post(writer, [registration()])
    eventually(writer, "ok")

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE read.tracking SET stopped_at = 1, problem = 'bad' WHERE name = 'projects'"
        )
    answer = writer.get("/health")

    assert answer.status_code == 503
    assert answer.json()["status"] == "stopped"


def test_every_kind_has_a_schema_that_its_example_meets(client):
    for kind, payload in KINDS.items():
        schema = client.get(f"/schemas/{kind}").json()

        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(payload.example, schema)


def test_all_kinds_are_listed(client):
    assert [entry["kind"] for entry in client.get("/schemas").json()] == list(KINDS)


def test_the_form_of_coarse_dates_is_described(client):
    grammar = client.get("/schemas/FlexDate").json()
    validator = jsonschema.Draft202012Validator(grammar)
    assert all(validator.is_valid(example) for example in grammar["examples"])
    assert not any(validator.is_valid(text) for text in ("2024-Q5", "24", "2024-6", "2024-06-11T9"))


def test_unknown_pages_and_kinds_are_not_found(client):
    assert client.get("/schemas/Nothing").json()["code"] == "unknown_kind"
    assert client.get("/nothing").json()["code"] == "not_found"
    assert client.put("/events").status_code == 405


def test_the_first_page_leads_to_the_others(client):
    page = client.get("/").text

    for path in ("/graphql", "/events", "/schemas", "/schema.graphql", "/health"):
        assert path in page
    assert "type Query" in client.get("/schema.graphql").text


def test_graphql_answers_over_http(writer):
    answer = writer.post("/graphql", json={"query": "{ __typename }"})

    assert answer.json()["data"] == {"__typename": "Query"}


def test_off_this_machine_reading_needs_a_token(settings, database, engine):
    app = application(replace(settings, host="192.0.2.1"), database, engine=engine)
    with TestClient(app) as client:
        assert client.get("/schemas").status_code == 401
        assert client.get("/health").status_code == 200
        client.headers["Authorization"] = f"Bearer {issue(database)}"
        assert client.get("/schemas").status_code == 200


@pytest.mark.parametrize(
    ("wish", "parameters", "language"),
    [
        ("", {}, "en"),
        ("zh-CN,zh;q=0.9", {}, "zh-CN"),
        ("zh-CN", {"lang": "en"}, "en"),
        ("en", {"lang": "zh"}, "zh-CN"),
    ],
)
def test_the_first_page_speaks_the_language_of_its_reader(client, wish, parameters, language):
    answer = client.get("/", params=parameters, headers={"accept-language": wish})

    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["vary"] == "Accept-Language"
    assert (FIRST[0].chinese in answer.text) == (language == "zh-CN")
    assert (FIRST[0].english in answer.text) == (language == "en")


def test_the_phrases_are_the_same_in_both_languages():
    for phrases in (PHRASES, STATUS):
        assert phrases["zh"].keys() == phrases["en"].keys()


def test_the_questions_of_the_first_page_open_in_graphiql_and_are_answered(writer):
    post(writer, [registration()])
    eventually(writer, "ok")
    links = re.findall(r'href="(/graphql\?[^"]+)"', writer.get("/").text)

    assert len(links) == len(FIRST + MORE)
    for link in links:
        answer = writer.get(unescape(link), headers={"accept": "application/json"})
        assert "errors" not in answer.json()


def test_the_first_page_needs_nothing_from_elsewhere(client):
    answer = client.get("/")

    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert "<script" not in answer.text
    assert not re.search(r'(src|href)="(?!/|data:)', answer.text)


def test_the_first_page_says_how_the_ledger_is(writer, database):
    post(writer, [registration()])
    eventually(writer, "ok")
    healthy = writer.get("/").text
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE read.tracking SET stopped_at = 1, problem = 'bad'")

    stopped = writer.get("/")

    assert STATUS["en"]["ok"] in healthy
    assert "events recorded: 1" in healthy
    assert stopped.status_code == 200
    assert STATUS["en"]["stopped"] in stopped.text


def test_the_first_page_repeats_nothing_unescaped(client):
    answer = client.get("/?lang=%22%3E%3Cb%3E")
    refusal = client.get("/", headers={"host": "a<b>.example"})

    assert answer.status_code == 200
    assert "<b>" not in answer.text
    assert refusal.status_code == 421
    assert refusal.headers["content-type"] == "application/json"
