"""Check the books beside the tree against the events that closed them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Connection

from domain.envelope import Recorded
from ledger.books import BOOKS, KIND, Book, has_entries, spans
from ledger.reading import ledger_events
from ledger.verification.finding import Findings


class Closed(NamedTuple):
    """How many entries closed books hold, and which books hold more than was closed."""

    entries: int
    open: tuple[str, ...]


def check_books(connection: Connection[Any], findings: Findings) -> Closed:
    """Compare what was closed with what is there."""
    closings: dict[str, list[Recorded]] = {}
    for event in ledger_events(connection, [KIND]):
        closings.setdefault(event.payload["book"], []).append(event)
    for name in closings.keys() - BOOKS.keys():
        message = f"it closes the book {name}, which this program does not know"
        findings.add("books", message, closings[name][0].position)
    entries, still_open = 0, []
    for name, book in BOOKS.items():
        events = closings.get(name, [])
        entries += _check(connection, book, events, findings)
        if has_entries(connection, book, max((e.payload["last"] for e in events), default=0)):
            still_open.append(name)
    return Closed(entries, tuple(still_open))


def _check(
    connection: Connection[Any], book: Book, events: Sequence[Recorded], findings: Findings
) -> int:
    """Compare one book with the events that closed it, and give how many entries they name."""
    bounds = [0]
    for event in events:
        after, last = event.payload["after"], event.payload["last"]
        if after != bounds[-1] or last <= after:
            message = f"it goes on from {after} to {last}, and the one before ended at {bounds[-1]}"
            findings.add("books", message, event.position)
            return 0
        bounds.append(last)
    found = {span.after: span for span in spans(connection, book, bounds)} if events else {}
    for event in events:
        said = event.payload
        span = found.get(said["after"])
        if span is None or span._asdict() != {name: said[name] for name in span._fields}:
            rows = 0 if span is None else span.rows
            message = (
                f"of {said['book']} it closed {said['rows']} entries from {said['after'] + 1} to"
                f" {said['last']}, and {rows} are there, or others than those"
            )
            findings.add("books", message, event.position)
    return sum(event.payload["rows"] for event in events)
