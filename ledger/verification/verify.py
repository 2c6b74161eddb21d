"""Verify a ledger: read every byte, say what was read, and leave everything as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from ledger.clock import TOLERANCE, utc_now
from ledger.key_place import options_of
from ledger.reading import head
from ledger.verification.attested import check_attestations
from ledger.verification.beside import check_receipts, check_tokens
from ledger.verification.books import check_books
from ledger.verification.cosigned import check_cosignatures
from ledger.verification.finding import UNREADABLE, Findings, in_words
from ledger.verification.guards import check_guards
from ledger.verification.side_tables import (
    check_aliases,
    check_erasures,
    check_four_eyes,
    check_loose_names,
    check_mentions,
    check_stream_heads,
)
from ledger.verification.signatures import Trust, check_outside, check_signatures
from ledger.verification.time import check_time_tokens
from ledger.verification.together import ProcessEnded
from ledger.verification.whole import Progress, Whole, check_events

_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was read, and what was found."""

    read: dict[str, int]
    root: str
    findings: Findings
    open_books: tuple[str, ...] = ()
    """The books beside the tree that hold more than was closed."""

    @property
    def ok(self) -> bool:
        """Tell whether there is no doubt at all."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """Give it for programs."""
        return {
            "ok": self.ok,
            "root": self.root,
            "read": self.read,
            "found": dict(self.findings.counts),
            "findings": [finding._asdict() for finding in self.findings.first],
        }


def verify(
    conninfo: str, progress: Progress, trust: Trust, *, processes: int | None = None
) -> Verification:
    """Check the ledger behind a connection string, which is opened for reading only.

    A ledger without events is a doubt, and so is one that cannot be read.
    """
    reading = read_only(conninfo)
    whole = Whole(0)
    rest = _Rest(whole, trust)
    try:
        check_events(reading, whole, progress, processes=processes)
        with psycopg.connect(reading, autocommit=True) as connection:
            rest.check(connection)
    except (psycopg.Error, *UNREADABLE) as error:
        read = f"reading ended at {whole.events} of {whole.size} events: "
        whole.findings.add("unreadable", read + _in_words(error))
    if not whole.size:
        whole.findings.add("empty", "no events were read; that proves nothing")
    return Verification(
        {**_counts(whole), **rest.read}, _root(whole), whole.findings, rest.open_books
    )


class _Rest:
    """What is checked once all events were read: each by itself, so that none hides the others."""

    def __init__(self, whole: Whole, trust: Trust) -> None:
        self.read: dict[str, int] = {}
        self.open_books: tuple[str, ...] = ()
        self._whole = whole
        self._trust = trust

    def check(self, connection: Connection[Any]) -> None:
        """Do every check. Raises psycopg.OperationalError where the connection is lost."""
        found = self._whole.findings
        checks: dict[str, Callable[[], int | None]] = {
            "aliases": lambda: check_aliases(connection, self._whole),
            "mentions": lambda: check_mentions(connection, self._whole),
            "erasures": lambda: check_erasures(connection, self._whole),
            "loose_names": lambda: check_loose_names(connection, found),
            "four_eyes": lambda: check_four_eyes(connection, found),
            "signed_facts": lambda: check_attestations(connection, self._whole.attested, found),
            "tokens": lambda: check_tokens(connection, found),
            "receipts": lambda: check_receipts(connection, found),
            "closed_entries": lambda: self._books(connection),
            "snapshots": lambda: check_stream_heads(connection, found),
            "checkpoints": lambda: check_signatures(connection, self._whole, self._trust),
            "cosignatures": lambda: check_cosignatures(connection, found),
            "time_tokens": lambda: check_time_tokens(connection, self._trust.roots, found),
            "guards": lambda: check_guards(connection, found),
            "heads": lambda: self._end(connection),
        }
        with connection.transaction():
            # Of one moment, since a ledger that is written to goes on from check to check.
            connection.execute(_ONE_MOMENT)
            for name, check in checks.items():
                self._make(connection, name, check)
        if self._trust.last is not None:
            last = self._trust.last
            self._make(connection, "state", lambda: check_outside(connection, self._whole, last))

    def _make(
        self, connection: Connection[Any], name: str, check: Callable[[], int | None]
    ) -> None:
        """Make a check, and remember how much it read."""
        try:
            with connection.transaction():
                count = check()
        except (psycopg.Error, *UNREADABLE) as error:
            if connection.closed:
                raise
            message = f"{name} could not be checked: {_in_words(error)}"
            self._whole.findings.add("unreadable", message)
        else:
            if count is not None:
                self.read[name] = count

    def _books(self, connection: Connection[Any]) -> int:
        count, self.open_books = check_books(connection, self._whole.findings)
        return count

    def _end(self, connection: Connection[Any]) -> None:
        """Refuse a ledger that lost events meanwhile, or whose last one is still to come."""
        found, top = self._whole.findings, head(connection)
        if top.size < self._whole.size:
            found.add("heads", "the ledger became shorter while it was read")
        if top.recorded_at is not None and top.recorded_at - utc_now() > TOLERANCE:
            at = top.recorded_at.isoformat()
            message = f"recorded at {at}, which has not come yet by the clock of this machine"
            found.add("recorded_at", message, top.size)


def _in_words(error: Exception) -> str:
    """Put what ended a check into one line."""
    if isinstance(error, psycopg.Error):
        return " ".join(str(error).split())
    return in_words(error) + (f" {error.cure}" if isinstance(error, ProcessEnded) else "")


def _root(whole: Whole) -> str:
    """Give the root of what was read, if that is the whole."""
    return whole.edge.root().hex() if whole.edge.size == whole.size else ""


def read_only(conninfo: str) -> str:
    """Let connections write nothing, and look for what has no schema at PostgreSQL's own alone.

    A database may be set to look elsewhere first, for tables and functions that answer falsely.
    """
    settings = (
        *("default_transaction_read_only=on", "search_path=pg_catalog"),
        # How PostgreSQL words a constraint depends on these.
        *("bytea_output=hex", "quote_all_identifiers=off"),
    )
    wanted = [options_of(conninfo), *(f"-c {setting}" for setting in settings)]
    return make_conninfo(conninfo, options=" ".join(wanted).strip())


def _counts(whole: Whole) -> dict[str, int]:
    """Say what was read."""
    return {
        "events": whole.events,
        "bytes": whole.read_bytes,
        "streams": len(whole.streams),
        "heads": whole.heads,
        "tiles": whole.tiles,
        "names": whole.names,
    }
