"""Check the whole ledger: its runs, and what only shows between them."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import psycopg

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
from ledger.verification.together import parts

Progress = Callable[[int, int], None]

_WIDTH = 1 << 12
"""How many events are checked at once where few are checked by themselves."""


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


def check_events(
    conninfo: str, whole: Whole, progress: Progress, *, processes: int | None = None
) -> None:
    """Read every event, head and tile up to the present head.

    What was read until something went wrong stays in the whole that was given.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        whole.size = head(connection).size
        with closing(parts(conninfo, whole.size, processes)) as found:
            for part in found:
                _join(whole, part)
                progress(whole.events, whole.size)
        _check_upper_tiles(connection, whole)
        _check_beyond(connection, whole)


def check_range(conninfo: str, first: int, last: int) -> Whole:
    """Check some events by themselves, with the tiles and heads among them.

    The first run begins before them, where the tree lets it.
    """
    start = first // WIDTH * WIDTH
    whole = Whole(last)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while start < last:
            width = min(_WIDTH, start & -start) if start else _WIDTH
            part = check_part(connection, Run(start, min(start + width, last)))
            whole.findings.extend([part.findings])
            whole.events += part.events
            whole.attested += part.attested
            start += width
        check_attestations(connection, whole.attested, whole.findings)
    return whole


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
        before.last, before.leaf = span.last, span.leaf
        return
    if span.first != 1 or span.prev is not None:
        message = f"{stream} begins with version {span.first}"
        whole.findings.add("stream_versions", message)
    whole.streams[stream] = span


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
