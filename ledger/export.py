"""Write the log as a folder of files, laid out as tlog-tiles says, for anybody to serve or keep."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from psycopg import Connection

from domain.errors import Conflict, NotFound
from ledger.checkpoints import last_signed
from ledger.durable_file import write_durably
from ledger.tiles import Tile, index_path, read_entries, read_tiles, tiles_of
from ledger.usable_target import usable

CHECKPOINT = "checkpoint"
KEY = "verifier-key"


class NothingToExport(NotFound):
    """No checkpoint has been signed yet."""

    code = "nothing_signed"
    cure = "Run the server for a second, or: lifecycle ledger sign."


class DifferentFile(Conflict):
    """The file {value} holds something else than the ledger."""

    code = "different_file"
    cure = "Keep that folder and export into an empty one; then find out which of the two is right."


def export_log(
    connection: Connection[Any], folder: Path, progress: Callable[[int, int], None]
) -> int:
    """Write what belongs to the last checkpoint and give its size; the checkpoint comes last.

    Files that are there already must be equal. Raises NothingToExport, DifferentFile and
    UnusableTarget.
    """
    with usable(folder):
        return _export(connection, folder, progress)


def _export(connection: Connection[Any], folder: Path, progress: Callable[[int, int], None]) -> int:
    signed = last_signed(connection)
    if signed is None:
        raise NothingToExport
    size = signed.checkpoint.size
    tiles = list(tiles_of(size))
    for done, tile in enumerate(tiles):
        found = read_tiles(connection, [tile])
        if tile not in found:
            raise NotFound(what="tile", value=f"{tile.level}/{tile.path}")
        _write(folder / tile_path(tile), found[tile])
        if tile.level == 0:
            entries = read_entries(connection, tile.number, tile.width)
            _write(folder / entries_path(tile), entries)
        progress(done + 1, len(tiles))
    write_durably(folder / KEY, f"{signed.verifier.text}\n".encode())
    write_durably(folder / CHECKPOINT, signed.note.encode())
    return size


def tile_path(tile: Tile) -> str:
    """Name the file of a tile."""
    return f"tile/{tile.level}/{tile.path}"


def entries_path(tile: Tile) -> str:
    """Name the file of the events below a tile of level 0."""
    return f"tile/entries/{index_path(tile.number, tile.width)}"


def _write(path: Path, data: bytes) -> None:
    """Write a file that never changes. Raises DifferentFile."""
    if path.exists():
        if path.read_bytes() != data:
            raise DifferentFile(value=path)
        return
    write_durably(path, data)
