"""A server whose PostgreSQL dies says so, and goes on by itself once the database is back."""

import signal

import pytest

from ledger.embedded import EmbeddedPostgres
from tests.faults.checking import check_everything
from tests.faults.conftest import Programs
from tests.faults.crowd import Book, Crowd, check_quarantine, check_recorded, post
from tests.faults.program import Server, conninfo_of, postgres_of, wait_until
from tests.intake.events import registration
from tests.server.conftest import issue

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 1.0
QUESTION = {"query": "{ events(first: 1) { totalCount } }"}


def check_that_it_says_so(server: Server) -> None:
    """Check that health and questions are answered with what is wrong."""
    with server.client() as client:
        health = client.get("/health")
        question = client.post("/graphql", json=QUESTION)

    assert (health.status_code, health.json()["status"]) == (503, "database unreachable")
    [error] = question.json()["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    # Who comes while others are looked up waits for the end of their patience, then for its own.
    assert question.elapsed.total_seconds() < 3 * PATIENCE_SECONDS


def test_a_dead_database_is_waited_for(programs: Programs) -> None:
    book = Book()
    server = programs.serve(None, LIFECYCLE_PATIENCE=str(PATIENCE_SECONDS)).ready()
    server.token = issue(conninfo_of(programs.folder))

    # SIGQUIT is what `pg_ctl stop --mode=immediate` sends.
    for number in (signal.SIGKILL, signal.SIGQUIT):
        with Crowd(server, book, number.name, sizes=(1, 1, 30), insisting=True) as crowd:
            before = len(book.receipts)
            wait_until(lambda n=before: len(book.receipts) > n + 200, "receipts")
            postgres_of(programs.folder)[0].send_signal(number)
            wait_until(lambda at=crowd: at.refusals, "refusal")
            check_that_it_says_so(server)
            # As any command on the same folder does.
            EmbeddedPostgres(programs.folder / "postgres").start()
            before = len(book.receipts)
            wait_until(lambda n=before: len(book.receipts) > n + 200, "receipts afterwards")
        assert {refusal["code"] for refusal in crowd.refusals} == {"unavailable"}
        assert all(refusal["cure"] for refusal in crowd.refusals)

    with server.client() as client:
        assert client.post("/graphql", json=QUESTION).json()["data"], "old connections are dropped"
        post(client, [registration("last", subject="project/last")])
    wait_until(lambda: server.health()["status"] == "ok", "health")
    assert "Traceback" not in server.output
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert not postgres_of(programs.folder), "stopped, though another program started it again"
    database = EmbeddedPostgres(programs.folder / "postgres").start()
    check_recorded(book, check_everything(database))
    check_quarantine(database, book)
