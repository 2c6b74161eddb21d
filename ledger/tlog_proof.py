"""Proofs that can be checked years later without us (C2SP tlog-proof).

Such a file holds the index of an entry, its inclusion proof and the signed
checkpoint that the proof leads to.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Refused
from ledger.checkpoint import Checkpoint
from ledger.note import Note, Verifier
from ledger.proof import check_inclusion

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,18})")
_EXTRA = "extra "


class MalformedProof(Refused):
    """This is no proof of a log's entry: {reason}."""

    code = "malformed_proof"
    cure = "Give the file as it was published, byte by byte."


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index, its inclusion proof, and the checkpoint as it was published."""

    index: int
    hashes: tuple[bytes, ...]
    note: str
    extra: bytes | None = None

    @property
    def written(self) -> str:
        """Give the file's text."""
        lines = [_FIRST_LINE]
        if self.extra is not None:
            lines.append(_EXTRA + b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += [b64encode(part).decode() for part in self.hashes]
        return "\n".join(lines) + "\n\n" + self.note

    @classmethod
    def parse(cls, data: bytes) -> "TlogProof":
        """Read such a file. Raises MalformedProof."""
        try:
            before, separator, note = data.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise MalformedProof(reason="it is not UTF-8") from error
        first, *lines = before.split("\n")
        if first != _FIRST_LINE:
            raise MalformedProof(reason=f"its first line is {first!r}, not {_FIRST_LINE}")
        if not separator:
            raise MalformedProof(reason="it holds no checkpoint")
        extra = None
        if lines and lines[0].startswith(_EXTRA):
            extra = _decoded(lines.pop(0).removeprefix(_EXTRA))
        match = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if match is None:
            raise MalformedProof(reason="it names no index")
        return cls(int(match[1]), tuple(map(_decoded, lines)), note, extra)

    def check(self, leaf: bytes, verifiers: Sequence[Verifier]) -> Checkpoint:
        """Check signature and path for a leaf, and give the checkpoint that holds it.

        Raises MalformedNote, MalformedCheckpoint, BadSignature, BeyondTree and ProofFails.
        """
        note = Note.parse(self.note)
        note.check(verifiers)
        checkpoint = Checkpoint.of(note)
        check_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


def _decoded(line: str) -> bytes:
    """Read a line of base64. Raises MalformedProof."""
    try:
        return b64decode(line, validate=True)
    except (NotBase64, ValueError) as error:
        raise MalformedProof(reason=f"this is not base64: {line!r}") from error
