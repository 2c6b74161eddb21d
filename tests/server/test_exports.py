"""Exports over HTTP: named, typed, at one moment, within the reader's rights, refused in words."""

import csv
import io
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import psycopg
import pyarrow.parquet as pq
import pytest
from api.database import Readers
from api.engine import Engine
from api.engine import Settings as EngineSettings
from api.extraction import Extraction
from api.rates import Rate, Rates
from starlette.testclient import TestClient
from typer.testing import CliRunner

from intake.grant import Grant, Right
from ledger.reading import ledger_events
from server.app import application
from server.exports.slots import AT_A_TIME
from server.operator import OPERATOR
from server.program import program
from server.settings import Settings
from tests.databases import copied
from tests.intake.events import event, registration
from tests.server.conftest import issue

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAN = {
    "plan_id": "PL-1",
    "node": "construction_started",
    "planned": "2024-06-30",
    "responsible_unit": "Daxin town",
    "responsible_person": "王建国",
}


@pytest.fixture(scope="module")
def house(server, modelled, public_contract, tmp_path_factory) -> Iterator[tuple[TestClient, str]]:
    """Give a client of a ledger with four projects, one of them elsewhere, and its database."""
    with copied(server, modelled) as database:
        settings = Settings(data=tmp_path_factory.mktemp("exports"), publisher="DRC")
        engine = Engine(public_contract, Readers(database))
        app = application(settings, database, engine=engine)
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            token = issue(database)
            sent = [
                registration(f"r{number}", subject=f"project/p{number}") for number in (1, 2, 3)
            ]
            elsewhere = registration("r4", subject="project/p4")
            elsewhere["data"]["district"] = "320412"
            sent.append(elsewhere)
            sent[0]["data"]["title"] = '=HYPERLINK("http://x"), "阀"'
            sent.append(event("MilestonePlanned", "m1", PLAN, occurredon="2024-01-05"))
            answer = client.post(
                "/events", json=sent, headers={"Authorization": f"Bearer {token}"}
            ).json()
            assert {each["status"] for each in answer["receipts"]} == {"accepted"}
            position = answer["position"]
            client.post("/graphql", json={"query": f"{{ board(atLeast: {position}) {{ red }} }}"})
            yield client, database


@pytest.fixture
def client(house) -> TestClient:
    return house[0]


def lines(answer) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def query(client, query, path="/exports/queries", **variables):
    return client.post(path, json={"query": query, "variables": variables})


PROJECTS = "{ projects { nodes { id title region } } }"


def test_what_can_be_exported_is_listed(client):
    listed = client.get("/exports").json()

    assert {"csv", "parquet", "xlsx"} == set(listed["formats"])
    assert {"name": "overdue", "title": {"en": "Overdue nodes", "zh": "超期节点"}} in listed[
        "operations"
    ]
    assert "read.projects" in listed["read_models"]
    assert set(listed["packages"]) == {
        "/exports/meeting.xlsx",
        "/exports/oc4ids.json",
        "/exports/releases.json",
        "/exports/ocel.json",
    }


def test_a_named_operation_comes_as_csv_with_a_name_for_people(client):
    answer = client.get("/exports/tables/board.csv?on=2024-12-31&lang=zh")

    header, *rows = lines(answer)
    assert header == ["region", "red", "yellow", "green", "grey", "total"]
    assert [row[-1] for row in rows] == ["1", "3"]
    named = answer.headers["content-disposition"]
    assert 'filename="board_2024-12-31.csv"' in named
    assert unquote(named.partition("UTF-8''")[2]) == "三色看板_2024-12-31.csv"
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["ledger-on"] == "2024-12-31"
    assert int(answer.headers["ledger-known-position"]) > 0


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/exports/tables/board.parquet", {}),
        ("/exports/tables/board?format=parquet", {}),
        ("/exports/tables/board", {"Accept": "application/vnd.apache.parquet"}),
    ],
)
def test_name_parameter_or_accept_choose_the_form(client, path, headers):
    answer = client.get(path, headers=headers)

    assert pq.read_table(io.BytesIO(answer.content)).column("total").to_pylist() == [1, 3]
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"


def test_a_query_of_ones_own_with_variables_mark_and_guard(client):
    asked = """query Mine($text: String) {
      projects(filter: { text: $text }) { nodes { id title } } }"""

    answer = query(client, asked, "/exports/queries?bom=true&guard=true", text="阀")

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert lines(answer) == [["id", "title"], ["p1", '\'=HYPERLINK("http://x"), "阀"']]
    plain = query(client, asked, text="阀")
    assert lines(plain)[1][1] == '=HYPERLINK("http://x"), "阀"'


def test_a_read_model_as_known_before(client):
    whole = lines(client.get("/exports/tables/read.projects.csv"))
    before = lines(client.get("/exports/tables/read.projects.csv?known_position=1"))

    assert len(whole) == 5
    assert len(before) == 2
    assert lines(client.get("/exports/tables/read.projects.csv?limit=1"))[1:] == whole[1:2]


def test_a_workbook_has_a_sheet_a_field(client):
    answer = query(
        client,
        "{ one: board { region total } two: funnel { phase entered } }",
        "/exports/queries?format=xlsx&lang=en",
    )

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Query one", "Query two"]
    assert answer.headers["content-type"] == XLSX
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_the_meeting_workbook(client):
    answer = client.get("/exports/meeting.xlsx?on=2024-12-31&lang=zh&region=3205&names=false")

    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:2] == ["三色看板", "超期节点"]
    assert book["三色看板"]["F5"].value == 3


def test_packages(client):
    package = client.get("/exports/oc4ids.json").json()
    releases = client.get("/exports/releases.json?project=p1").json()["releases"]
    log = client.get("/exports/ocel.json").json()

    assert {each["id"] for each in package["projects"]} == {"p1", "p2", "p3", "p4"}
    assert package["publisher"] == {"name": "DRC"}
    assert package["uri"] == "http://127.0.0.1/exports/oc4ids.json"
    assert [each["ocid"] for each in releases] == ["p1", "p1"]
    assert {each["id"] for each in log["objects"] if each["type"] == "project"} == {
        "project/p1",
        "project/p2",
        "project/p3",
        "project/p4",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/exports/tables/board.csv?on=2024-12-31",
        "/exports/tables/read.projects.parquet?on=2024-12-31",
        "/exports/oc4ids.json?on=2024-12-31",
        "/exports/ocel.json?on=2024-12-31",
        "/exports/meeting.xlsx?on=2024-12-31&names=false",
    ],
)
def test_who_has_the_present_answer_is_told_so(client, path):
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    other = client.get(
        path.replace("12-31", "12-30"), headers={"If-None-Match": first.headers["etag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/exports/tables/board.csv", "/exports/meeting.xlsx"])
def test_the_head_alone_says_what_would_come(house, path):
    client, database = house
    before = len(exported(database))

    head, whole = client.head(path + "?names=false"), client.get(path + "?names=false")

    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-disposition", "etag", "ledger-on"):
        assert head.headers[name] == whole.headers[name]
    assert len(exported(database)) == before


def exported(database):
    with psycopg.connect(database, autocommit=True) as connection:
        return [each.payload for each in ledger_events(connection, ["SealedPartsExported"])]


def test_names_are_recorded_before_they_leave(house):
    client, database = house
    before = len(exported(database))
    asked = '{ project(id: "p1") { milestones { node planned responsiblePerson } } }'

    told = lines(query(client, asked))
    silent = lines(query(client, asked, "/exports/queries?names=false"))
    client.get("/exports/ocel.json")

    assert ["CONSTRUCTION_STARTED", "2024-06-30", "王建国"] in told
    assert ["CONSTRUCTION_STARTED", "2024-06-30", ""] in silent
    [payload] = exported(database)[before:]
    assert (payload["form"], payload["scope"], payload["names"]) == ("csv", "query", 1)


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
        ("/exports/oc4ids.json?region=99", 404, "nothing_to_export", None),
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


def test_a_token_for_some_regions_exports_nothing_of_others(house):
    client, database = house
    grant = Grant(OPERATOR.actor, frozenset({Right.READ}), regions=frozenset({"320412"}))
    headers = {"Authorization": f"Bearer {issue(database, grant)}"}

    def get(path):
        return client.get(path, headers=headers)

    rows = lines(client.post("/exports/queries", json={"query": PROJECTS}, headers=headers))
    model = lines(get("/exports/tables/read.projects.csv"))
    package, log = get("/exports/oc4ids.json").json(), get("/exports/ocel.json").json()
    etags = [
        client.get("/exports/oc4ids.json", headers=each).headers["etag"] for each in ({}, headers)
    ]

    assert [row[0] for row in rows[1:]] == ["p4"]
    assert [row[model[0].index("project")] for row in model[1:]] == ["p4"]
    assert [each["id"] for each in package["projects"]] == ["p4"]
    assert [each["id"] for each in log["objects"] if each["type"] == "project"] == ["project/p4"]
    assert {event["type"] for event in log["events"]} == {"ProjectRegistered"}
    assert get("/exports/releases.json?project=p1").json()["code"] == "nothing_to_export"
    assert get("/exports/meeting.xlsx").status_code == 200
    assert etags[0] != etags[1]


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


def test_the_command_line_writes_the_same(house, tmp_path, monkeypatch):
    client, database = house
    monkeypatch.setenv("DATABASE_URL", database)
    runner = CliRunner()

    def run(*arguments):
        return runner.invoke(program, ["export", *arguments], env={"LIFECYCLE_DATA": str(tmp_path)})

    out = tmp_path / "board.csv"
    done = run("csv", "board", "--on", "2024-12-31", "--out", str(out), "--json")
    again = run("csv", "board", "--out", str(out))
    (tmp_path / "mine.graphql").write_text(PROJECTS, "utf-8")
    mine = run("parquet", str(tmp_path / "mine.graphql"), "-o", str(tmp_path / "mine.parquet"))
    packed = run("oc4ids", "--address", "https://drc.example")

    assert done.exit_code == 0, done.output
    assert out.read_bytes() == client.get("/exports/tables/board.csv?on=2024-12-31").content
    assert json.loads(done.stdout)["on"] == "2024-12-31"
    assert type(again.exception).__name__ == "TargetTaken"
    assert mine.exit_code == 0, mine.output
    assert pq.read_table(tmp_path / "mine.parquet").num_rows == 4
    assert json.loads(packed.stdout)["uri"] == "https://drc.example/exports/oc4ids.json"
    assert type(run("csv", "nothing").exception).__name__ == "UnknownExport"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("lifecycle-export")]


def test_the_command_line_lists_what_there_is():
    listed = CliRunner().invoke(program, ["export", "list", "--json"]).stdout

    assert "read.projects" in json.loads(listed)["read_models"]


def test_the_page_about_exports_runs(house, tmp_path, monkeypatch):
    _, database = house
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("LIFECYCLE_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    own = "query Found($text: String) { projects(filter: { text: $text }) { nodes { id } } }"
    (tmp_path / "query.graphql").write_text(own, "utf-8")
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text("utf-8")
    block = page.partition("```sh\n")[2].partition("```")[0]

    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    for command in commands:
        # Of the projects on the page there is none here.
        told = ["p1" if part.startswith("source:") else part for part in command[1:]]
        done = CliRunner().invoke(program, told)
        assert done.exit_code == 0, (told, done.output, done.exception)

    assert len(commands) == 9
    written = {part for command in commands for part in command if (tmp_path / part).is_file()}
    assert {"overdue.csv", "investments.parquet", "meeting.xlsx", "projects.json"} <= written
