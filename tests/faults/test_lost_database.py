"""A server whose PostgreSQL dies says so, and goes on by itself once the database is back."""

import signal
import time

import psycopg
import pytest

from tests.faults.checking import check_everything
from tests.faults.conftest import Programs
from tests.faults.crowd import Book, Crowd, check_recorded, post
from tests.faults.program import Server, conninfo_of, postgres_of, wait_until
from tests.intake.events import registration
from tests.server.conftest import issue

pytestmark = pytest.mark.slow
QUESTION = {"query": "{ events(first: 1) { totalCount } }"}


def check_that_it_says_so(server: Server) -> None:
    """Check that health and questions are answered with what is wrong."""
    with server.client() as client:
        health = client.get("/health")
        question = client.post("/graphql", json=QUESTION)

    assert (health.status_code, health.json()["status"]) == (503, "database unreachable")
    [error] = question.json()["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"


def check_quarantine(database: str, book: Book) -> None:
    """Check that nothing waits for a project that is there."""
    with psycopg.connect(database) as connection:
        kept = connection.execute(
            "SELECT source_key FROM ledger.quarantine AS q WHERE NOT EXISTS"
            " (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number)"
        ).fetchall()
    assert {key.removeprefix("approval/") for (key,) in kept} == book.waiting()


def test_a_dead_database_is_waited_for(programs: Programs) -> None:
    book = Book()
    server = programs.serve(None, LIFECYCLE_PATIENCE="1").ready()
    server.token = issue(conninfo_of(programs.folder))

    # SIGQUIT is what `pg_ctl stop --mode=immediate` sends.
    for number in (signal.SIGKILL, signal.SIGQUIT):
        with Crowd(server, book, number.name, sizes=(1, 1, 30), insisting=True) as crowd:
            before = len(book.receipts)
            wait_until(lambda n=before: len(book.receipts) > n + 200, "receipts")
            postgres_of(programs.folder)[0].send_signal(number)
            wait_until(lambda at=crowd: at.refusals, "refusal")
            check_that_it_says_so(server)
            # Any command on the same folder brings the database back.
            status = programs.run("status")
            assert status.wait() == 0, status.output
            before = len(book.receipts)
            wait_until(lambda n=before: len(book.receipts) > n + 200, "receipts afterwards")
        assert {refusal["code"] for refusal in crowd.refusals} == {"unavailable"}
        assert all(refusal["cure"] for refusal in crowd.refusals)

    wait_until(lambda: server.health()["status"] == "ok", "health")
    assert "Traceback" not in server.output
    database = conninfo_of(programs.folder)
    check_recorded(book, check_everything(database))
    check_quarantine(database, book)


CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5
"""


def test_connections_may_be_cut_again_and_again(
    programs: Programs, database: str, token: str
) -> None:
    book = Book()
    server = programs.serve(database, token).ready()

    with (
        psycopg.connect(database, autocommit=True) as connection,
        Crowd(server, book, "cut", sizes=(1, 1, 1, 30, 1_100), insisting=True) as crowd,
        server.client() as reader,
    ):
        for _ in range(40):
            connection.execute(CUT)
            assert reader.post("/graphql", json=QUESTION).status_code == 200
            time.sleep(0.05)

    assert {refusal["code"] for refusal in crowd.refusals} <= {"unavailable"}
    wait_until(lambda: server.health()["status"] == "ok", "health")
    assert "Traceback" not in server.output
    with server.client() as client:
        post(client, [registration("last", subject="project/last")])
    server.kill()
    check_recorded(book, check_everything(database))
    check_quarantine(database, book)
