"""Exports over HTTP: named, typed, at one moment, within the rights of who reads."""

import io
from urllib.parse import unquote

import openpyxl
import psycopg
import pyarrow.parquet as pq
import pytest

from intake.grant import Grant, Right
from ledger.reading import ledger_events
from server.operator import OPERATOR
from tests.server.conftest import issue
from tests.server.exporting import PROJECTS, client, house, lines, query

__all__ = ["client", "house"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
