"""What a log sends to a witness (C2SP tlog-witness, add-checkpoint)."""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass

from domain.errors import Refused

PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
LARGEST = 1 << 20
_OLD = re.compile(r"old (0|[1-9]\d{0,18})")
_MOST_HASHES = 63


class MalformedRequest(Refused):
    """This is no request to a witness: {reason}."""

    code = "malformed_request"
    cure = "Send 'old <size>', the hashes of the proof, an empty line and the checkpoint."


@dataclass(frozen=True, slots=True)
class WitnessRequest:
    """The size that the witness knows, the proof from there, and the signed checkpoint."""

    old: int
    hashes: tuple[bytes, ...]
    note: str

    @property
    def written(self) -> str:
        """Write it."""
        lines = [f"old {self.old}", *(b64encode(part).decode() for part in self.hashes)]
        return "\n".join(lines) + "\n\n" + self.note

    @classmethod
    def parse(cls, data: bytes) -> "WitnessRequest":
        """Read it. Raises MalformedRequest."""
        try:
            before, separator, note = data.decode().partition("\n\n")
            first, *lines = before.split("\n")
            hashes = tuple(b64decode(line, validate=True) for line in lines)
        except (UnicodeDecodeError, NotBase64, ValueError) as error:
            raise MalformedRequest(reason=error) from error
        match = _OLD.fullmatch(first)
        if match is None or not separator:
            raise MalformedRequest(reason="it does not begin with 'old <size>'")
        if len(hashes) > _MOST_HASHES:
            raise MalformedRequest(reason=f"a proof has at most {_MOST_HASHES} hashes")
        return cls(int(match[1]), hashes, note)
