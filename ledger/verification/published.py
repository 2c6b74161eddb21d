"""Check a folder of published files by themselves: no database, no server."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from domain.envelope import leaf_hash, read_event
from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import is_rotation_by
from ledger.export import CHECKPOINT, entries_path, tile_path
from ledger.note import BadSignature, Note, Verifier
from ledger.tiles import Tile, tiles_of
from ledger.tree import HASH_BYTES, Edge, root_of
from ledger.verification.finding import UNREADABLE, Findings

ENTRIES = "tile/entries"
_ROTATION = b'"kind":"KeyRotated"'
_LENGTH_BYTES = 2


def check_published(
    folder: Path, keys: Sequence[Verifier], findings: Findings, against: bytes | None = None
) -> dict[str, int]:
    """Read every file that the checkpoint demands, and say what was read.

    Its events must continue those under a checkpoint that was kept, if one is given.
    """
    read = {"events": 0, "tiles": 0, "bytes": 0}
    try:
        note = Note.parse((folder / CHECKPOINT).read_bytes())
        checkpoint = Checkpoint.of(note)
        keys = _trusted(folder, note, keys)
    except OSError as error:
        findings.add("published", f"{error.filename} cannot be read: {error.strerror}")
        return read
    except LedgerError as error:
        findings.add("published", f"{error} {error.cure}")
        return read
    kept = None if against is None else _kept(against, keys, findings)
    if not checkpoint.size:
        findings.add("empty", "the checkpoint covers no events; that proves nothing")
    hashes: dict[tuple[int, int], bytes] = {}
    edge = Edge()
    for tile in tiles_of(checkpoint.size):
        found = _tile(folder, tile, hashes, findings)
        read["tiles"] += 1
        hashes[tile.level, tile.number] = found
        if tile.level == 0:
            leaves = _entries(folder, tile, found, findings, read)
            if kept is not None and edge.size < kept.size <= edge.size + len(leaves):
                _check_kept(kept, edge.extended(leaves[: kept.size - edge.size]), findings)
            edge = edge.extended(leaves)
    if kept is not None and kept.size > edge.size:
        message = f"the checkpoint covers {kept.size} events, {edge.size} are there"
        findings.add("against", message, kept.size)
    if edge.root() != checkpoint.root:
        findings.add("published", "the events are not those of the checkpoint", checkpoint.size)
    return read


def _trusted(folder: Path, note: Note, keys: Sequence[Verifier]) -> Sequence[Verifier]:
    """Check who signed, and give the keys to trust, with those that they handed over to.

    The published events tell of these, and a key says so itself by a signature, so that nothing
    else needs to be trusted. Raises OSError and BadSignature.
    """
    with suppress(BadSignature):
        note.check(keys)
        return keys
    trusted = list(keys)
    files = (path for path in sorted((folder / ENTRIES).rglob("*")) if path.is_file())
    for data in (entry for path in files for entry in entries_in(path.read_bytes())):
        if _ROTATION in data:
            with suppress(*UNREADABLE):
                payload = read_event(0, data, leaf_hash(data)).payload
                if any(is_rotation_by(key.public, payload) for key in trusted):
                    trusted.append(Verifier.parse(payload["verifier_key"]))
    note.check(trusted)
    return trusted


def _kept(against: bytes, keys: Sequence[Verifier], findings: Findings) -> Checkpoint | None:
    """Read a checkpoint that somebody kept; None if it is none of this ledger."""
    try:
        note = Note.parse(against)
        checkpoint = Checkpoint.of(note)
        note.check(keys)
    except LedgerError as error:
        findings.add("against", f"{error} {error.cure}")
        return None
    return checkpoint


def _check_kept(kept: Checkpoint, edge: Edge, findings: Findings) -> None:
    """Compare the events that a kept checkpoint covers."""
    if edge.root() != kept.root:
        message = "the events are not those that the checkpoint covers"
        findings.add("against", message, kept.size)


def _tile(
    folder: Path, tile: Tile, known: dict[tuple[int, int], bytes], findings: Findings
) -> bytes:
    """Read a tile and compare it with those below it."""
    data = _content(folder / tile_path(tile), findings)
    if data is not None and len(data) != tile.width * HASH_BYTES:
        findings.add("published", f"{tile_path(tile)} has {len(data)} bytes")
    if data is None or tile.level == 0:
        return data or b""
    below = [
        known.get((tile.level - 1, number), b"")
        for number in range(tile.number * 256, tile.number * 256 + tile.width)
    ]
    expected = b"".join(_root(hashes) for hashes in below)
    if data != expected:
        findings.add("published", f"{tile_path(tile)} is not the tree over the tiles below it")
    return data


def _root(hashes: bytes) -> bytes:
    """Give the root over a full tile's hashes."""
    whole = len(hashes) // HASH_BYTES * HASH_BYTES
    return root_of(hashes[start : start + HASH_BYTES] for start in range(0, whole, HASH_BYTES))


def _entries(
    folder: Path, tile: Tile, hashes: bytes, findings: Findings, read: dict[str, int]
) -> list[bytes]:
    """Read the events below a tile, and compare their hashes."""
    path = entries_path(tile)
    data = _content(folder / path, findings) or b""
    leaves = [leaf_hash(entry) for entry in entries_in(data)]
    is_whole = sum(len(entry) + _LENGTH_BYTES for entry in entries_in(data)) == len(data)
    if not is_whole or len(leaves) != tile.width:
        findings.add("published", f"{path} does not hold {tile.width} whole events")
    elif b"".join(leaves) != hashes:
        findings.add("published", f"{path} does not hold the events of its tile")
    read["events"] += len(leaves)
    read["bytes"] += len(data)
    return leaves


def entries_in(data: bytes) -> Iterator[bytes]:
    """Give the whole events in a file of entries, each after its length; a cut one is left out."""
    start = 0
    while start + _LENGTH_BYTES <= len(data):
        length = int.from_bytes(data[start : start + _LENGTH_BYTES], "big")
        start += _LENGTH_BYTES + length
        if start <= len(data):
            yield data[start - length : start]


def _content(path: Path, findings: Findings) -> bytes | None:
    """Read a file; None if that is impossible."""
    try:
        return path.read_bytes()
    except OSError as error:
        findings.add("published", f"{path} cannot be read: {error.strerror}")
        return None
