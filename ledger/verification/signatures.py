"""Check what was signed: every kept checkpoint, the one outside the database, and an auditor's."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cryptography.x509 import Certificate
from psycopg import Connection

from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import (
    REPLAYED,
    Signed,
    Succession,
    all_signed,
    first_signed,
    is_rotation_by,
    succession,
)
from ledger.last_checkpoint import LastCheckpoint
from ledger.note import MalformedKey, Note, Verifier
from ledger.reading import Question, Reading, Row
from ledger.tiles import edge_plan, read_tiles
from ledger.tree import Edge
from ledger.verification.finding import Findings
from ledger.verification.whole import Whole


@dataclass(frozen=True, slots=True)
class Trust:
    """What the verifier brings along: keys, a checkpoint and roots of time authorities."""

    keys: Sequence[Verifier] = ()
    against: bytes | None = None
    last: LastCheckpoint | None = None
    roots: Sequence[Certificate] = ()


def check_signatures(connection: Connection[Any], whole: Whole, trust: Trust) -> int:
    """Check all checkpoints, and give how many there are."""
    count, after = 0, 0
    line = succession(connection)
    known = _known_keys(line, whole.findings)
    while batch := all_signed(connection, after):
        origins = _Origins(line, batch[0].checkpoint.origin if not after else None)
        edges = edges_at(connection, [signed.checkpoint.size for signed in batch])
        for signed in batch:
            _check_kept(whole, signed, known)
            origins.check(signed.checkpoint, whole.findings)
            _check_root(whole, signed.checkpoint, edges.get(signed.checkpoint.size))
        count, after = count + len(batch), batch[-1].number
    for key in trust.keys:
        if key.public not in known:
            whole.findings.add("keys", f"the ledger has never been signed by {key.text}")
    if trust.against is not None:
        _check_against(connection, whole, trust, known)
    return count


def _known_keys(line: Succession, findings: Findings) -> dict[bytes, None]:
    """Follow the keys from the first one, each named by the one before it."""
    key = None
    # What a checkpoint bears instead of a key is found where that checkpoint is checked.
    with suppress(MalformedKey):
        key = line.first_key
    known = {} if key is None else {key: None}
    for event in line.events:
        named = event.payload.get("verifier_key")
        if event.kind == "KeyRotated" and (key is None or not is_rotation_by(key, event.payload)):
            message = "a key rotation is not signed by the key before it"
            findings.add("key_rotation", message, event.position)
        elif named is not None:
            try:
                key = Verifier.parse(named).public
            except MalformedKey as error:
                findings.add("key_rotation", str(error), event.position)
            else:
                known[key] = None
    return known


class _Origins:
    """Which origin the checkpoints of which sizes bear."""

    def __init__(self, line: Succession, first: str | None) -> None:
        self._first = first
        self._is_replayed = line.is_replayed
        self._declared = [
            (event.position, str(event.payload["origin"]))
            for event in line.events
            if event.kind == "IncarnationDeclared"
        ]

    def check(self, checkpoint: Checkpoint, findings: Findings) -> None:
        """Check that a checkpoint's first line is the one of its time."""
        declared = [origin for position, origin in self._declared if position <= checkpoint.size]
        wanted = declared[-1] if declared else self._first
        is_wrong = wanted is not None and checkpoint.origin != wanted
        hides_clock = not declared and self._is_replayed != checkpoint.origin.endswith(REPLAYED)
        if is_wrong or hides_clock:
            message = f"its origin {checkpoint.origin} is not this ledger's"
            findings.add("checkpoints", message, checkpoint.size)


def _check_kept(whole: Whole, signed: Signed, known: dict[bytes, None]) -> None:
    """Check the signature of a kept checkpoint, its key, and that its columns are what it says."""
    found, size = whole.findings, signed.checkpoint.size
    try:
        note = Note.parse(signed.note)
        note.check([signed.verifier])
        written = Checkpoint.of(note)
    except LedgerError as error:
        found.add("signatures", str(error), size)
        return
    if written != signed.checkpoint:
        found.add("checkpoints", "its columns are not what was signed", size)
    if signed.verifier.public not in known:
        found.add("signatures", "it is signed by a key that nobody announced", size)


def _check_root(whole: Whole, checkpoint: Checkpoint, edge: Edge | None) -> None:
    """Compare a checkpoint with the head of its size, which has been checked by now.

    One that was signed since the reading began may be larger; its head is there all the same.
    """
    size = checkpoint.size
    if edge is None and size > whole.size:
        message = f"{size} events were signed, {whole.size} are there"
        whole.findings.add("checkpoints", message, size)
    elif edge is None or edge.root() != checkpoint.root:
        whole.findings.add("checkpoints", "its root is not that of the events", size)


@Reading
def edges_at(sizes: Sequence[int]) -> Question[dict[int, Edge]]:
    """Read the right edges of heads by their sizes."""
    sql = "SELECT size, edge FROM ledger.heads WHERE size = ANY (%s)"

    def by_size(rows: list[Row]) -> dict[int, Edge]:
        fitting = [(size, edge) for size, edge in rows if len(edge) == size.bit_count() * 32]
        return {size: Edge.from_bytes(size, edge) for size, edge in fitting}

    return Question(sql, [list(sizes)], by_size)


def root_at(connection: Connection[Any], size: int) -> bytes | None:
    """Give the root that the stored tiles have at any size; None if some are missing."""
    plan = edge_plan(size)
    tiles = read_tiles(connection, plan.wanted) if size else {}
    if any(tile not in tiles for tile in plan.wanted):
        return None
    return Edge(size, tuple(plan.proof(tiles))).root()


def check_outside(connection: Connection[Any], whole: Whole, last: LastCheckpoint) -> None:
    """Compare the last checkpoint outside the database; it is ahead when the database is not.

    Who signs writes it before anything else, so it is read before the database is looked at anew.
    """
    try:
        note = last.read()
    except LedgerError as error:
        whole.findings.add("state", str(error))
        return
    if note is None:
        if first_signed(connection) is not None:
            whole.findings.add("state", f"the file {last.path} with the last checkpoint is gone")
        return
    checkpoint = Checkpoint.of(note)
    if not succession(connection).links(checkpoint):
        edges = edges_at(connection, [checkpoint.size])
        _check_root(whole, checkpoint, edges.get(checkpoint.size))


def _check_against(
    connection: Connection[Any], whole: Whole, trust: Trust, known: dict[bytes, None]
) -> None:
    """Compare a checkpoint that somebody kept outside."""
    assert trust.against is not None
    try:
        note = Note.parse(trust.against)
        checkpoint = Checkpoint.of(note)
        names = {signature.name for signature in note.signatures}
        # Who brings one key along may have kept what another signed, before a rotation or after;
        # whether that key is one of this ledger's is checked by itself.
        note.check([*trust.keys, *(Verifier(name, key) for name in names for key in known)])
    except LedgerError as error:
        whole.findings.add("against", f"{error} {error.cure}")
        return
    if checkpoint.size > whole.size:
        message = f"the checkpoint covers {checkpoint.size} events, {whole.size} are there"
        whole.findings.add("against", message, checkpoint.size)
    elif root_at(connection, checkpoint.size) != checkpoint.root:
        message = "the events are not those that the checkpoint covers"
        whole.findings.add("against", message, checkpoint.size)
