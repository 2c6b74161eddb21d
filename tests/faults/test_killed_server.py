"""A server that is killed with SIGKILL loses nothing that it acknowledged."""

import pytest

from tests.faults.checking import check_everything, check_rebuilding
from tests.faults.conftest import Programs
from tests.faults.crowd import Book, Crowd, check_recorded, deliver
from tests.faults.program import wait_until
from tests.ledger.conftest import check_ledger

pytestmark = pytest.mark.slow


def test_every_acknowledged_event_survives_once(
    programs: Programs, database: str, token: str
) -> None:
    book = Book()
    for life, acknowledged in enumerate((50, 1500)):
        server = programs.serve(database, token).ready()
        before = len(book.receipts)
        with Crowd(server, book, f"life{life}-", sizes=(1, 1, 1, 1, 30, 300)):
            wait_until(lambda n=before + acknowledged: len(book.receipts) >= n, "receipts")
            server.kill()

    assert check_recorded(book, check_ledger(database)) > 1_000

    again = deliver(database, book.sent)

    waiting = book.waiting()
    for event, receipt in zip(book.sent, again, strict=True):
        first = book.receipts.get(event["id"], {"status": "unknown"})
        if first["status"] == "accepted":
            assert receipt["status"] == "duplicate"
            assert receipt["event_id"] == first["event_id"]
            assert receipt["position"] == first["position"]
        elif event["id"] in waiting:
            assert receipt["status"] == "quarantined"
        else:
            assert receipt["status"] in {"duplicate", "accepted"}
    assert len(check_everything(database)) == len(book.sent) - len(waiting)
    check_rebuilding(database)
