"""How a name of a person is written while it is locked.

It is the same text wherever the same person is named, so that questions can count and compare
persons without knowing them. It says by whose key it is locked, by a number drawn by chance that
nothing ties to the name but the file of the keys, and carries a mark of that file, so that it is
told from a text that only looks like one even after its key is gone.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from domain.person_name import COMMITMENT_PREFIX

PREFIX: Final = "locked-name:1:"
"""What a locked name begins with; SQL compares it, too."""
QUOTED: Final = re.compile(
    rf'"{PREFIX}[0-9a-f]{{32}}:[0-9]{{1,9}}:[\w-]+:[\w-]{{16}}"'.encode(), re.ASCII
)
"""A locked name in JSON."""
_LOCKED = re.compile(QUOTED.pattern.decode()[1:-1], re.ASCII)
_NONCE = slice(len(COMMITMENT_PREFIX), len(COMMITMENT_PREFIX) + 24)
_MARK_BYTES = 12


class Ciphers:
    """What locks and unlocks the names of one person, and their salts."""

    def __init__(self, key: bytes) -> None:
        """Make it of 32 secret bytes."""
        # Equal names give equal bytes, which is what this mode is for.
        self._name = AESSIV(hmac.digest(key, b"name", "sha512"))
        self._salt = AESGCM(hmac.digest(key, b"salt", "sha256"))

    def lock(self, name: str) -> str:
        """Lock a name."""
        return _text(self._name.encrypt(name.encode(), None))

    def unlock(self, text: str) -> str | None:
        """Unlock a name; None if another key locked it."""
        with suppress(InvalidTag, ValueError):
            return self._name.decrypt(_bytes(text), None).decode()
        return None

    def lock_salt(self, commitment: str, salt: bytes) -> bytes:
        """Lock the salt of a commitment."""
        # A commitment is as good as drawn by chance, and belongs to one salt only.
        return self._salt.encrypt(bytes.fromhex(commitment[_NONCE]), salt, None)

    def unlock_salt(self, commitment: str, data: bytes) -> bytes | None:
        """Unlock the salt of a commitment; None if it is not that."""
        try:
            return self._salt.decrypt(bytes.fromhex(commitment[_NONCE]), data, None)
        except (InvalidTag, ValueError):
            return None


class LockedName(NamedTuple):
    """A locked name, taken apart."""

    person: str
    generation: int
    text: str
    mark: str

    @classmethod
    def read(cls, value: str) -> "LockedName | None":
        """Take a text apart, if it is written as a locked name."""
        if _LOCKED.fullmatch(value) is None:
            return None
        person, generation, text, mark = value[len(PREFIX) :].split(":")
        return cls(person, int(generation), text, mark)

    @classmethod
    def marked(cls, secret: bytes, person: str, generation: int, text: str) -> "LockedName":
        """Put a locked name together."""
        return cls(person, generation, text, _mark(secret, person, generation, text))

    def is_marked_by(self, secret: bytes) -> bool:
        """Tell whether it carries the mark of a file."""
        return hmac.compare_digest(_mark(secret, *self[:3]), self.mark)

    def __str__(self) -> str:
        """Write it."""
        return f"{PREFIX}{self.person}:{self.generation}:{self.text}:{self.mark}"


def _mark(secret: bytes, person: str, generation: int, text: str) -> str:
    said = f"mark{person}:{generation}:{text}".encode()
    return _text(hmac.digest(secret, said, "sha256")[:_MARK_BYTES])


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
