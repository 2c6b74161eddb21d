"""The command line exports what HTTP does, and the page about exports is true."""

import json
import shlex
from pathlib import Path

import pyarrow.parquet as pq
from typer.testing import CliRunner

from server.program import program
from tests.server.exporting import PROJECTS, client, house

__all__ = ["client", "house"]


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
