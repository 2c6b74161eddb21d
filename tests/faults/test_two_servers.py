"""Two servers over one database take turns: both append, and the read models miss nothing."""

import pytest

from tests.faults.checking import check_everything
from tests.faults.conftest import Programs
from tests.faults.crowd import Book, Crowd
from tests.faults.program import wait_until

pytestmark = pytest.mark.slow


def test_two_servers_append_to_one_ledger(programs: Programs, database: str, token: str) -> None:
    book = Book()
    servers = [programs.serve(database, token) for _ in range(2)]
    for server in servers:
        server.ready()

    with (
        Crowd(servers[0], book, "first", sizes=(1, 1, 30)),
        Crowd(servers[1], book, "second", sizes=(1, 1, 30)),
    ):
        wait_until(lambda: len(book.receipts) > 1_500, "receipts")

    for server in servers:
        wait_until(lambda at=server: at.health()["status"] == "ok", "health")
        assert "Traceback" not in server.output
        server.kill()
    events = check_everything(database)
    statuses = [receipt["status"] for receipt in book.receipts.values()]
    assert set(statuses) <= {"accepted", "quarantined"}
    assert len(events) == len(book.sent) - len(book.waiting()), "what waited was released"
