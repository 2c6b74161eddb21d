"""Two servers over one database take turns, even while their connections are cut off."""

import time

import psycopg
import pytest

from server.settings import PATIENCE_SECONDS
from tests.faults.checking import check_everything
from tests.faults.conftest import Programs
from tests.faults.crowd import Book, Crowd, check_quarantine, check_recorded, post
from tests.faults.program import wait_until
from tests.intake.events import registration

pytestmark = pytest.mark.slow
QUESTION = {"query": "{ events(first: 1) { totalCount } }"}
CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5
"""


def test_two_servers_append_to_one_ledger(programs: Programs, database: str, token: str) -> None:
    book = Book()
    # A pool whose new connections were cut off as well tries again after one second, two and four,
    # while the crowd queues for what is left; so the servers are as patient as they are by default.
    patience = f"{PATIENCE_SECONDS:g}"
    first, second = (programs.serve(database, token, LIFECYCLE_PATIENCE=patience) for _ in "12")
    first.ready()
    second.ready()

    with (
        psycopg.connect(database, autocommit=True) as connection,
        first.client() as client,
        Crowd(first, book, "first", sizes=(1, 1, 30), insisting=True) as one,
        Crowd(second, book, "second", sizes=(1, 30, 1_100), insisting=True) as other,
    ):
        wait_until(lambda: len(book.receipts) > 300, "receipts")
        for _ in range(12):
            connection.execute(CUT)
            answer = client.post("/graphql", json=QUESTION)
            assert answer.status_code == 200, answer.text
            time.sleep(0.05)
        before = len(book.receipts)
        wait_until(lambda: len(book.receipts) > before + 300, "receipts afterwards")

    assert {refusal["code"] for refusal in one.refusals + other.refusals} <= {"unavailable"}
    for server in (first, second):
        with server.client() as client:
            # Whatever a call that failed has left undone is done by the next one.
            post(client, [registration("last", subject="project/last")])
        wait_until(lambda at=server: at.health()["status"] == "ok", "health")
        assert "Traceback" not in server.output
        server.kill()
    events = check_everything(database)
    check_recorded(book, events)
    check_quarantine(database, book)
    assert len(events) == len(book.sent) - len(book.waiting()) + 1
