"""What goes wrong on the command line is said in one line, with the right exit code."""

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from server.failures import end_with
from server.program import run
from server.settings import Settings
from tests.intake.events import registration
from tests.server.shell import shell

__all__ = ["shell"]

Ended = Callable[..., tuple[int, str]]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ended:
    """Give a function that runs a command to its end and tells its exit code and stderr."""

    def run_to_its_end(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lifecycle", *arguments])
        with pytest.raises(SystemExit) as end:
            run()
        return int(str(end.value.code or 0)), capfd.readouterr().err

    return run_to_its_end


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("history", "nobody"), 1, "unknown_project"),
        (("history", "p1", "--on", "June"), 1, "invalid_date"),
        (("append", "/no/such/file"), 1, "no_such_file"),
        (("schema", "Nothing"), 1, "unknown_kind"),
        (("export", "meeting", "--out", "/dev/null", "--region", ""), 1, "region: Leave it out"),
        (("export", "releases", "--out", "/dev/null", "--project", ""), 1, "project: Leave it out"),
        (("webhook", "add", "all", "https://example.cn/", "--region", ""), 1, "region: Leave it"),
        (("webhook", "add", "all", "https://example.cn/", "--source", ""), 1, "source: Leave it"),
        (("append", "--nothing"), 2, "--nothing"),
        (("serve", "--port", "70000"), 2, "65535"),
        (("nothing",), 2, "nothing"),
    ],
)
def test_errors_are_one_line_and_never_a_traceback(ended, arguments, code, told):
    found, stderr = ended(*arguments)

    assert found == code
    assert told in stderr
    assert "Traceback" not in stderr
    if code == 1:
        assert len(stderr.splitlines()) == 1


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize(
    "arguments",
    [
        ("schema",),
        ("schema", "LandAwarded"),
        ("status",),
        ("status", "--json"),
        ("export", "list"),
        ("export", "csv", "board", "--out", "-"),
        ("--version",),
    ],
)
def test_an_output_on_a_full_disk_is_said_to_be_lost(ended, monkeypatch, arguments):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)

        code, stderr = ended(*arguments)

    assert code == 74
    assert "output_lost" in stderr
    assert "No space left" in stderr
    assert len(stderr.splitlines()) == 1


def test_a_file_on_a_full_disk_is_told_from_the_output(capfd):
    with pytest.raises(SystemExit) as end:
        end_with(OSError(errno.ENOSPC, "No space left on device"))

    assert end.value.code == 1
    assert "disk_full" in capfd.readouterr().err


def test_a_closed_output_takes_nothing_and_breaks_nothing():
    program = Path(sys.executable).with_name("lifecycle")
    command = f"exec {program} schema LandAwarded >&- 2>&-"

    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0


@pytest.mark.usefixtures("shell")
def test_a_closed_input_says_nothing():
    program = Path(sys.executable).with_name("lifecycle")

    done = subprocess.run(
        ["sh", "-c", f"exec {program} append <&-"], check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, "No facts in the input.\n")


def test_a_database_that_is_away_is_said_in_one_line(ended, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")

    code, stderr = ended("status")

    assert code == 1
    assert "database_unreachable" in stderr
    assert len(stderr.splitlines()) == 1


@pytest.mark.parametrize("option", ["-crole=pg_monitor", "-cdefault_transaction_read_only=on"])
def test_a_database_that_is_not_ours_to_write_is_said_in_one_line(
    ended, monkeypatch, empty_database, option
):
    monkeypatch.setenv("DATABASE_URL", make_conninfo(empty_database, options=option))

    code, stderr = ended("status")

    assert code == 1
    assert "unwritable_database" in stderr
    assert len(stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGCLIENTENCODING", "GBK"),
        ("PGDATESTYLE", "German"),
        ("PGOPTIONS", "-c client_encoding=GBK -c datestyle=German"),
    ],
)
def test_what_else_speaks_to_postgresql_here_does_not_matter(
    shell, tmp_path, monkeypatch, name, value
):
    fact = registration(subject=None)
    fact["data"]["title"] = "高性能电解液项目"
    question = tmp_path / "question.graphql"
    question.write_text('{ projects(filter: { text: "电解液" }) { nodes { title } } }', "utf-8")
    monkeypatch.setenv(name, value)

    assert shell("append", "-", stdin=json.dumps(fact).encode()).exit_code == 0
    assert shell("token", "create", "x", "--actor", "a", "--org", "b").exit_code == 0

    assert shell("export", "csv", str(question)).stdout.split() == ["title", "高性能电解液项目"]
    [token] = shell.json("token", "list")
    assert token["label"] == "x"


@pytest.mark.slow
def test_the_embedded_server_heeds_no_setting_of_another_one(tmp_path, monkeypatch):
    folder = str(tmp_path / "data")
    others = {"PGHOSTADDR": "192.0.2.1", "PGSERVICE": "none", "PGPORT": "5433"}
    monkeypatch.delenv("DATABASE_URL", raising=False)
    program = Path(sys.executable).with_name("lifecycle")
    fact = json.dumps(registration(subject=None))
    environment = {**os.environ, **others}

    def run_program(*arguments: str, **options: Any) -> int:
        command = [program, *arguments, "--data", folder]
        return subprocess.run(command, check=False, text=True, **options).returncode

    assert run_program("append", input=fact, env=environment) == 0
    assert run_program("status", env=environment) == 0
    assert run_program("status") == 0


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_said_in_one_line(ended, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, stderr = ended(command, "--port", str(taken.getsockname()[1]))

    assert code == 1
    assert "port_taken" in stderr
    assert len(stderr.splitlines()) == 1


@pytest.mark.usefixtures("shell")
@pytest.mark.parametrize("host", ["nowhere.invalid", "256.1.1.1", "192.0.2.1"])
def test_an_address_of_no_machine_or_of_another_is_said_in_one_line(ended, host):
    code, stderr = ended("serve", "--host", host, "--port", "0")

    assert code == 1
    assert "unusable_address" in stderr
    assert "--host" in stderr
    assert len(stderr.splitlines()) == 1


def test_an_address_of_version_6_is_written_in_brackets():
    assert Settings(data=Path(), host="::1").address == "http://[::1]:8000"
    assert Settings(data=Path(), host="localhost").address == "http://localhost:8000"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DATABASE_URL", "garbage", "unreadable_address"),
        ("DATABASE_URL", "mysql://office:secret@host/ledger", "unreadable_address"),
        ("DATABASE_URL", "host=host password=se secret", "unreadable_address"),
        ("DATABASE_URL", "postgresql://office:%zzsecret@host/ledger", "unreadable_address"),
        *(
            ("LIFECYCLE_PORT", value, "LIFECYCLE_PORT")
            for value in ("abc", "65536", "-1", "80.5", "nan", "inf")
        ),
        *(("LIFECYCLE_PATIENCE", value, "LIFECYCLE_PATIENCE") for value in ("-1", "nan", "inf")),
        ("LIFECYCLE_DATA", "/dev/null/data", "unusable_folder"),
    ],
)
def test_settings_that_cannot_be_are_said_in_one_line(ended, monkeypatch, name, value, told):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv(name, value)

    code, output = ended("serve")

    assert code == 1
    assert told in output
    assert "Unexpected" not in output
    assert "secret" not in output


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("verify",),
        ("history", "p1"),
        ("diff", "--from", "2024-05-31", "--to", "2024-06-30"),
        ("export", "csv", "board"),
        ("quarantine",),
        ("backup", "file"),
    ],
)
def test_who_only_looks_makes_no_ledger_in_a_folder_named_wrongly(
    ended, monkeypatch, tmp_path, arguments
):
    monkeypatch.delenv("DATABASE_URL", raising=False)

    code, output = ended(*arguments, *("--data", str(tmp_path)))

    assert (code, "no_ledger" in output, list(tmp_path.iterdir())) == (1, True, [])


def test_published_files_are_not_checked_without_a_key(ended):
    code, output = ended("verify", "--published", "folder")

    assert (code, "no_key_given" in output, "--key" in output) == (1, True, True)


@pytest.mark.parametrize(
    "letter", [" ", "'", '"', "$", "`", "\\", ";", "(", "%", ",", "=", "\udcff"]
)
def test_a_folder_whose_path_means_something_to_the_shell_is_refused(tmp_path, ended, letter):
    folder = tmp_path / f"data{letter}x"
    (tmp_path / "link").symlink_to(folder)

    for name in (folder, tmp_path / "link"):
        code, told = ended("serve", "--port", "0", "--data", str(name))

        assert code == 1
        assert "unusable_path" in told
        assert "--data" in told


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_what_is_said_in_chinese_can_be_written_in_any_locale(encoding):
    code = (
        "from server.program import _take_every_letter; _take_every_letter();"
        "from server.terminal import out, print_json;"
        "out.print('项目 é \\U0001f7e2'); print_json({'项目': 'é'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": encoding, "PYTHONWARNINGS": "ignore"},
    )

    line, _, document = done.stdout.partition(b"\n")
    assert line.decode("gbk" if encoding == "gbk" else "utf-8").startswith("项目")
    assert json.loads(document.decode()) == {"项目": "é"}
