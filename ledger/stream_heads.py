"""The last version of every stream as one tree, so that nothing can be left out of a history.

An inclusion proof shows that an event is there; it cannot show that no later
one was held back. A `StreamHeads` event commits to every stream's last version
at a size of the ledger: the leaf of a stream says which version was the last
one then.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from psycopg import Connection

from domain.envelope import leaf_hash
from ledger.proof import inclusion_ranges
from ledger.tree import root_of

# The index gives each stream's last version without reading the events.
_LAST = """
WITH RECURSIVE s (stream) AS (
    (SELECT e.stream FROM ledger.events AS e ORDER BY e.stream LIMIT 1)
    UNION ALL
    SELECT (SELECT e.stream FROM ledger.events AS e WHERE e.stream > s.stream
        ORDER BY e.stream LIMIT 1) FROM s WHERE s.stream IS NOT NULL
)
SELECT s.stream, l.version, l.leaf_hash FROM s CROSS JOIN LATERAL (
    SELECT e.version, e.leaf_hash FROM ledger.events AS e
    WHERE e.stream = s.stream AND e.position <= %s ORDER BY e.version DESC LIMIT 1
) AS l WHERE s.stream IS NOT NULL ORDER BY s.stream
"""


class StreamHead(NamedTuple):
    """A stream with its last version and that version's leaf hash."""

    stream: str
    version: int
    leaf: bytes

    @property
    def entry(self) -> bytes:
        """Write it as it is hashed: a canonical JSON array."""
        return orjson.dumps([self.stream, self.version, self.leaf.hex()])


def stream_heads(connection: Connection[Any], size: int) -> list[StreamHead]:
    """Read the heads of all streams when the ledger had a size, by the bytes of their names."""
    rows = connection.execute(_LAST, [size]).fetchall()
    return [StreamHead(stream, version, bytes(leaf)) for stream, version, leaf in rows]


def heads_root(heads: Sequence[StreamHead]) -> bytes:
    """Give the root of the RFC 6962 tree over heads in their order."""
    return root_of(leaf_hash(head.entry) for head in heads)


def head_proof(heads: Sequence[StreamHead], index: int) -> list[bytes]:
    """Prove one of the heads under the root of all."""
    leaves = [leaf_hash(head.entry) for head in heads]
    return [root_of(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]
