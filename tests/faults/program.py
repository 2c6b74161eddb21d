"""Run `lifecycle` commands as processes of their own, to be killed, stopped and started again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import psutil
from psycopg.conninfo import make_conninfo

from ledger.key_place import with_keys

LIFECYCLE = Path(sys.executable).with_name("lifecycle")
PATIENCE_SECONDS = 30.0
OWN_SETTINGS = {"DATABASE_URL", "LIFECYCLE_HOST", "LIFECYCLE_PORT", "PYTHONDONTWRITEBYTECODE"}
"""What a program must not inherit; without compiled modules each would take longer to start."""
SOCKET_LINE = 4
_ADDRESS = re.compile(r"Ledger\s+(?:at )?(http://\S+:\d+)")


def wait_until(is_so: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Wait for something to become true and give it; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, f"no {what} within {seconds} seconds"
        time.sleep(0.01)
    return found


class Program:
    """One running command; what it writes goes into a file."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        """Start it with a data folder in a process group of its own, as a shell does."""
        self.folder = folder
        self._output = folder / f"output-{time.monotonic_ns()}"
        folder.mkdir(parents=True, exist_ok=True)
        inherited = {name: os.environ[name] for name in os.environ.keys() - OWN_SETTINGS}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [LIFECYCLE, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=inherited | {"LIFECYCLE_DATA": str(folder)} | environment,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Give what it has written so far."""
        return self._output.read_text("utf-8")

    @property
    def address(self) -> str:
        """Wait until it says where it listens."""

        def said() -> str | None:
            assert self.is_running, self.output
            found = _ADDRESS.search(self.output)
            return found[1] if found else None

        return str(wait_until(said, "address"))

    @property
    def pid(self) -> int:
        """Give its process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Tell whether the process is still there."""
        return self._process.poll() is None

    @property
    def is_stoppable(self) -> bool:
        """Tell whether it has begun to handle SIGTERM, which is the first thing it does."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        [caught] = re.findall(r"SigCgt:\s+([0-9a-f]+)", status)
        return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)

    def kill(self) -> None:
        """End it without any chance to clean up."""
        self._process.kill()
        self._process.wait(PATIENCE_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it alone, as `kill` does."""
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal tells the whole process group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for its end and give its exit code."""
        return self._process.wait(seconds)


class Server(Program):
    """A running `lifecycle serve` with a client at hand."""

    def __init__(self, folder: Path, token: str | None = None, **environment: str) -> None:
        """Start it on a free port."""
        super().__init__(folder, "serve", "--port", "0", **environment)
        self.database = environment.get("DATABASE_URL", "")
        self.token = token

    def ready(self) -> "Server":
        """Wait until it answers, and give itself."""
        wait_until(self._answers, "answer")
        return self

    def health(self) -> dict[str, Any]:
        """Ask how it is."""
        answer: dict[str, Any] = httpx2.get(f"{self.address}/health", timeout=10).json()
        return answer

    def _answers(self) -> bool:
        assert self.is_running, self.output
        try:
            return self.health()["status"] in {"ok", "behind"}
        except httpx2.TransportError:
            return False

    def client(self, token: str | None = None, *, seconds: float = PATIENCE_SECONDS) -> Any:
        """Give a client that bears the token."""
        bearer = token or self.token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return httpx2.Client(base_url=self.address, headers=headers, timeout=seconds)


def postgres_of(folder: Path) -> list[psutil.Process]:
    """Give the processes of the embedded PostgreSQL of a data folder, the postmaster first."""
    for process in psutil.process_iter(["cmdline"]):
        if str(folder / "postgres") in (process.info["cmdline"] or ()):
            return [process, *process.children()]
    return []


def stop_postgres_of(folder: Path) -> None:
    """Stop the embedded PostgreSQL that a killed program left behind."""
    processes = postgres_of(folder)
    for process in processes[:1]:
        process.send_signal(signal.SIGQUIT)
    psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)


def conninfo_of(folder: Path) -> str:
    """Give the connection string of the embedded PostgreSQL of a data folder."""
    note = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    address = make_conninfo(user="postgres", dbname="ledger", host=note[SOCKET_LINE])
    return with_keys(address, folder / "person-keys")
