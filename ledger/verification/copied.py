"""Hash the events in a copy of their table, as PostgreSQL writes it, without a database."""

from collections.abc import Iterator, Sequence
from itertools import islice
from struct import Struct
from typing import IO

from domain.envelope import leaf_hash
from ledger.tree import Edge
from ledger.verification.event import COPY_HEADER, HEADER_BYTES

_COUNT = Struct("!h")
_LENGTH = Struct("!i")
_END = -1
_BATCH = 10_000


def leaves_in(member: IO[bytes], columns: Sequence[str]) -> Edge:
    """Give the tree over the stored bytes in the order of the rows. Raises ValueError."""
    if member.read(HEADER_BYTES)[: len(COPY_HEADER)] != COPY_HEADER:
        message = "the table of events does not begin like one"
        raise ValueError(message)
    place = columns.index("bytes")
    edge = Edge()
    leaves = _leaves(member, place)
    while batch := list(islice(leaves, _BATCH)):
        edge = edge.extended(batch)
    return edge


def _leaves(member: IO[bytes], place: int) -> Iterator[bytes]:
    """Hash row after row. Raises ValueError where the table is cut."""
    while True:
        (count,) = _COUNT.unpack(_exactly(member, 2))
        if count == _END:
            return
        fields = []
        for _ in range(count):
            (length,) = _LENGTH.unpack(_exactly(member, 4))
            fields.append(_exactly(member, max(length, 0)))
        yield leaf_hash(fields[place])


def _exactly(member: IO[bytes], count: int) -> bytes:
    data = member.read(count)
    if len(data) != count:
        message = "the table of events is cut off"
        raise ValueError(message)
    return data
