"""A register comes over HTTP or by command: tried first, sent, corrected, and sent again."""

import csv
import io
import itertools
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from domain.envelope import Actor
from intake.grant import Grant, Right
from server.program import program
from server.registers import WORKBOOK
from tests.server.conftest import issue

STATUSES = ("accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected")
LIST = ["项目代码", "项目名称", "行业代码", "建设性质", "年度计划投资（亿元）", "总投资", "责任人"]
_numbers = itertools.count(100_000)


def code() -> str:
    """Give a project code that no other test uses."""
    return f"2407-320582-89-01-{next(_numbers)}"


def listed(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([LIST, *rows])
    return text.getvalue().encode("gb18030")


def send(client: TestClient, body: bytes, query: str = "", **headers: str) -> Any:
    return client.post(
        f"/registers?mapping=project-list&year=2024{query}", content=body, headers=headers
    )


def row(project: str, plan: object = "1.5", kind: str = "新建") -> list[Any]:
    return [project, f"项目{project[-6:]}", "3391", kind, plan, "3.8", "张三"]


def counted(report: Any) -> dict[str, int]:
    return {status: report[status] for status in STATUSES if report[status]}


def plan_of(client: TestClient, project: str, position: int) -> Any:
    query = (
        "query ($c: String!, $p: Int) { project(code: $c, atLeast: $p) {"
        " title listings { annualPlan { amount(unit: YI_YUAN) } } } }"
    )
    variables = {"c": project, "p": position}
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    return answer["data"]["project"]["listings"][0]["annualPlan"]["amount"]


def test_a_register_is_tried_sent_corrected_and_sent_again_without_doubling(common_writer):
    one, two = code(), code()
    first = listed([row(one), row(two, "一亿五")])

    tried = send(common_writer, first, "&dry_run=true").json()
    assert counted(tried) == {"accepted": 1, "rejected": 1}
    assert tried["dry_run"]
    assert "batch_id" not in tried
    assert common_writer.get(f"/receipts/drc-list/project-list/ProjectListed/{one}").is_error

    sent = send(common_writer, first, "&file_name=清单.csv").json()
    assert counted(sent) == {"accepted": 1, "rejected": 1}
    assert [problem["cell"] for problem in sent["problems"]] == ["E3"]
    assert plan_of(common_writer, one, sent["position"]) == "1.5"

    assert counted(send(common_writer, first).json()) == {"duplicate": 1, "rejected": 1}

    second = listed([row(one, "2"), row(two, "1.5")])
    assert counted(send(common_writer, second, "&dry_run=1").json()) == {
        "corrected": 1,
        "accepted": 1,
    }
    corrected = send(common_writer, second).json()
    assert counted(corrected) == {"corrected": 1, "accepted": 1}
    assert plan_of(common_writer, one, corrected["position"]) == "2"
    assert counted(send(common_writer, second).json()) == {"duplicate": 2}

    # The first file by mistake once more changes nothing; what says so in a file of its own does.
    assert counted(send(common_writer, first).json()) == {"duplicate": 1, "rejected": 1}
    back = send(common_writer, listed([row(one)])).json()
    assert counted(back) == {"corrected": 1}
    assert plan_of(common_writer, one, back["position"]) == "1.5"


def test_a_register_is_a_batch_with_the_rows_of_its_file(common_writer):
    one = code()
    sent = send(common_writer, listed([row(one), row("坏")]), "&file_name=清单.csv").json()

    found = common_writer.get(f"/batches/{sent['batch_id']}").json()

    assert (found["file_name"], found["source"], found["state"]) == (
        "清单.csv",
        "drc-list",
        "complete",
    )
    assert found["rows"] == 2 == sum(found[status] for status in STATUSES)
    assert [receipt["row_no"] for receipt in found["receipts"]] == [2, 3]
    assert [fact["kind"] for fact in found["receipts"][0]["facts"]] == [
        "ProjectRegistered",
        "ProjectCodeAssigned",
        "MajorProjectListPublished",
        "ProjectListed",
    ]
    query = "query ($id: ID!) { batch(id: $id) { fileName problems { rowNo code payload } } }"
    variables = {"id": sent["batch_id"]}
    answer = common_writer.post("/graphql", json={"query": query, "variables": variables}).json()
    [problem] = answer["data"]["batch"]["problems"]
    assert (problem["rowNo"], problem["code"]) == (3, "invalid_project_code")
    assert problem["payload"]["项目代码"] == "坏"
    assert problem["payload"]["责任人"] == "张三"


def test_who_wants_a_workbook_gets_the_faulty_rows(common_writer):
    answer = send(common_writer, listed([row("坏"), row(code())]), "&dry_run=true", Accept=WORKBOOK)

    assert answer.headers["content-type"] == WORKBOOK
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet["A2"].value == "坏"
    assert "invalid_project_code" in sheet["A2"].comment.text
    good = send(common_writer, listed([row(code())]), "&dry_run=true", Accept=WORKBOOK)
    assert good.json()["faulty_rows"] == 0


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/registers", b"x", 400, "missing_field"),
        ("/registers?mapping=../secret", b"x", 400, "invalid_value"),
        ("/registers?mapping=none", b"x", 404, "unknown_mapping"),
        ("/registers?mapping=project-list", b"", 400, "empty_body"),
        ("/registers?mapping=project-list", b"a,b\n1,2", 400, "missing_columns"),
        ("/registers?mapping=project-list", b"PK\x03\x04", 400, "unreadable_file"),
        ("/registers?mapping=project-list&year=MMXX", listed([]), 400, "invalid_value"),
        ("/registers?mapping=project-list&dry_run=maybe", listed([]), 400, "invalid_value"),
        ("/registers?mapping=project-list&dry_run", listed([]), 400, "invalid_value"),
        ("/registers?mapping=project-list&dryrun=true", listed([]), 400, "unknown_parameter"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_cure(common_writer, path, body, status, error):
    answer = common_writer.post(path, content=body)

    assert (answer.status_code, answer.json()["code"]) == (status, error)
    assert answer.json()["cure"]


def test_a_form_is_refused_with_what_to_send_instead(common_writer):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = common_writer.post("/registers?mapping=project-list", content=b"x", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "--data-binary" in answer.json()["cure"]


def test_a_register_needs_a_token_that_may_send_for_its_system(common_writer, common_database):
    body = listed([row(code())])
    other = Grant(
        Actor(id="o", org="o", role="r"), frozenset({Right.APPEND}), systems=frozenset({"x"})
    )

    bearer = {"Authorization": f"Bearer {issue(common_database, other)}"}
    assert send(common_writer, body, Authorization="Bearer nothing").status_code == 401
    refused = send(common_writer, body, **bearer).json()
    assert counted(refused) == {"rejected": 1}
    assert refused["problems"][0]["code"] == "source_not_allowed"
    assert counted(send(common_writer, body).json()) == {"accepted": 1}


def test_the_command_line_drafts_tries_and_sends(database, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("LIFECYCLE_DATA", str(tmp_path))
    file, faults = tmp_path / "2024年6月重点项目 清单.csv", tmp_path / "faults.xlsx"
    file.write_bytes(listed([row(code()), row("坏")]))
    run = CliRunner().invoke

    drafted = run(program, ["register", "draft", str(file)])
    (tmp_path / "own.toml").write_text(drafted.stdout, "utf-8")
    assert "[columns.code]" in drafted.stdout
    assert 'name   = "重点项目-清单"' in drafted.stdout
    own = run(
        program,
        ["register", "check", str(file), "-m", str(tmp_path / "own.toml"), "--year", "2024"],
    )
    assert own.exit_code == 1, own.output

    options = [str(file), "-m", "project-list", "--year", "2024", "--faults", str(faults)]
    tried = run(program, ["register", "check", *options])
    assert tried.exit_code == 1
    assert "2 rows: 1 accepted, 1 rejected" in tried.output
    sent = run(program, ["register", "send", *options, "--json"])
    assert '"accepted": 1' in sent.stdout
    assert faults.exists()
    assert "project-list" in run(program, ["register", "mappings"]).output


IMPORT = """
mutation ($rows: [RowInput!]!, $dry: Boolean!, $year: Int) {
  importLedger(source: "town", fileName: "清单.xlsx", sha256: "abc", mapping: "project-list",
      dryRun: $dry, year: $year, rows: $rows) {
    id source rows accepted duplicate quarantined rejected
    problems { rowNo column code message }
  }
}
"""


def imported(client: TestClient, rows: list[Any], **more: Any) -> Any:
    variables = {"rows": rows, "dry": False, "year": 2024} | more
    return client.post("/graphql", json={"query": IMPORT, "variables": variables}).json()


def test_rows_that_another_program_read_are_imported_with_graphql(common_writer):
    rows = [
        {"rowNo": 2 + at, "payload": dict(zip(LIST[:6], row(name), strict=False))}
        for at, name in enumerate([code(), "坏"])
    ]

    tried = imported(common_writer, rows, dry=True)["data"]["importLedger"]
    assert (tried["id"], tried["rows"], tried["accepted"], tried["rejected"]) == (None, 2, 1, 1)
    sent = imported(common_writer, rows)["data"]["importLedger"]
    assert (sent["source"], sent["accepted"], sent["rejected"]) == ("town", 1, 1)
    assert sent["problems"][0]["column"] == "项目代码"
    found = common_writer.get(f"/batches/{sent['id']}").json()
    assert (found["file_name"], found["rows"]) == ("清单.xlsx", 2)
    again = imported(common_writer, rows)["data"]["importLedger"]
    assert (again["duplicate"], again["rejected"]) == (1, 1)


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ([{"rowNo": 1, "payload": {}}], {}),
        ([{"rowNo": 2, "payload": [1]}], {}),
        ([{"rowNo": 2, "payload": {"a": 1}}], {}),
        ([{"rowNo": 2, "payload": dict(zip(LIST[:6], row("坏\0"), strict=False))}], {}),
        ([], {}),
        ([{"rowNo": 2, "payload": {"a": 1}}], {"year": 24}),
    ],
)
def test_rows_that_cannot_be_meant_are_refused(common_writer, rows, more):
    answer = imported(common_writer, rows, **more)

    assert answer["errors"][0]["extensions"]["code"] in {"BAD_USER_INPUT", "REFUSED"}


def test_faulty_rows_never_lie_over_the_register_nor_where_nothing_can(tmp_path):
    register = tmp_path / "r.csv"
    register.write_text("项目代码", "utf-8")

    for place, says in ((register, "the register itself"), (tmp_path / "no" / "f", "no folder")):
        told = CliRunner().invoke(
            program,
            ["register", "send", str(register), "-m", "project-list", "--faults", str(place)],
            env={"COLUMNS": "400"},
        )
        assert (told.exit_code, says in told.output) == (2, True), told.output
    assert register.read_text("utf-8") == "项目代码"
