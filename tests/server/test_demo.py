"""One command starts everything, a second run repeats nothing, and a signal stops it all."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.intake.events import registration

LIFECYCLE = Path(sys.executable).with_name("lifecycle")
PATIENCE_SECONDS = 90
SMALL = ("--projects", "200", "--noise", "duplicates=0.1")

pytestmark = pytest.mark.slow


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the demonstration; give the process and what it printed, by the first word of a line."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    with subprocess.Popen(
        [LIFECYCLE, "demo", "--data", folder, "--port", "0", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process, _printed(process)
        finally:
            process.kill()


def _printed(process: subprocess.Popen[str]) -> dict[str, str]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    assert process.stdout is not None
    printed = {}
    for line in process.stdout:
        first, _, rest = line.rstrip().partition(" ")
        printed[first] = rest.strip()
        if first == "Ctrl-C" or time.monotonic() > deadline:
            break
    return printed


def ask(address: str, path: str, body: object = None, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        address + path, json.dumps(body).encode() if body is not None else None, headers
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def servers(folder: Path) -> list[psutil.Process]:
    """Give the PostgreSQL processes that work in a folder."""
    wanted = str(folder / "postgres")
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if wanted in (process.info["cmdline"] or [])
    ]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return subprocess.run(
        [LIFECYCLE, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a data folder that a PostgreSQL running as another user may reach."""
    with tempfile.TemporaryDirectory(prefix="ledger-demo-") as name:
        yield Path(name) / "data"


def test_the_demonstration_starts_answers_and_stops(folder):
    with demo(folder, *SMALL) as (process, printed):
        address = printed["Ledger"]
        first = ask(address, "/health")
        figures = ask(
            address,
            "/graphql",
            {"query": '{ admissions(year: 2024, region: ["320582"]) { passed } }'},
        )
        batch = ask(
            address,
            "/graphql",
            {
                "query": "query ($id: ID!) { batch(id: $id)"
                " { rows accepted quarantined rejected problems { code } } }",
                "variables": {"id": printed["A"].rpartition(" ")[2]},
            },
        )["data"]["batch"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert servers(folder) == []

    with demo(folder) as (process, printed):
        address = printed["Ledger"]
        again = ask(address, "/health")
        token = (folder / "token").read_text().strip()
        receipts = ask(address, "/events", {}, token)["receipts"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert servers(folder) == []

    refused = run("demo", "--data", folder, "--seed", "7", "--no-serve")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "seed=2024 projects=200 duplicates=0.1" in refused.stderr
    assert "other_portfolio" in refused.stderr
    assert "--fresh" in refused.stderr
    checked = run("demo", "--data", folder, "--check", "--json")
    rows = json.loads(checked.stdout)
    assert checked.returncode == 0
    assert len(rows) > 100
    assert all(row["ok"] for row in rows)
    assert servers(folder) == []

    assert first["clock"] == "replayed"
    assert (again["position"], again["root"]) == (first["position"], first["root"])
    assert figures["data"] == {"admissions": {"passed": 45}}
    codes = {problem["code"] for problem in batch["problems"]}
    assert batch["rows"] == batch["accepted"] + batch["quarantined"] + batch["rejected"]
    assert {"unknown_project", "unit_slip"} & codes
    assert receipts[0]["status"] == "rejected"
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert token in printed["with"]


def test_a_ledger_of_other_facts_is_neither_added_to_nor_thrown_away(folder):
    fact = folder.parent / "fact.json"
    fact.write_text(json.dumps(registration(subject=None)))
    assert run("append", fact, "--data", folder).returncode == 0

    for options in ((), ("--fresh",)):
        refused = run("demo", "--data", folder, "--no-serve", *options)

        assert refused.returncode == 1
        assert "other_facts" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    status = run("status", "--data", folder, "--json")
    assert json.loads(status.stdout)["position"] == 1
    assert servers(folder) == []
