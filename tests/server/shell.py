"""Run commands of the command line on the ledger of a test."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from server.program import program


class Shell:
    """Runs commands on the test's ledger."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(
            program, arguments, input=stdin, env={"LIFECYCLE_DATA": str(self.folder)}
        )

    def json(self, *arguments: str) -> Any:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def file(self, content: str) -> str:
        path = self.folder / "facts.json"
        path.write_text(content, "utf-8")
        return str(path)


@pytest.fixture
def shell(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("DATABASE_URL", database)
    return Shell(tmp_path)
