"""Check the whole ledger: runs in several processes, and what only shows between them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from os import cpu_count
from typing import Any

import psycopg

from ledger.collection import collect_rarely
from ledger.reading import Question, Reading, head
from ledger.tiles import WIDTH
from ledger.tree import Edge, node_hash, root_of, split
from ledger.verification.attested import check_attestations
from ledger.verification.finding import Findings
from ledger.verification.part import (
    LONG_AGO,
    Named,
    Part,
    Run,
    Span,
    check_link,
    check_part,
    check_tile,
    tiles_between,
)

Progress = Callable[[int, int], None]

_WIDEST = 1 << 16
_NARROWEST = 1 << 12
_ALONE = 20_000
"""Up to so many events one process is faster than starting others."""


@dataclass(slots=True)
class Whole:
    """What was read of the whole ledger."""

    size: int
    findings: Findings = field(default_factory=Findings)
    edge: Edge = field(default_factory=Edge)
    events: int = 0
    read_bytes: int = 0
    heads: int = 0
    tiles: int = 0
    names: int = 0
    streams: dict[str, Span] = field(default_factory=dict)
    erased: list[Named] = field(default_factory=list)
    attested: list[int] = field(default_factory=list)
    aliases: list[tuple[str, str, str, int]] = field(default_factory=list)
    mentions: list[tuple[str, int]] = field(default_factory=list)
    tile_roots: list[bytes] = field(default_factory=list)
    last_recorded_at: int = LONG_AGO
    last_head: int = 0


def check_events(conninfo: str, progress: Progress, *, processes: int | None = None) -> Whole:
    """Read every event, head and tile up to the present head."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        size = head(connection).size
        whole = Whole(size)
        with _executor(size, processes) as executor:
            for part in _parts(conninfo, size, executor):
                _join(whole, part)
                progress(whole.events, size)
        _check_upper_tiles(connection, whole)
        _check_beyond(connection, whole)
    return whole


def check_range(conninfo: str, first: int, last: int) -> Whole:
    """Check some events by themselves, with the tiles and heads among them.

    The first run begins before them, where the tree lets it.
    """
    start = first // WIDTH * WIDTH
    whole = Whole(last)
    while start < last:
        width = min(_NARROWEST, start & -start) if start else _NARROWEST
        part = check_part(conninfo, Run(start, min(start + width, last)))
        whole.findings.extend([part.findings])
        whole.events += part.events
        whole.attested += part.attested
        start += width
    with psycopg.connect(conninfo, autocommit=True) as connection:
        check_attestations(connection, whole.attested, whole.findings)
    return whole


@contextmanager
def _executor(size: int, processes: int | None) -> Iterator[Executor | None]:
    """Start other processes if there is enough to do for them."""
    wanted = (cpu_count() or 1) if processes is None else processes
    if size <= _ALONE or wanted <= 1:
        yield None
        return
    # Other processes are started afresh: a copy of this one would share its connections. Starting
    # takes a moment, in which this process, which is one of those wanted, is at work already.
    context = get_context("spawn")
    with ProcessPoolExecutor(wanted - 1, context, initializer=collect_rarely) as executor:
        yield executor


def _parts(conninfo: str, size: int, executor: Executor | None) -> Iterable[Part]:
    """Check all runs, here or in other processes, and give them in order."""
    width = _WIDEST
    while width > _NARROWEST and size < 8 * width:
        width //= 2
    runs = [Run(start, min(start + width, size)) for start in range(0, size, width)]
    if executor is None:
        return (check_part(conninfo, run) for run in runs)
    return _together(runs, partial(check_part, conninfo), executor)


def _together(
    runs: Sequence[Run], check: Callable[[Run], Part], executor: Executor
) -> Iterator[Part]:
    """Check runs in other processes and, rather than wait for these, in this one; in order."""
    given = deque((run, executor.submit(check, run)) for run in runs)
    here: dict[Run, Part] = {}
    while given:
        run, future = given[0]
        ours = None
        if run not in here and not future.done():
            ours = next(
                (each for each, other in given if other.cancel() and each not in here), None
            )
        if ours is None:
            given.popleft()
            yield here.pop(run) if run in here else future.result()
        else:
            here[ours] = check(ours)


def _join(whole: Whole, part: Part) -> None:
    """Take a run in, which begins where the runs before it ended."""
    found = whole.findings
    found.extend([part.findings])
    for stream, span in part.streams.items():
        _join_stream(whole, stream, span)
    first = part.first_recorded_at
    if first is not None and first < whole.last_recorded_at:
        found.add("recorded_at", "recorded before the event before", part.run.start + 1)
    whole.last_recorded_at = max(whole.last_recorded_at, part.last_recorded_at)
    _join_tree(whole, part)
    whole.events += part.events
    whole.read_bytes += part.size
    whole.heads += part.heads
    whole.tiles += part.tiles
    whole.names += part.names
    whole.erased += part.erased
    whole.attested += part.attested
    whole.aliases += part.aliases
    whole.mentions += part.mentions
    whole.tile_roots += part.tile_roots


def _join_stream(whole: Whole, stream: str, span: Span) -> None:
    """Continue a stream, or begin it."""
    before = whole.streams.get(stream)
    if before is not None:
        check_link(before, span.first, span.prev, stream, whole.findings)
    elif span.first != 1 or span.prev is not None:
        message = f"{stream} begins with version {span.first}"
        whole.findings.add("stream_versions", message)
    first = span if before is None else before
    whole.streams[stream] = Span(first.first, first.prev, span.last, span.leaf)


def _join_tree(whole: Whole, part: Part) -> None:
    """Continue the tree, and check what the heads of the run say about what lies before it."""
    found = whole.findings
    if part.first_previous is not None and part.first_previous != whole.last_head:
        message = f"continues {part.first_previous} instead of {whole.last_head}"
        found.add("heads", message, part.run.start)
    whole.last_head = whole.last_head if part.last_head is None else part.last_head
    before = whole.edge.to_bytes()
    for prefix, size in part.prefixes.items():
        if prefix != before:
            found.add("heads", "its edge is not that of the events", size)
    whole.edge = _joined(whole.edge, part.edge)
    if part.closing is not None and part.closing != whole.edge.to_bytes():
        found.add("heads", "its edge is not that of the events", part.run.end)


def _joined(before: Edge, after: Edge) -> Edge:
    """Put the tree of a run behind a tree whose size is a multiple of the run's full width."""
    hashes, size = list(before.hashes), before.size + after.size
    if len(after.hashes) != 1:
        return Edge(size, (*hashes, *after.hashes))
    # A full run melts with full subtrees of its own height, and those above.
    node, carry = after.hashes[0], before.size // after.size
    while carry & 1:
        node = node_hash(hashes.pop(), node)
        carry >>= 1
    return Edge(size, (*hashes, node))


def _check_upper_tiles(connection: psycopg.Connection[Any], whole: Whole) -> None:
    """Compare the tiles above the lowest level with those below them, and refuse extra ones."""
    level, roots = 1, whole.tile_roots
    while len(roots) >= WIDTH:
        full = len(roots) // WIDTH
        stored = {
            number: (bytes(hashes), None if root is None else bytes(root))
            for number, hashes, root in tiles_between(connection, level, 0, full)
        }
        above = []
        for number in range(full):
            hashes = b"".join(roots[number * WIDTH : (number + 1) * WIDTH])
            root = root_of(split(hashes))
            check_tile(stored.get(number), hashes, (level, number, root), whole.findings)
            above.append(root)
        whole.tiles += len(stored)
        level, roots = level + 1, above


def _check_beyond(connection: psycopg.Connection[Any], whole: Whole) -> None:
    """Refuse rows that no head covers, and a table of events without any head."""
    for table, count in rows_beyond(connection):
        if count:
            whole.findings.add(table, f"{count} rows lie beyond the last head")
    if whole.last_head != whole.size:
        message = f"they end at {whole.last_head} instead of {whole.size}"
        whole.findings.add("heads", message, whole.size)


@Reading
def rows_beyond() -> Question[list[tuple[str, int]]]:
    """Count the events and tiles that no head covers, all at one moment."""
    sql = """
    WITH top AS (SELECT coalesce(max(size), 0) AS size FROM ledger.heads)
    SELECT 'positions', (SELECT count(*) FROM ledger.events WHERE position > top.size) FROM top
    UNION ALL
    SELECT 'tiles', (SELECT count(*) FROM ledger.tiles
        WHERE (index + 1)::numeric * 256 ^ (level + 1) > top.size) FROM top
    """
    return Question(sql, [], list)
