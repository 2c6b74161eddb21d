"""What cannot be exported is refused in words, and what breaks leaves nothing behind."""

import psycopg
import pytest
from api.database import Readers
from api.engine import Engine
from api.engine import Settings as EngineSettings
from api.extraction import Extraction
from api.rates import Rate, Rates
from starlette.testclient import TestClient

from intake.grant import Grant, Right
from server.app import application
from server.exports.slots import AT_A_TIME
from server.operator import OPERATOR
from server.settings import Settings
from tests.server.conftest import issue
from tests.server.exporting import PROJECTS, client, house, query

__all__ = ["client", "house"]


@pytest.mark.parametrize(
    ("path", "status", "code", "field"),
    [
        ("/exports/tables/nothing.csv", 404, "not_found", "name"),
        ("/exports/tables/read.nothing", 404, "unknown_read_model", "read_model"),
        ("/exports/tables/board.csv?on=2024-02-30", 400, "invalid_value", "on"),
        ("/exports/tables/board.csv?on=20240230", 400, "invalid_value", "on"),
        ("/exports/tables/board.csv?known=yesterday", 400, "invalid_value", "known"),
        (
            "/exports/tables/board.csv?known=2024-01-01&known_position=1",
            400,
            "invalid_value",
            "known",
        ),
        ("/exports/tables/board.csv?known_position=-1", 400, "invalid_value", "known_position"),
        ("/exports/tables/board.csv?limit=0", 400, "invalid_value", "limit"),
        ("/exports/tables/board.csv?bom=perhaps", 400, "invalid_value", "bom"),
        ("/exports/tables/board.csv?colour=red", 400, "unknown_parameter", "colour"),
        ("/exports/tables/board?format=pdf", 400, "invalid_value", "format"),
        ("/exports/tables/board.csv?rows=projects", 400, "bad_request", "rows"),
        ("/exports/tables/issues.csv", 400, "bad_request", "field"),
        ("/exports/tables/audit-history.csv", 400, "bad_user_input", None),
        ("/exports/tables/audit-history.csv?variables=[1]", 400, "invalid_value", "variables"),
        ("/exports/meeting.xlsx?year=12", 400, "invalid_value", "year"),
        ("/exports/meeting.xlsx?period=2024-Q5", 400, "invalid_value", "period"),
        ("/exports/oc4ids.json?region=x", 400, "invalid_value", "region"),
        ("/exports/oc4ids.json?region=", 400, "invalid_value", "region"),
        ("/exports/oc4ids.json?project=", 400, "invalid_value", "project"),
        ("/exports/meeting.xlsx?region=3205,", 400, "invalid_value", "region"),
        ("/exports/oc4ids.json?region=65", 404, "nothing_to_export", None),
        ("/exports/oc4ids.json?region=99", 400, "invalid_value", "region"),
        ("/exports/tables/read.projects.csv?field=zz", 400, "unknown_parameter", "field"),
        ("/exports/releases.json?project=unknown", 404, "nothing_to_export", None),
    ],
)
def test_refusals_name_field_value_and_cure(client, path, status, code, field):
    answer = client.get(path)

    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert problem["code"] == code
    assert problem.get("field") == field
    assert problem["cure"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"query": 1}',
        b'{"query": ""}',
        b'{"query": "{ board { red } }", "x": 1}',
    ],
)
def test_what_is_no_query_is_refused(client, body):
    answer = client.post("/exports/queries", content=body)

    assert answer.status_code == 400
    assert answer.json()["cure"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ nothing }", "graphql_validation_failed"),
        ("{", "graphql_parse_failed"),
        ('mutation { refuseQuarantined(number: 1, reason: "x") { number } }', None),
        ("{ __schema { queryType { name } } }", "bad_request"),
    ],
)
def test_what_is_no_question_about_facts_is_refused(client, text, code):
    answer = query(client, text)

    assert answer.status_code == 400
    if code:
        assert answer.json()["code"] == code


def test_a_body_beyond_the_bound_is_refused(client):
    answer = query(client, "#" * 300_000)

    assert answer.status_code == 400
    assert answer.json()["code"] == "too_large"


def test_only_some_exports_run_at_a_time(client):
    slots = client.app.state.house.exporting
    with slots.taken(), slots.taken(), slots.taken(), slots.taken():
        answer = client.get("/exports/tables/board.csv")

    assert AT_A_TIME == 4
    assert answer.status_code == 503
    assert answer.json()["code"] == "busy"
    assert answer.headers["retry-after"] == "1"
    assert client.get("/exports/tables/board.csv").status_code == 200


def test_who_asks_too_much_is_told_when_to_come_again(house):
    client, database = house
    token = issue(database)
    served = client.app.state.served
    object.__setattr__(served, "rates", Rates(Rate(0.001, 150)))
    headers = {"Authorization": f"Bearer {token}"}
    try:
        first = client.get("/exports/tables/board.csv", headers=headers)
        second = client.get("/exports/tables/board.csv", headers=headers)
    finally:
        object.__setattr__(served, "rates", None)

    assert first.status_code == 200
    assert second.status_code == 429
    assert second.json()["code"] == "rate_limited"
    assert int(second.headers["retry-after"]) > 0


def test_off_this_machine_reading_needs_the_right(house, tmp_path, public_contract):
    _, database = house
    settings = Settings(data=tmp_path, host="10.0.0.7")
    app = application(settings, database, engine=Engine(public_contract, Readers(database)))
    writes = Grant(OPERATOR.actor, frozenset({Right.APPEND}), frozenset({"approval"}))
    reads = Grant(OPERATOR.actor, frozenset({Right.READ}))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for path in ("/exports", "/exports/tables/board.csv", "/exports/oc4ids.json"):
            tokens = [issue(database, writes), issue(database, reads)]
            answers = [
                client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code
                for token in tokens
            ]
            assert [client.get(path).status_code, *answers] == [401, 401, 200]


def test_only_trusted_documents_where_that_is_set(house, tmp_path, public_contract):
    _, database = house
    engine = Engine(public_contract, Readers(database), settings=EngineSettings(only_trusted=True))
    app = application(Settings(data=tmp_path), database, engine=engine)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert query(client, PROJECTS).json()["code"] == "untrusted_document"
        assert client.get("/exports/tables/board.csv").status_code == 200
        assert client.get("/exports/oc4ids.json").status_code == 200


def test_a_broken_reading_breaks_the_answer_off(house, monkeypatch):
    client, _ = house
    whole = Extraction.pages

    async def broken(self, fixed=None):
        async for page in whole(self, fixed):
            yield page
            raise psycopg.OperationalError

    monkeypatch.setattr(Extraction, "pages", broken)
    with pytest.raises(RuntimeError, match="already started"):
        TestClient(client.app, base_url="http://127.0.0.1").post(
            "/exports/queries", json={"query": PROJECTS}
        )
    assert client.app.state.house.exporting._running == 0
