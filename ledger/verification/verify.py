"""Verify a ledger: read every byte, say what was read, and leave everything as it is."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from domain.errors import LedgerError
from ledger.key_place import options_of
from ledger.reading import head
from ledger.verification.attested import check_attestations
from ledger.verification.beside import check_receipts, check_tokens
from ledger.verification.books import check_books
from ledger.verification.cosigned import check_cosignatures
from ledger.verification.finding import Findings
from ledger.verification.guards import check_guards
from ledger.verification.side_tables import (
    check_four_eyes,
    check_side_tables,
    check_stream_heads,
)
from ledger.verification.signatures import Trust, check_signatures
from ledger.verification.time import check_time_tokens
from ledger.verification.whole import Progress, Whole, check_events


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
    read: dict[str, int] = {}
    open_books: tuple[str, ...] = ()
    try:
        whole = check_events(reading, progress, processes=processes)
        read = _counts(whole)
        with psycopg.connect(reading, autocommit=True) as connection:
            check_side_tables(connection, whole)
            check_four_eyes(connection, whole.findings)
            read["signed_facts"] = check_attestations(connection, whole.attested, whole.findings)
            read["tokens"] = check_tokens(connection, whole.findings)
            read["receipts"] = check_receipts(connection, whole.findings)
            read["closed_entries"], open_books = check_books(connection, whole.findings)
            read["snapshots"] = check_stream_heads(connection, whole.findings)
            read["checkpoints"] = check_signatures(connection, whole, trust)
            read["cosignatures"] = check_cosignatures(connection, whole.findings)
            read["time_tokens"] = check_time_tokens(connection, trust.roots, whole.findings)
            read["guards"] = check_guards(connection, whole.findings)
            if head(connection).size < whole.size:
                whole.findings.add("heads", "the ledger became shorter while it was read")
    except (LedgerError, psycopg.Error, ValueError) as error:
        whole.findings.add("unreadable", f"reading ended: {' '.join(str(error).split())}")
    if not whole.size:
        whole.findings.add("empty", "no events were read; that proves nothing")
    return Verification(read, whole.edge.root().hex(), whole.findings, open_books)


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
