"""Read the ledger: events in order, a stream, a tree of amendments, the head.

Every reading takes a connection first. With an asynchronous connection it
gives an awaitable, with a plain one the answer itself.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, overload

from psycopg import AsyncConnection, Connection
from psycopg.abc import QueryNoTemplate
from psycopg.rows import tuple_row

from domain.envelope import Recorded, leaf_hash, read_event
from ledger.rows import uuid_array
from ledger.tree import Edge

Answer = TypeVar("Answer")
Parameters = ParamSpec("Parameters")
Row = tuple[Any, ...]

_SELECT = "SELECT e.position, e.bytes, e.leaf_hash FROM ledger.events AS e "


class Head(NamedTuple):
    """The tree's size and root, and when its last event was recorded (None while it is empty)."""

    size: int
    root: bytes
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """A statement with its values, and how its rows become the answer."""

    sql: QueryNoTemplate
    values: Sequence[Any]
    shape: Callable[[list[Row]], Answer]


class Reading(Generic[Parameters, Answer]):
    """A question that plain and asynchronous connections answer alike."""

    def __init__(self, question: Callable[Parameters, Question[Answer]]) -> None:
        """Keep the function that words the question."""
        self.question = question
        update_wrapper(self, question)

    @overload
    def __call__(
        self,
        connection: Connection[Any],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer: ...

    @overload
    def __call__(
        self,
        connection: AsyncConnection[Any],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Coroutine[None, None, Answer]: ...

    def __call__(
        self,
        connection: Connection[Any] | AsyncConnection[Any],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer | Coroutine[None, None, Answer]:
        """Ask over the connection."""
        question = self.question(*args, **kwargs)
        if isinstance(connection, AsyncConnection):
            return _awaited(connection, question)
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            cursor.execute(question.sql, question.values)
            return question.shape(cursor.fetchall())


async def _awaited(connection: AsyncConnection[Any], question: Question[Answer]) -> Answer:
    async with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
        await cursor.execute(question.sql, question.values)
        return question.shape(await cursor.fetchall())


def _events(rows: list[Row]) -> list[Recorded]:
    return [read_event(position, data, leaf) for position, data, leaf in rows]


@Reading
def events_after(position: int, limit: int = 5000) -> Question[list[Recorded]]:
    """Read the next events after a position, in order."""
    sql = _SELECT + "WHERE e.position > %s ORDER BY e.position LIMIT %s"
    return Question(sql, [position, limit], _events)


@Reading
def stream_events(stream: str, up_to: int | None = None) -> Question[list[Recorded]]:
    """Read a stream's own events in order, as known at a position."""
    # Added to, the position is no reason to go through an index of all positions.
    sql = _SELECT + "WHERE e.stream = %s AND e.position + 0 <= %s ORDER BY e.version"
    return Question(sql, [stream, _or_all(up_to)], _events)


@Reading
def streams_events(
    streams: Sequence[str], kinds: Sequence[str], up_to: int | None = None
) -> Question[list[Recorded]]:
    """Read the events of some kinds in several streams, in order of position."""
    sql = (
        # Each is looked up by itself; for many at once a large ledger would be scanned.
        "SELECT e.position, e.bytes, e.leaf_hash FROM unnest(%s::text[]) AS asked (stream)"
        " CROSS JOIN LATERAL ("
        "  SELECT r.* FROM ledger.events AS r WHERE r.stream = asked.stream OFFSET 0) AS e"
        " WHERE e.kind = ANY (%s) AND e.position <= %s ORDER BY e.position"
    )
    return Question(sql, [list(dict.fromkeys(streams)), list(kinds), _or_all(up_to)], _events)


@Reading
def decrees(kind: str, after: int = 0, up_to: int | None = None) -> Question[list[Recorded]]:
    """Read the events of a rare kind that has an index of its own, after a position.

    The kinds are PolicyAdopted and IdentitiesLinked.
    """
    sql = _SELECT + (
        # Written out, since only a constant is known to be in the partial index.
        f"WHERE e.kind = '{_DECREES[kind]}' AND e.position > %s AND e.position <= %s"
        " ORDER BY e.position"
    )
    return Question(sql.encode(), [after, _or_all(up_to)], _events)


_DECREES = {kind: kind for kind in ("PolicyAdopted", "IdentitiesLinked")}


@Reading
def events_by_id(identifiers: Sequence[str]) -> Question[list[Recorded]]:
    """Read the events of these ids that exist, in order of position."""
    sql = _SELECT + "WHERE e.id = ANY (%s::uuid[]) ORDER BY e.position"
    return Question(sql, [list(identifiers)], _events)


@Reading
def ledger_events(kinds: Sequence[str]) -> Question[list[Recorded]]:
    """Read the events of some kinds that are about the ledger itself, in order."""
    sql = _SELECT + (
        "WHERE e.stream >= 'ledger/' AND e.stream < 'ledger0' AND e.kind = ANY (%s)"
        " ORDER BY e.position"
    )
    return Question(sql, [list(kinds)], _events)


@Reading
def policy_events() -> Question[list[Recorded]]:
    """Read the adoptions of policies with what amends them, in order; there are never many."""
    sql = _SELECT + ("WHERE e.stream >= 'policy/' AND e.stream < 'policy0' ORDER BY e.position")
    return Question(sql, [], _events)


@Reading
def streams_of_type(stream_type: str, up_to: int | None = None) -> Question[list[Recorded]]:
    """Read all events in the streams of one type, in order; for types of which there are few."""
    sql = _SELECT + (
        "WHERE e.stream >= %s AND e.stream < %s AND e.position <= %s ORDER BY e.position"
    )
    return Question(sql, [f"{stream_type}/", f"{stream_type}0", _or_all(up_to)], _events)


@Reading
def edge_at(size: int) -> Question[Edge | None]:
    """Read the right edge of the tree when it had a size; None if no head was written then."""
    sql = "SELECT size, edge FROM ledger.heads WHERE size = %s"
    return Question(sql, [size], _edge)


@Reading
def leaves_after(position: int, limit: int) -> Question[list[bytes]]:
    """Read the next stored events and hash their bytes anew; the stored hash is not asked."""
    sql = (
        "SELECT e.position, e.bytes FROM ledger.events AS e"
        " WHERE e.position > %s ORDER BY e.position LIMIT %s"
    )

    def hashed(rows: list[Row]) -> list[bytes]:
        in_order = enumerate(rows, position + 1)
        return [leaf_hash(data) for expected, (found, data) in in_order if found == expected]

    return Question(sql, [position, limit], hashed)


@Reading
def amendments_targeting(
    identifiers: Sequence[str], up_to: int | None = None
) -> Question[list[Recorded]]:
    """Read what corrects or retracts one of these events, as known at a position."""
    sql = (
        # Each is looked up by itself; as a list, a plan made before the ledger is counted scans all
        # of it, again for every batch of a catch-up.
        "SELECT e.position, e.bytes, e.leaf_hash FROM unnest(%s::uuid[]) AS asked (id)"
        " CROSS JOIN LATERAL ("
        "  SELECT r.* FROM ledger.events AS r WHERE r.corrects = asked.id OFFSET 0) AS e"
        " WHERE e.position <= %s ORDER BY e.position"
    )
    return Question(sql, [uuid_array(dict.fromkeys(identifiers)), _or_all(up_to)], _events)


@Reading
def amendments_of(identifiers: Sequence[str], up_to: int | None = None) -> Question[list[Recorded]]:
    """Read the whole trees of amendments that grow from these events, as known at a position."""
    sql = (
        # Each is looked up by itself; joined, a plan made for a small ledger scans a large one.
        "WITH RECURSIVE amendment (id) AS ("
        "  SELECT e.id FROM unnest(%s::uuid[]) AS asked (id) CROSS JOIN LATERAL ("
        "    SELECT r.id FROM ledger.events AS r WHERE r.corrects = asked.id OFFSET 0) AS e"
        "  UNION"
        "  SELECT e.id FROM amendment AS a CROSS JOIN LATERAL ("
        "    SELECT r.id FROM ledger.events AS r WHERE r.corrects = a.id OFFSET 0) AS e"
        ") SELECT e.position, e.bytes, e.leaf_hash FROM amendment AS a CROSS JOIN LATERAL ("
        "  SELECT r.* FROM ledger.events AS r WHERE r.id = a.id OFFSET 0) AS e"
        " WHERE e.position <= %s ORDER BY e.position"
    )
    return Question(sql, [list(identifiers), _or_all(up_to)], _events)


@Reading
def position_at(known: datetime) -> Question[int]:
    """Find the last position recorded at or before a moment; 0 if there is none."""
    sql = (
        "SELECT size FROM ledger.heads WHERE recorded_at <= %s "
        "ORDER BY recorded_at DESC, size DESC LIMIT 1"
    )
    return Question(sql, [known], _number)


@Reading
def head_size() -> Question[int]:
    """Read how many events there are."""
    return Question("SELECT size FROM ledger.heads ORDER BY size DESC LIMIT 1", [], _number)


@Reading
def head() -> Question[Head]:
    """Read the present head of the tree."""
    sql = "SELECT size, edge, recorded_at FROM ledger.heads ORDER BY size DESC LIMIT 1"
    return Question(sql, [], _head)


def _or_all(position: int | None) -> int:
    return (1 << 63) - 1 if position is None else position


def _number(rows: list[Row]) -> int:
    return int(rows[0][0]) if rows else 0


def _edge(rows: list[Row]) -> Edge | None:
    return Edge.from_bytes(*rows[0]) if rows else None


def _head(rows: list[Row]) -> Head:
    if not rows:
        return Head(0, Edge().root(), None)
    size, edge, recorded_at = rows[0]
    return Head(size, Edge.from_bytes(size, edge).root(), recorded_at)
