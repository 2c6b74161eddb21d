"""Sign the tree's head, from bytes read back, and never a shorter or a different tree.

What is signed goes first into the file outside the database and then into its
table. A crash between the two leaves a note in the file that the table lacks;
the next signing puts it there. A crash before leaves a tree that will be
signed a second later.
"""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from domain.errors import Refused
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import Signed, Succession, keep, last_signed, succession
from ledger.clock import Clock, utc_now
from ledger.key_file import KeyFile
from ledger.last_checkpoint import LastCheckpoint
from ledger.note import Note, Signer
from ledger.reading import edge_at, head, head_size, leaves_after
from ledger.tree import Edge

_BATCH = 5_000
DECLARE = (
    "Find out what was restored or replaced; if this database is to go on, declare it:"
    " lifecycle ledger declare-incarnation."
)


class CannotSign(Refused):
    """The ledger does not sign."""

    code = "cannot_sign"
    cure = DECLARE


class DatabaseBehind(CannotSign):
    """The last signed checkpoint covers {signed} events, the database holds {found}."""

    code = "database_behind"


class DifferentTree(CannotSign):
    """The first {size} events are not those that were signed."""

    code = "different_tree"


class UndeclaredOrigin(CannotSign):
    """The last checkpoint was signed for {value}, and no incarnation continues it."""

    code = "undeclared_origin"


class MissingState(CannotSign):
    """The file {value} with the last signed checkpoint is gone."""

    code = "missing_state"


class WrongKey(CannotSign):
    """The key {value} is not the one that signs this ledger."""

    code = "wrong_key"
    cure = "Put the right key back; keys change by: lifecycle ledger rotate-key."


class MissingKey(CannotSign):
    """The signing key {value} is gone."""

    code = "missing_key"


class BrokenTree(CannotSign):
    """The stored tree of {size} events is not the one over the stored bytes."""

    code = "broken_tree"
    cure = "Run: lifecycle verify. Nothing is signed until the ledger is whole."


class Desk:
    """Where checkpoints are signed: the key, and what was signed last."""

    def __init__(
        self, keys: KeyFile, last: LastCheckpoint, *, name: str, clock: Clock = utc_now
    ) -> None:
        """Sign with the key of a file; a key that is made first bears the name."""
        self.keys = keys
        self.last = last
        self._name = name
        self._clock = clock

    def sign(self, connection: Connection[Any]) -> Checkpoint | None:
        """Sign the present head if it moved; None if there is nothing to sign.

        Raises CannotSign, DamagedState, KeyTooOpen, UnreadableKey and StateMoved.
        """
        before, kept = self.last.read(), last_signed(connection)
        size = head_size(connection)
        if size == 0 and before is None:
            return None
        line = succession(connection)
        signer = self._signer(line, is_first=before is None and kept is None)
        base = self._base(connection, before, kept, signer.name, line)
        if before is not None and Checkpoint.of(before).origin == signer.name:
            self._keep(connection, before, kept, signer)
            if base.size == size and before.signatures[0].key_id == signer.verifier.key_id:
                return None
        checkpoint = Checkpoint(signer.name, size, self._read_back(connection, base, size))
        note = checkpoint.signed(signer)
        self.last.replace(before, note)
        keep(connection, note, signer.verifier, self._clock())
        return checkpoint

    def check(self, connection: Connection[Any]) -> None:
        """Say why signing would be refused, without reading the events. Raises as `sign`."""
        before, kept = self.last.read(), last_signed(connection)
        if before is None and kept is None:
            return
        line = succession(connection)
        signer = self._signer(line, is_first=False)
        self._base(connection, before, kept, signer.name, line)

    def _signer(self, line: Succession, *, is_first: bool) -> Signer:
        """Give the key under today's origin. Raises MissingKey and WrongKey."""
        staged = self.keys.staged()
        if staged is not None and staged.verifier.public == line.key:
            # Announced, and cut off before it was put in place.
            self.keys.promote()
        signer = self.keys.load()
        if signer is None:
            if not is_first:
                raise MissingKey(value=self.keys.path)
            signer = self.keys.create(self._name)
        if line.key not in {None, signer.verifier.public}:
            raise WrongKey(value=signer.verifier.text)
        return replace(signer, name=line.origin(signer.name))

    def _base(
        self,
        connection: Connection[Any],
        before: Note | None,
        kept: Signed | None,
        origin: str,
        line: Succession,
    ) -> Edge:
        """Give the tree that was signed last, found in the database as it was signed.

        Raises MissingState, UndeclaredOrigin, DatabaseBehind and DifferentTree.
        """
        if before is None:
            if kept is not None and kept.checkpoint.origin == origin:
                raise MissingState(value=self.last.path)
            return Edge()
        signed = Checkpoint.of(before)
        if signed.origin != origin:
            if not line.links(signed):
                raise UndeclaredOrigin(value=signed.origin)
            return Edge()
        size = head_size(connection)
        if signed.size > size:
            raise DatabaseBehind(signed=signed.size, found=size)
        edge = edge_at(connection, signed.size)
        if edge is None or edge.root() != signed.root:
            raise DifferentTree(size=signed.size)
        return edge

    def _keep(
        self, connection: Connection[Any], before: Note, kept: Signed | None, signer: Signer
    ) -> None:
        """Put into the table what a crash kept out of it."""
        is_ours = before.signatures[0].key_id == signer.verifier.key_id
        if is_ours and (kept is None or kept.note != before.written):
            keep(connection, before, signer.verifier, self._clock())

    def _read_back(self, connection: Connection[Any], base: Edge, size: int) -> bytes:
        """Hash the stored bytes from a known tree to a size. Raises BrokenTree."""
        edge = base
        while edge.size < size:
            leaves = leaves_after(connection, edge.size, min(_BATCH, size - edge.size))
            if not leaves:
                raise BrokenTree(size=size)
            edge = edge.extended(leaves)
        stored = edge_at(connection, size)
        if stored != edge:
            raise BrokenTree(size=size)
        return edge.root()


def describe(connection: Connection[Any], desk: Desk) -> dict[str, Any]:
    """Say what was signed last, and why nothing is signed any more."""
    kept = last_signed(connection)
    problem: Refused | None = None
    try:
        desk.check(connection)
    except Refused as error:
        problem = error
    return {
        "origin": None if kept is None else kept.checkpoint.origin,
        "size": 0 if kept is None else kept.checkpoint.size,
        "unsigned": head(connection).size - (0 if kept is None else kept.checkpoint.size),
        "signed_at": None if kept is None else kept.signed_at.isoformat(),
        "problem": None if problem is None else f"{problem} ({problem.code}) {problem.cure}",
    }
