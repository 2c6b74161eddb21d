"""Ctrl-C, SIGTERM and a closed terminal stop everything that a command started, at any time."""

import signal
import time

import psutil
import psycopg
import pytest

from tests.faults.conftest import Programs
from tests.faults.crowd import post
from tests.faults.program import Server, conninfo_of, postgres_of, wait_until
from tests.intake.events import registration
from tests.server.conftest import issue

pytestmark = pytest.mark.slow
INTERRUPTED = 130


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process still does something; a dead one may wait for its parent."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes_of(server: Server) -> list[psutil.Process]:
    """Give the server's own process and those of its database."""
    found = [psutil.Process(server.pid), *postgres_of(server.folder)]
    assert len(found) > 3, "the server, the postmaster and its children"
    return found


def delivered_to(server: Server, record: str) -> str:
    """Deliver a fact and give what became of it."""
    with server.client(issue(conninfo_of(server.folder))) as client:
        return str(post(client, [registration(record, subject=None)])[0]["status"])


def test_servers_stop_with_their_database_and_start_again(programs: Programs) -> None:
    first = programs.serve(None).ready()
    second = programs.serve(None).ready()
    processes = processes_of(first)

    first.signal(signal.SIGTERM)
    assert first.wait() == 0, first.output
    # The last one on a folder stops the database, not the first.
    assert delivered_to(second, "one") == "accepted"
    second.interrupt()
    assert second.wait() == 0, second.output
    assert not [process for process in processes if is_alive(process)]

    third = programs.serve(None).ready()
    processes = processes_of(third)
    assert delivered_to(third, "one") == "duplicate"
    # Impatience must not cut the cleaning up short.
    for _ in range(5):
        third.interrupt()
        time.sleep(0.02)
    assert third.wait() == 0, third.output
    assert not [process for process in processes if is_alive(process)]
    for server in (first, second, third):
        assert "Traceback" not in server.output


def test_starts_that_are_interrupted_leave_nothing_running(programs: Programs) -> None:
    for seconds in (0.0, 0.3, 0.7, 1.2):
        program = programs.run("serve", "--port", "0")
        wait_until(lambda at=program: at.is_stoppable, "handler")
        time.sleep(seconds)

        program.interrupt()

        assert program.wait() in {0, INTERRUPTED}
        wait_until(lambda: not postgres_of(programs.folder), "end of the database")
        assert "Traceback" not in program.output, seconds


def test_closing_the_terminal_stops_the_server(programs: Programs) -> None:
    server = programs.serve(None).ready()
    processes = processes_of(server)

    server.signal(signal.SIGHUP)

    assert server.wait() == 0, server.output
    assert not [process for process in processes if is_alive(process)]


def test_a_demonstration_stops_while_it_loads(programs: Programs) -> None:
    program = programs.run("demo", "--port", "0")
    wait_until(lambda: is_loading(programs), "event")

    program.interrupt()

    assert program.wait() == INTERRUPTED, program.output
    assert not [process for process in postgres_of(programs.folder) if is_alive(process)]
    assert "Traceback" not in program.output


def is_loading(programs: Programs) -> bool:
    """Tell whether the first events are in the ledger of the data folder."""
    try:
        with psycopg.connect(conninfo_of(programs.folder)) as connection:
            return connection.execute("SELECT FROM ledger.events LIMIT 1").fetchone() is not None
    except (OSError, IndexError, psycopg.Error):
        return False
