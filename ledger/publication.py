"""What the ledger publishes about itself: its checkpoint, and proofs that lead to it."""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from domain.envelope import Recorded
from domain.errors import NotFound
from ledger.checkpoints import Signed, last_signed
from ledger.proof import BeyondTree
from ledger.reading import events_by_id, head_size
from ledger.tiles import Plan, consistency, edge_plan, inclusion, read_tiles
from ledger.tlog_proof import TlogProof
from ledger.tree import Edge

Connection = AsyncConnection[Any]


class NotSigned(NotFound):
    """Position {value} is not under a signed checkpoint yet."""

    code = "not_signed"
    cure = "The ledger signs about once a second; ask again in a moment, or see /health."


class NoSuchEvent(NotFound):
    """There is no event {value}."""

    code = "no_such_event"
    cure = "Name an event by the id in its receipt."


@dataclass(frozen=True, slots=True)
class Proven:
    """An event with the proof that it is in the tree of a signed checkpoint."""

    event: Recorded
    signed: Signed
    hashes: tuple[bytes, ...]

    @property
    def file(self) -> TlogProof:
        """Give the proof as a file for others."""
        return TlogProof(self.event.position - 1, self.hashes, self.signed.note)


@dataclass(frozen=True, slots=True)
class Continued:
    """Two sizes of the tree with their roots, and the proof that one continues the other."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    hashes: tuple[bytes, ...]


async def proven(connection: Connection, event_id: str) -> Proven:
    """Prove an event under the last checkpoint. Raises NoSuchEvent and NotSigned."""
    found = await events_by_id(connection, [event_id])
    if not found:
        raise NoSuchEvent(value=event_id)
    position = found[0].position
    signed = await last_signed(connection)
    if signed is None or signed.checkpoint.size < position:
        raise NotSigned(value=position)
    hashes = await _hashes(connection, inclusion(position - 1, signed.checkpoint.size))
    return Proven(found[0], signed, hashes)


async def continued(connection: Connection, old: int, new: int) -> Continued:
    """Prove that the tree of a size continues that of a smaller one.

    Raises BeyondTree and ReversedSizes.
    """
    size = await head_size(connection)
    for asked in (old, new):
        if not 1 <= asked <= size:
            raise BeyondTree(what="size", value=asked, size=size)
    hashes = await _hashes(connection, consistency(old, new))
    return Continued(
        old, new, await root_at(connection, old), await root_at(connection, new), hashes
    )


async def root_at(connection: Connection, size: int) -> bytes:
    """Give the root of the tree when it had a size."""
    return Edge(size, await _hashes(connection, edge_plan(size))).root()


async def _hashes(connection: Connection, plan: Plan) -> tuple[bytes, ...]:
    """Read the tiles of a plan and make its hashes."""
    wanted = plan.wanted
    return tuple(plan.proof(await read_tiles(connection, wanted) if wanted else {}))
