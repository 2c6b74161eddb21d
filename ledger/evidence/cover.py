"""The cover of a bundle: what it is about, under which checkpoint, and the digests of its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from domain.errors import Refused
from ledger.note import Note

COVER = "bundle"
SUMS = "SHA256SUMS"
CHECKPOINT = "checkpoint"
KEYS = "keys"
HEADS = "heads.json"
NAMES = "names.json"
WHOLE = "ledger"
_VERSION = "evidence bundle 1"
_LINES = 5


class UnknownBundle(Refused):
    """This is no bundle that is known here: {reason}."""

    code = "unknown_bundle"
    cure = "Give the bundle as it was handed over, or a newer version of this program."


@dataclass(frozen=True, slots=True)
class Cover:
    """What is signed of a bundle. No checkpoint reads like it."""

    origin: str
    scope: str
    size: int
    sums: str

    @property
    def text(self) -> str:
        """Write what is signed."""
        lines = (self.origin, _VERSION, f"scope {self.scope}", f"size {self.size}", self.sums)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def of(cls, note: Note) -> "Cover":
        """Read it. Raises UnknownBundle."""
        lines = note.text.split("\n")[:-1]
        if len(lines) != _LINES or lines[1] != _VERSION:
            raise UnknownBundle(reason=f"its second line is not '{_VERSION}'")
        size = lines[3].removeprefix("size ")
        if not size.isdecimal():
            raise UnknownBundle(reason="it names no size")
        cover = cls(lines[0], lines[2].removeprefix("scope "), int(size), lines[4])
        if cover.text != note.text:
            raise UnknownBundle(reason="its cover is not written as it would be")
        return cover


def sums_of(digests: Mapping[str, str]) -> bytes:
    """Write digests as `sha256sum --check` takes them."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def digest(data: bytes) -> str:
    """Give the digest of a file."""
    return sha256(data).hexdigest()


def event_file(position: int) -> str:
    """Name the file with an event's stored bytes."""
    return f"events/{position:09d}.json"


def proof_file(position: int) -> str:
    """Name the file with an event's proof."""
    return f"proofs/{position:09d}.tlog-proof"


def token_file(position: int, ending: str) -> str:
    """Name a file about the time token that an event holds."""
    return f"tokens/{position:09d}.{ending}"
