"""Keys outside the database under which names leave it: one a person, destroyed when erased.

In the database names lie in the clear, because queries read them there. In
backups they do not: a backup cannot be changed any more, but a name in it is
gone once its key is.
"""

import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.durable_file import OWNER_ONLY, sync_folder, write_durably

_NONCE = 12
_SALT = 32


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """The folder of keys; a person is known by a keyed hash of the name."""

    folder: Path

    def sealed(self, salt: bytes, value: str) -> tuple[str, bytes]:
        """Encrypt a name with its salt; give who it is about, and the encrypted bytes."""
        subject = self._subject(value)
        nonce = secrets.token_bytes(_NONCE)
        data = AESGCM(self._key(subject)).encrypt(nonce, salt + value.encode(), None)
        return subject, nonce + data

    def opened(self, subject: str, data: bytes) -> tuple[bytes, str] | None:
        """Decrypt a name with its salt; None once its key is gone."""
        path = self.folder / subject
        if not path.exists():
            return None
        try:
            plain = AESGCM(path.read_bytes()).decrypt(data[:_NONCE], data[_NONCE:], None)
        except InvalidTag:
            return None
        return plain[:_SALT], plain[_SALT:].decode()

    def destroy(self, value: str) -> bool:
        """Throw the key of a name away for good; tell whether there was one."""
        path = self.folder / self._subject(value)
        if not path.exists():
            return False
        path.unlink()
        sync_folder(self.folder)
        return True

    def _subject(self, value: str) -> str:
        """Give a name of the person that tells nobody else who it is."""
        return hmac.digest(self._made("pepper"), value.encode(), "sha256").hex()[:32]

    def _key(self, subject: str) -> bytes:
        return self._made(subject)

    def _made(self, name: str) -> bytes:
        """Read 32 secret bytes, which are drawn the first time."""
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, secrets.token_bytes(32), mode=OWNER_ONLY)
        return path.read_bytes()
