"""Making the environment can be stopped at any moment, and is done by one at a time."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.faults.program import wait_until

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "environment"
PREPARE = "set -euo pipefail; source scripts/environment; prepare requirements.lock; umask >after"
SLOW_PYTHON = """#!/bin/sh
if [ "$2" = venv ]; then
  mkdir -p .venv/bin && ln -sf "$0" .venv/bin/python && echo $$ >>made
elif [ "$1" = -m ]; then
  umask >mask
  {REAL} -c 'import time; time.sleep({SECONDS})' &
  echo $! >>installing
  wait
else
  exec {REAL} "$@"
fi
"""

Prepare = Callable[[], subprocess.Popen[bytes]]


def checkout(folder: Path, seconds: float) -> Prepare:
    """Make a checkout whose pip takes some seconds; give what makes its environment."""
    (folder / "scripts").mkdir()
    shutil.copyfile(SCRIPT, folder / "scripts" / "environment")
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).write_text("")
    (folder / "bin").mkdir()
    python = folder / "bin" / "python3.13"
    text = SLOW_PYTHON.replace("{REAL}", sys.executable).replace("{SECONDS}", str(seconds))
    python.write_text(text)
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"

    def prepare() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["bash", "-c", PREPARE], cwd=folder, env={**os.environ, "PATH": path}, umask=0o077
        )

    return prepare


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_installs_too(tmp_path: Path, number: signal.Signals) -> None:
    installing = tmp_path / "installing"
    with checkout(tmp_path, 60)() as program:
        wait_until(lambda: installing.exists() and bool(installing.read_text()), "installation")
        started = psutil.Process(int(installing.read_text()))

        program.send_signal(number)

        assert program.wait(10) == -number
    wait_until(lambda: not is_alive(started), "end of the installation")


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process still works; a dead one may wait for its parent."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_of_several_that_begin_at_once_one_makes_the_environment(tmp_path: Path) -> None:
    prepare = checkout(tmp_path, 0.2)
    programs = [prepare() for _ in range(3)]

    assert [program.wait(30) for program in programs] == [0, 0, 0]

    assert len((tmp_path / "made").read_text().splitlines()) == 1


def test_what_is_installed_can_be_read_by_whoever_serves_the_database(tmp_path: Path) -> None:
    assert checkout(tmp_path, 0)().wait(30) == 0

    assert (tmp_path / "mask").read_text().strip() == "0022"
    assert (tmp_path / "after").read_text().strip() == "0077"
