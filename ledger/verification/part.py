"""Check a run of events that one process reads: rows, chains within the run, its tiles and heads.

A run begins at a multiple of its own width, a power of two from 256 up, so its
full tiles and its share of every right edge can be made from its events alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg.pq import ExecStatus

from ledger.key_place import keys_of
from ledger.locked_name import PREFIX
from ledger.person_keys import PersonKeys
from ledger.reading import Question, Reading
from ledger.rows import identifier_array
from ledger.tiles import WIDTH
from ledger.tree import HASH_BYTES, Edge, Subtrees
from ledger.verification.attested import attesters_in
from ledger.verification.event import (
    ACTOR_NAME,
    COPY_HEADER,
    HEADER_BYTES,
    SELECT,
    TRAILER,
    Checked,
    check_event,
)
from ledger.verification.finding import UNREADABLE, Findings, in_words

_TILE_LEVEL = WIDTH.bit_length() - 1
LONG_AGO = -(1 << 63)
"""Before every time that a column can hold."""


class Run(NamedTuple):
    """The positions after `start` up to and including `end`."""

    start: int
    end: int


class Span(msgspec.Struct, gc=False):
    """What a run holds of one stream: where it begins, after what, and where it ends."""

    first: int
    prev: str | None
    last: int
    leaf: bytes


_Name = tuple[bytes, str | None, str, bytes | None, str | None]
"""A row of the side table: event, path unless it is the actor's, commitment, salt, locked name."""


class Named(NamedTuple):
    """Where the name of a person stands."""

    event: str
    path: tuple[str, ...]
    position: int


@dataclass(slots=True)
class Part:
    """What was read of a run, and what the whole must know of it."""

    run: Run
    findings: Findings = field(default_factory=Findings)
    streams: dict[str, Span] = field(default_factory=dict)
    aliases: list[tuple[str, str, str, int]] = field(default_factory=list)
    mentions: list[tuple[str, int]] = field(default_factory=list)
    erased: list[Named] = field(default_factory=list)
    attested: list[int] = field(default_factory=list)
    tile_roots: list[bytes] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)
    heads: int = 0
    first_previous: int | None = None
    last_head: int | None = None
    prefixes: dict[bytes, int] = field(default_factory=dict)
    closing: bytes | None = None
    first_recorded_at: int | None = None
    last_recorded_at: int = LONG_AGO
    events: int = 0
    size: int = 0
    tiles: int = 0
    names: int = 0


def check_part(connection: psycopg.Connection[Any], run: Run) -> Part:
    """Read and check a run."""
    return _Checking(connection, run).part


class _Checking:
    """The checks of one run, one after the other."""

    def __init__(self, connection: psycopg.Connection[Any], run: Run) -> None:
        self._connection = connection
        self._keys = keys_of(connection)
        self.part = Part(run)
        width = run.end - run.start
        self._leaves = [bytes(HASH_BYTES)] * width
        self._times = [0] * width
        self._identifiers: list[bytes] = []
        self._named: list[Checked] = []
        self._events()
        self._subtrees = Subtrees(self._leaves)
        self._tiles()
        self._heads()
        self._names()

    def _events(self) -> None:
        """Read all rows in order; what is missing leaves its place in the tree empty."""
        part = self.part
        start, end = part.run
        position = start
        signing = attesters_in(self._connection).actors
        for row in _rows(self._connection, part.run):
            part.events += 1
            try:
                event = check_event(row, part.findings)
            except UNREADABLE as error:
                message = f"it is nothing that a ledger holds: {in_words(error)}"
                part.findings.add("unreadable_event", message, position + 1)
                event = None
            if event is None:
                position += 1
                continue
            if event.position != position + 1:
                message = f"after position {position} comes {event.position}"
                part.findings.add("positions", message, position + 1)
            position = event.position
            self._take(event)
            if event.is_attested or event.actor in signing:
                part.attested.append(position)
        if position != end:
            message = f"the events end at {position}, the heads at {end}"
            part.findings.add("positions", message, position)

    def _take(self, event: Checked) -> None:
        """Put one event in its place."""
        part = self.part
        part.size += event.size
        if event.recorded_at < part.last_recorded_at:
            part.findings.add("recorded_at", "recorded before the event before", event.position)
        if part.first_recorded_at is None:
            part.first_recorded_at = event.recorded_at
        part.last_recorded_at = max(part.last_recorded_at, event.recorded_at)
        place = event.position - part.run.start - 1
        self._leaves[place] = event.leaf
        self._times[place] = event.recorded_at
        span = part.streams.get(event.stream)
        if span is None:
            part.streams[event.stream] = Span(event.version, event.prev, event.version, event.leaf)
        else:
            check_link(span, event.version, event.prev, event.stream, part.findings)
            span.last, span.leaf = event.version, event.leaf
        if event.aliases:
            part.aliases += [
                (alias, event.stream, event.id, event.position) for alias in set(event.aliases)
            ]
        if event.mentions:
            part.mentions += [(mention, event.position) for mention in set(event.mentions)]
        self._identifiers.append(event.identifier)
        if event.commitments or event.actor_name is not None:
            self._named.append(event)

    def _tiles(self) -> None:
        """Compare the stored full tiles with the leaves, byte by byte."""
        part, first = self.part, self.part.run.start // WIDTH
        stored = {
            number: (bytes(hashes), None if root is None else bytes(root))
            for number, hashes, root in tiles_between(
                self._connection, 0, first, part.run.end // WIDTH
            )
        }
        leaves, levels = self._leaves, self._subtrees.levels
        part.tile_roots = levels[_TILE_LEVEL] if len(levels) > _TILE_LEVEL else []
        for number, root in enumerate(part.tile_roots):
            hashes = b"".join(leaves[number * WIDTH : (number + 1) * WIDTH])
            place = (0, first + number, root)
            check_tile(stored.get(first + number), hashes, place, part.findings)
        part.tiles = len(stored)

    def _heads(self) -> None:
        """Compare every head's edge with the leaves, as far as it lies within the run."""
        part = self.part
        previous: int | None = None
        for size, before, stored, recorded_at in heads_between(self._connection, *part.run):
            if previous is None:
                part.first_previous = before
            elif before != previous:
                part.findings.add("heads", f"continues {before} instead of {previous}", size)
            previous = size
            part.heads += 1
            self._head(size, bytes(stored), recorded_at)
        width = len(self._leaves)
        part.edge = Edge(width, self._subtrees.hashes(width))
        part.last_head = previous

    def _head(self, size: int, stored: bytes, recorded_at: int) -> None:
        """Compare one head."""
        part, start = self.part, self.part.run.start
        if self._times[size - start - 1] != recorded_at:
            part.findings.add("heads", "its time is not that of its last event", size)
        if size == part.run.end and start:
            # At the end of a run the subtrees before it may melt into one; the whole decides.
            part.closing = stored
            return
        own = b"".join(self._subtrees.hashes(size - start))
        prefix, suffix = stored[: len(stored) - len(own)], stored[len(stored) - len(own) :]
        if suffix != own or len(stored) != size.bit_count() * HASH_BYTES:
            part.findings.add("heads", "its edge is not that of the events", size)
            return
        part.prefixes.setdefault(prefix, size)

    def _names(self) -> None:
        """Open every sealed name, and note those that are gone."""
        # Each run wants few of very many names, whatever statistics there are of them.
        with _planned(self._connection, "enable_seqscan"):
            rows = {(row[0], row[1]): row for row in names_of(self._connection, self._identifiers)}
        self.part.names = len(rows)
        self._keys.refresh()
        for event in self._named:
            if event.actor_name is not None:
                row = rows.pop((event.identifier, None), None)
                self._name(event, ACTOR_NAME, event.actor_name, row)
            for path, commitment in event.commitments.items():
                row = rows.pop((event.identifier, _as_array(path)), None)
                self._name(event, path, commitment, row)
        for identifier, array in rows:
            place = array or _as_array(ACTOR_NAME)
            message = f"a name at {place} of event {UUID(bytes=identifier)} stands in no event"
            self.part.findings.add("names", message)

    def _name(
        self, event: Checked, path: tuple[str, ...], commitment: str, row: _Name | None
    ) -> None:
        """Open one sealed name; one whose key is gone is as good as erased."""
        if row is None or row[2] != commitment:
            message = f"the side table does not hold what {'.'.join(path)} commits to"
            self.part.findings.add("names", message, event.position)
            return
        salt, value = row[3], row[4]
        if self._keys.opens(commitment, value, salt):
            return
        if salt is None or value is None or self._keys.is_spent(value):
            self.part.erased.append(Named(event.id, path, event.position))
            return
        message = f"{'.'.join(path)} is {name_fault(self._keys, value)}"
        self.part.findings.add("names", message, event.position)


def name_fault(keys: PersonKeys, value: str) -> str:
    """Say what is wrong with a name that does not open its commitment."""
    if not value.startswith(PREFIX):
        return "not locked: it lies readable in the database"
    if keys.unlock(value) is None and not keys.knows(value):
        place = "no file was named" if keys.path is None else f"not in {keys.path}"
        return f"locked under a key that is not here ({place})"
    return "not the name that was committed to"


def check_link(
    before: Span, version: int, prev: str | None, stream: str, findings: Findings
) -> None:
    """Check that an event continues its stream."""
    if version != before.last + 1:
        message = f"{stream} goes from version {before.last} to {version}"
        findings.add("stream_versions", message)
    if prev != before.leaf.hex():
        message = f"version {version} of {stream} does not continue the one before"
        findings.add("stream_chain", message)


def check_tile(
    stored: tuple[bytes, bytes | None] | None,
    hashes: bytes,
    place: tuple[int, int, bytes],
    findings: Findings,
) -> None:
    """Compare a stored full tile, and the root kept beside it."""
    level, number, root = place
    if stored is None:
        findings.add("tiles", f"tile {level}/{number} is missing")
    elif stored[0] != hashes:
        findings.add("tiles", f"tile {level}/{number} does not hold the hashes of the events")
    elif stored[1] != root:
        findings.add("tiles", f"the root kept for tile {level}/{number} is another")


def _rows(connection: psycopg.Connection[Any], run: Run) -> Iterator[bytes]:
    """Copy the rows of a run out, as the server writes them. Raises OperationalError.

    Each row is one call of libpq; the driver's own reading takes as long as checking does.
    """
    statement = SELECT + f"WHERE e.position > {run.start} AND e.position <= {run.end}"
    copied = f"COPY ({statement} ORDER BY e.position) TO STDOUT (FORMAT binary)"
    pgconn = connection.pgconn
    # The rows lie in the order in which they are wanted. Without fresh statistics PostgreSQL would
    # sort them on disk, which takes as long as all else it does for them.
    with _planned(connection, "enable_sort"):
        began = pgconn.exec_(copied.encode())
        if began.status != ExecStatus.COPY_OUT:
            raise psycopg.OperationalError(began.get_error_message())
        read = pgconn.get_copy_data
        while True:
            length, chunk = read(0)
            if length < 0:
                break
            row = bytes(chunk)
            if row.startswith(COPY_HEADER):
                row = row[HEADER_BYTES:]
            if row and row != TRAILER:
                yield row
        while (ended := pgconn.get_result()) is not None:
            if ended.status != ExecStatus.COMMAND_OK:
                raise psycopg.OperationalError(ended.get_error_message())


@Reading
def tiles_between(level: int, first: int, end: int) -> Question[list[tuple[int, bytes, bytes]]]:
    """Read the full tiles of a level from a number up to but not including another."""
    sql = (
        "SELECT index, hashes, root FROM ledger.tiles"
        " WHERE level = %s AND index >= %s AND index < %s ORDER BY index"
    )
    return Question(sql, [level, first, end], _as_they_are)


@Reading
def heads_between(start: int, end: int) -> Question[list[tuple[int, int, bytes, int]]]:
    """Read the heads in a run, with their times as the columns of events count them."""
    sql = (
        "SELECT size, previous, edge, (extract(epoch FROM recorded_at"
        " - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint"
        " FROM ledger.heads WHERE size > %s AND size <= %s ORDER BY size"
    )
    return Question(sql, [start, end], _as_they_are)


@Reading
def names_of(events: Sequence[bytes]) -> Question[list[_Name]]:
    """Read the names of persons in some events."""
    sql = """
    SELECT uuid_send(event), CASE WHEN path <> %s::text[] THEN path::text END,
        commitment, salt, value FROM ledger.person_names WHERE event = ANY (%s)
    """
    return Question(sql, [list(ACTOR_NAME), identifier_array(events)], _as_they_are)


@lru_cache
def _as_array(path: tuple[str, ...]) -> str:
    """Write the steps of a path as PostgreSQL writes an array of them; each is a plain word."""
    return f"{{{','.join(path)}}}"


@contextmanager
def _planned(connection: psycopg.Connection[Any], without: str) -> Iterator[None]:
    """Let PostgreSQL plan without one of its ways inside."""
    connection.execute(f"SET {without} = off".encode())
    yield
    connection.execute(f"RESET {without}".encode())


def _as_they_are(rows: Sequence[Any]) -> list[Any]:
    return list(rows)
