"""Checkpoints: what a ledger signs about itself (C2SP tlog-checkpoint).

Three lines: the origin, which names this one log; how many events there are;
the root hash over them.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from domain.errors import Refused
from ledger.note import Note, Signer, signed_note
from ledger.tree import HASH_BYTES

_SIZE = re.compile(r"0|[1-9]\d{0,18}")
_LINES = 3


class MalformedCheckpoint(Refused):
    """This is no checkpoint: {reason}."""

    code = "malformed_checkpoint"
    cure = "Give the file as it was published, byte by byte."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's origin, size and root; `extensions` are lines of others, kept as they came."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Write what is signed."""
        root = b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read what was signed. Raises MalformedCheckpoint."""
        lines = text.split("\n")
        if len(lines) <= _LINES or lines[-1]:
            raise MalformedCheckpoint(reason="it has fewer than three lines")
        origin, size, root, *extensions = lines[:-1]
        if not origin:
            raise MalformedCheckpoint(reason="its first line, the origin, is empty")
        if not _SIZE.fullmatch(size):
            raise MalformedCheckpoint(reason=f"its second line is no size: {size!r}")
        if not all(extensions):
            raise MalformedCheckpoint(reason="it holds an empty line")
        checkpoint = cls(origin, int(size), _root(root), tuple(extensions))
        if checkpoint.text != text:
            raise MalformedCheckpoint(reason="it is not written as it would be")
        return checkpoint

    @classmethod
    def of(cls, note: Note) -> "Checkpoint":
        """Read the checkpoint in a note; whose signatures it bears is another question."""
        return cls.parse(note.text)

    def signed(self, *signers: Signer) -> Note:
        """Sign it."""
        return signed_note(self.text, signers)


def _root(line: str) -> bytes:
    """Read the line with the root. Raises MalformedCheckpoint."""
    try:
        root = b64decode(line, validate=True)
    except (NotBase64, ValueError) as error:
        raise MalformedCheckpoint(reason="its third line is not base64") from error
    if len(root) != HASH_BYTES:
        raise MalformedCheckpoint(reason=f"a root has {HASH_BYTES} bytes")
    return root
