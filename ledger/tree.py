"""The Merkle tree of RFC 6962 over the events' leaf hashes, as pure functions.

A tree of any size is known by its right edge: the hashes of the largest full
subtrees it splits into, from left to right, one for every bit set in its size.
The edge is enough to extend the tree and to give its root. Tiles of 256 hashes
(tlog-tiles) hold what proofs need; tile (level, index) covers
256 ** (level + 1) leaves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: its size and its full subtrees, largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an edge whose hashes do not fit its size."""
        if self.size.bit_count() != len(self.hashes):
            message = f"a tree of {self.size} leaves has not {len(self.hashes)} full subtrees"
            raise ValueError(message)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Edge":
        """Read an edge as it is stored."""
        return cls(size, tuple(split(data)))

    def to_bytes(self) -> bytes:
        """Give the stored form, the hashes one after the other."""
        return b"".join(self.hashes)

    def extended(self, leaves: Iterable[bytes]) -> "Edge":
        """Append leaf hashes, level by level from below."""
        nodes, left, edge = list(leaves), list(self.hashes), list[bytes]()
        size, below = self.size + len(nodes), self.size
        while nodes:
            # A full subtree at the right border of this level now gets its sibling.
            if below & 1:
                nodes.insert(0, left.pop())
            if len(nodes) & 1:
                edge.append(nodes.pop())
            pairs = zip(nodes[::2], nodes[1::2], strict=True)
            nodes = [sha256(b"\x01" + one + other).digest() for one, other in pairs]
            below >>= 1
        return Edge(size, (*left, *reversed(edge)))

    def root(self) -> bytes:
        """Give the root hash of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = node_hash(left, node)
        return node


class Subtrees:
    """Every full subtree over some leaves, for many edges of the same tree."""

    def __init__(self, leaves: list[bytes]) -> None:
        """Hash all of them, level by level from below; level 0 is the leaves."""
        self.levels = [leaves]
        while len(nodes := self.levels[-1]) > 1:
            # The last one of an odd number has no sibling yet.
            pairs = zip(nodes[::2], nodes[1::2], strict=False)
            self.levels.append([sha256(b"\x01" + one + other).digest() for one, other in pairs])

    def hashes(self, size: int) -> tuple[bytes, ...]:
        """Give the edge of the tree over so many of the leaves, largest subtree first."""
        places = range(size.bit_length() - 1, -1, -1)
        return tuple([self.levels[n][(size >> n) - 1] for n in places if size >> n & 1])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Give the root hash over leaf hashes."""
    return Edge().extended(leaves).root()


def split(data: bytes) -> Iterator[bytes]:
    """Cut stored bytes into their hashes."""
    if len(data) % HASH_BYTES:
        message = f"{len(data)} bytes are no whole number of hashes"
        raise ValueError(message)
    for start in range(0, len(data), HASH_BYTES):
        yield data[start : start + HASH_BYTES]
