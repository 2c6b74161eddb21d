"""Commit to what lies beside the tree: tokens, receipts, the quarantine, denials, checkpoints.

Each of these tables is a book that only grows and numbers its entries. A `BookClosed` event commits
to all entries of one book since the event before it, by one digest that PostgreSQL alone can
compute again: SHA-256 over the digests of the entries in their order, each that of a JSON array.
What may lawfully be emptied, and what an entry is merely found by, is left out.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from psycopg import Connection, sql
from psycopg.errors import LockNotAvailable

from ledger.unavailable import Unavailable

KIND: Final = "BookClosed"
"""The kind of event that closes a book."""
_PATIENCE = "2s"
"""Who writes into a book goes on after so long, and it is closed another time."""
_DRAWN = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass), 0)"
_MOMENT = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


def _moment(column: str) -> str:
    return _MOMENT.format(column)


def _digest(column: str) -> str:
    return f"encode(sha256({column}), 'hex')"


class BookInUse(Unavailable):
    """Somebody is writing into {value} for so long that it is not waited for."""

    code = "book_in_use"
    cure = "Close the books again in a while; nothing was lost."


class Book(NamedTuple):
    """A table, the column that numbers its entries, and what an entry is hashed as."""

    table: str
    number: str
    fields: tuple[str, ...]


# What a closed book says must be found again for ever; one that shall say more gets another name.
BOOKS: Final[Mapping[str, Book]] = MappingProxyType(
    {
        "tokens": Book(
            "tokens",
            "entry",
            (
                *("id", _digest("hash"), "label", "actor", "org", "role", "rights", "systems"),
                *("kinds", "regions", "points", _moment("created_at"), _moment("expires_at")),
            ),
        ),
        "revocations": Book("token_revocations", "entry", ("token", _moment("revoked_at"))),
        "batches": Book(
            "batches",
            "entry",
            ("id", _moment("received_at"), "actor", "source", "door", "file_name"),
        ),
        "receipts": Book(
            "batch_parts",
            "entry",
            (
                *("batch", "request", "first", "counts", _digest("receipts")),
                *(_moment("received_at"), "outcome", "sha256"),
            ),
        ),
        "refusals": Book(
            "batch_rows",
            "entry",
            (
                *("batch", "request", "place", "row_no", "source_key", "record_version", "kind"),
                *("status", "event", "position", "code", "field", "cure"),
            ),
        ),
        "quarantine": Book(
            "quarantine",
            "number",
            (
                *("draft", _moment("received_at"), _digest("digest"), "kind", "subject"),
                *("occurred_on", "source_key", "record_version", "code", "field", "value", "cure"),
                *("waiting_for", "actor", _digest("delivery"), "limits"),
            ),
        ),
        "decisions": Book(
            "quarantine_decisions",
            "entry",
            ("number", _moment("decided_at"), "decision", "status", "event", "position", "code"),
        ),
        "overtaken": Book(
            "superseded",
            "number",
            (
                *("draft", _moment("received_at"), "stream", "kind", "source_key"),
                *("record_version", "event", _digest("content_digest"), _digest("body")),
            ),
        ),
        "pending": Book(
            "pending",
            "entry",
            (
                *("number", "event", "kind", "stream", "source_key", "record_version"),
                *(_digest("content_digest"), "corrects", "aliases", "mentions", "actor"),
                _digest("body"),
            ),
        ),
        "registers": Book(
            "register_versions",
            "entry",
            ("source_key", "version", _digest("digest"), "file"),
        ),
        "denials": Book(
            "denials",
            "number",
            (_moment("denied_at"), "token", "actor", "action", "code", "subject", "times"),
        ),
        "checkpoints": Book(
            "checkpoints",
            "number",
            ("origin", "size", "verifier_key", "note", _moment("signed_at")),
        ),
        "cosignatures": Book(
            "cosignatures",
            "entry",
            ("origin", "size", "witness_key", "line", _moment("received_at")),
        ),
    }
)
"""The books by name. A digest stands for bytes, and a time is written in UTC with microseconds."""


FOLLOWING: Final = frozenset({"checkpoints", "cosignatures"})
"""The books that get an entry for every event, so for those too that close books."""


class Span(NamedTuple):
    """The entries of a book behind one number, up to and with another."""

    after: int
    last: int
    rows: int
    digest: str


def next_span(connection: Connection[Any], book: Book, after: int) -> Span | None:
    """Digest what was written behind a number; None if there is nothing.

    Raises BookInUse if somebody writes into the book for so long that it is not waited for.
    """
    bound = _final(connection, book)
    return next(iter(spans(connection, book, [after, bound])), None) if bound > after else None


def spans(connection: Connection[Any], book: Book, bounds: Sequence[int]) -> list[Span]:
    """Read a book once and digest what lies behind each bound up to the next; bounds ascend.

    A span ends at its last entry. Where there is none, there is no span.
    """
    statement = sql.SQL(
        "SELECT width_bucket({number}, %s::bigint[]), max({number}), count(*),"
        " encode(sha256(string_agg(sha256(convert_to(jsonb_build_array({fields})::text, 'UTF8')),"
        " ''::bytea ORDER BY {number})), 'hex')"
        " FROM {table} WHERE {number} > %s AND {number} <= %s GROUP BY 1 ORDER BY 1"
    ).format(
        number=sql.Identifier(book.number),
        fields=sql.SQL(", ").join(map(sql.SQL, book.fields)),
        table=sql.Identifier("ledger", book.table),
    )
    starts = [bound + 1 for bound in bounds[:-1]]
    rows = connection.execute(statement, [starts, bounds[0], bounds[-1]]).fetchall()
    return [Span(bounds[place - 1], *rest) for place, *rest in rows]


def has_entries(connection: Connection[Any], book: Book, after: int) -> bool:
    """Tell whether a book has entries behind a number."""
    statement = sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {} > %s)").format(
        sql.Identifier("ledger", book.table), sql.Identifier(book.number)
    )
    row = connection.execute(statement, [after]).fetchone()
    return row is not None and bool(row[0])


def _final(connection: Connection[Any], book: Book) -> int:
    """Give the number up to which no entry can come any more; 0 before the first.

    Whoever draws a number holds the table until its entry is there for all to see, so that nobody
    is on the way while the table is held alone.
    """
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
            connection.execute(
                sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier("ledger", book.table))
            )
            row = connection.execute(_DRAWN, [f"ledger.{book.table}", book.number]).fetchone()
    except LockNotAvailable as error:
        raise BookInUse(value=f"ledger.{book.table}") from error
    assert row is not None
    return int(row[0])
