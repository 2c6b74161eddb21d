"""Tiles of 256 hashes, as tlog-tiles names them, and the proofs made from them.

Full tiles are stored; a partial one, at the right border of a tree of some
size, is read from the rows below it. So a proof is made for any size the
ledger ever had, from a handful of tiles, and anybody can make it from the
published ones.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.errors import NotFound
from ledger.proof import Range, consistency_ranges, inclusion_ranges
from ledger.reading import Question, Reading, Row
from ledger.tree import HASH_BYTES, Edge, root_of, split

WIDTH = 256
HEIGHT = 8
_PATH = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


class NoSuchTile(NotFound):
    """There is no tile {value}."""

    code = "no_such_tile"
    cure = "Ask for tile/<level>/<index>, with .p/<width> while it is not full."


class Tile(NamedTuple):
    """A tile by its place, with how many of its hashes are there."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Name it as tlog-tiles does, below `tile/<level>/`."""
        return index_path(self.number, self.width)


def index_path(index: int, width: int = WIDTH) -> str:
    """Write an index in groups of three digits, with the width of what is not full."""
    *before, last = f"{index:,}".split(",")
    groups = [f"x{group:0>3}" for group in before] + [f"{last:0>3}"]
    return "/".join(groups) + ("" if width == WIDTH else f".p/{width}")


def read_index_path(path: str) -> tuple[int, int]:
    """Read index and width back. Raises NoSuchTile."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise NoSuchTile(value=path)
    index = int(match[1].replace("/", "").replace("x", ""))
    width = WIDTH if match[2] is None else int(match[2])
    # Each tile has one name only, so that copies of a log are equal file by file.
    if width > WIDTH or index_path(index, width) != path:
        raise NoSuchTile(value=path)
    return index, width


def tiles_of(size: int) -> Iterator[Tile]:
    """List all tiles of a tree, the partial one of each level last."""
    level = 0
    while count := size >> (HEIGHT * level):
        yield from (Tile(level, index) for index in range(count // WIDTH))
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)
        level += 1


class _Part(NamedTuple):
    """Where the hash of a full subtree lies: so many hashes of a tile, from a place on."""

    tile: Tile
    first: int
    length: int


def _parts(leaves: Range, size: int) -> Iterator[_Part]:
    """Cut a range into full subtrees, largest first, and find each in a tile."""
    start = leaves.start
    while start < leaves.end:
        height = (leaves.end - start).bit_length() - 1
        level, above = divmod(height, HEIGHT)
        first = start >> (HEIGHT * level)
        number = first // WIDTH
        width = min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH)
        yield _Part(Tile(level, number, width), first % WIDTH, 1 << above)
        start += 1 << height


class Plan(NamedTuple):
    """A proof to be made: its ranges in a tree of a size, and the tiles needed for them."""

    ranges: Sequence[Range]
    size: int

    @property
    def wanted(self) -> list[Tile]:
        """List the tiles to be read."""
        return sorted({part.tile for leaves in self.ranges for part in _parts(leaves, self.size)})

    def proof(self, tiles: Mapping[Tile, bytes]) -> list[bytes]:
        """Make the proof from the tiles."""
        return [self._hash(leaves, tiles) for leaves in self.ranges]

    def _hash(self, leaves: Range, tiles: Mapping[Tile, bytes]) -> bytes:
        """Give the root over a range of leaves."""
        roots = []
        for tile, first, length in _parts(leaves, self.size):
            data = tiles[tile][first * HASH_BYTES : (first + length) * HASH_BYTES]
            roots.append(root_of(split(data)))
        return Edge(leaves.end - leaves.start, tuple(roots)).root()


def inclusion(index: int, size: int) -> Plan:
    """Plan the proof that a leaf is in a tree. Raises BeyondTree."""
    return Plan(inclusion_ranges(index, size), size)


def consistency(old: int, new: int) -> Plan:
    """Plan the proof that a tree continues another. Raises BeyondTree and ReversedSizes."""
    return Plan(consistency_ranges(old, new), new)


def edge_plan(size: int) -> Plan:
    """Plan the full subtrees of a tree, largest first: its right edge."""
    ranges, start = [], 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            ranges.append(Range(start, start + (1 << height)))
            start += 1 << height
    return Plan(ranges, size)


_READ = """
SELECT w.level, w.index, CASE
    WHEN w.width = 256 THEN (
        SELECT t.hashes FROM ledger.tiles AS t WHERE t.level = w.level AND t.index = w.index)
    WHEN w.level = 0 THEN (
        SELECT string_agg(e.leaf_hash, ''::bytea ORDER BY e.position) FROM ledger.events AS e
        WHERE e.position > w.index * 256 AND e.position <= w.index * 256 + w.width)
    ELSE (
        SELECT string_agg(t.root, ''::bytea ORDER BY t.index) FROM ledger.tiles AS t
        WHERE t.level = w.level - 1 AND t.index >= w.index * 256
            AND t.index < w.index * 256 + w.width)
    END
FROM unnest(%s::smallint[], %s::bigint[], %s::int[]) AS w (level, index, width)
"""


@Reading
def read_tiles(wanted: Sequence[Tile]) -> Question[dict[Tile, bytes]]:
    """Read tiles; those that the ledger does not have are left out."""
    values = [
        [tile.level for tile in wanted],
        [tile.number for tile in wanted],
        [tile.width for tile in wanted],
    ]
    return Question(_READ, values, _keyed(wanted))


def _keyed(wanted: Iterable[Tile]) -> Callable[[list[Row]], dict[Tile, bytes]]:
    """Give what keys rows by the wanted tiles and drops what is shorter than wanted."""
    widths = {(tile.level, tile.number): tile.width for tile in wanted}

    def keyed(rows: list[Row]) -> dict[Tile, bytes]:
        found = {}
        for level, number, hashes in rows:
            width = widths[level, number]
            if hashes is not None and len(hashes) == width * HASH_BYTES:
                found[Tile(level, number, width)] = bytes(hashes)
        return found

    return keyed


@Reading
def read_entries(number: int, width: int) -> Question[bytes]:
    """Read the stored events behind a tile of level 0, each after its length in two bytes."""
    sql = (
        "SELECT string_agg(int2send((octet_length(e.bytes) - CASE"
        " WHEN octet_length(e.bytes) > 32767 THEN 65536 ELSE 0 END)::smallint) || e.bytes,"
        " ''::bytea ORDER BY e.position), count(*) FROM ledger.events AS e"
        " WHERE e.position > %s AND e.position <= %s"
    )

    def whole(rows: list[Row]) -> bytes:
        [(data, count)] = rows
        return bytes(data) if count == width else b""

    return Question(sql, [number * WIDTH, number * WIDTH + width], whole)
