"""Ctrl-C and SIGTERM stop everything that a command started, whenever they come."""

import signal
import time
from collections.abc import Callable

import psutil
import pytest

from tests.faults.conftest import Programs
from tests.faults.program import Program, Server, conninfo_of, postgres_of, wait_until
from tests.intake.events import registration
from tests.server.conftest import issue
from tests.server.test_events import post

pytestmark = pytest.mark.slow
INTERRUPTED = 130


def terminate(program: Program) -> None:
    """Ask a program alone to end, as a service manager does."""
    program.signal(signal.SIGTERM)


def interrupt(program: Program) -> None:
    """Press Ctrl-C, which reaches the whole process group."""
    program.interrupt()


@pytest.mark.parametrize("stop", [terminate, interrupt])
def test_a_server_stops_with_its_database_and_starts_again(
    programs: Programs, stop: Callable[[Program], None]
) -> None:
    statuses = []
    for _ in range(2):
        server = programs.serve(None).ready()
        processes = [psutil.Process(server.pid), *postgres_of(programs.folder)]
        assert len(processes) > 3, "the server, the postmaster and its children"
        with server.client(issue(conninfo_of(programs.folder))) as client:
            statuses.append(post(client, registration()).json()["receipts"][0]["status"])

            stop(server)

            server.wait()
        assert not [process for process in processes if process.is_running()]
        assert not postgres_of(programs.folder)
        assert "Traceback" not in server.output
    assert statuses == ["accepted", "duplicate"]


@pytest.mark.parametrize("seconds", [0.7, 1.6, 2.4])
def test_a_start_that_is_interrupted_leaves_nothing_running(
    programs: Programs, seconds: float
) -> None:
    program = programs.run("serve", "--port", "0")
    time.sleep(seconds)

    program.interrupt()

    program.wait()
    wait_until(lambda: not postgres_of(programs.folder), "end of the database")
    assert "Traceback" not in program.output


def test_the_last_of_two_commands_stops_the_shared_database(programs: Programs) -> None:
    first = programs.serve(None).ready()
    second = programs.serve(None).ready()

    first.signal(signal.SIGTERM)
    first.wait()

    with second.client() as client:
        assert client.get("/health").status_code == 200
    second.signal(signal.SIGTERM)
    second.wait()
    assert not postgres_of(programs.folder)
