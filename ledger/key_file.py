"""The signing key: one line in a file that only its owner can read."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Refused
from ledger.durable_file import OWNER_ONLY, sync_folder, write_durably
from ledger.note import Algorithm, MalformedKey, Signer

_OTHERS = 0o007


class KeyTooOpen(Refused):
    """Everybody on this machine can read the signing key {value}."""

    code = "key_too_open"
    cure = "Take the right to read it from others: chmod o= {value}; then rotate the key."


class UnreadableKey(Refused):
    """The signing key {value} cannot be read: {reason}."""

    code = "unreadable_key"
    cure = "Put the key back from where you keep it."


@dataclass(frozen=True, slots=True)
class KeyFile:
    """Where the signing key lies; beside it, while keys change, the next one."""

    path: Path

    @property
    def _next(self) -> Path:
        return self.path.with_name(f"{self.path.name}.next")

    def load(self) -> Signer | None:
        """Read the key; None if there is none. Raises KeyTooOpen and UnreadableKey."""
        return _read(self.path)

    def create(self, name: str, algorithm: Algorithm = Algorithm.ED25519) -> Signer:
        """Make a key unless another process is faster, and give the one that is there."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        write_durably(beside, _line(new_signer(name, algorithm)), mode=OWNER_ONLY)
        try:
            # A link is never made over a file that is there.
            os.link(beside, self.path)
            sync_folder(self.path.parent)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
        signer = self.load()
        assert signer is not None
        return signer

    def stage(self, signer: Signer) -> None:
        """Lay the next key beside the present one, to be known before it is announced."""
        write_durably(self._next, _line(signer), mode=OWNER_ONLY)

    def staged(self) -> Signer | None:
        """Read the next key, if one lies there."""
        return _read(self._next)

    def promote(self) -> None:
        """Let the next key be the present one; the old one is gone."""
        self._next.replace(self.path)
        sync_folder(self.path.parent)


def new_name() -> str:
    """Make up the name of a ledger that nobody named."""
    return f"ledger.internal/{secrets.token_hex(4)}"


def new_signer(name: str, algorithm: Algorithm = Algorithm.ED25519) -> Signer:
    """Draw a key by chance."""
    return Signer(name, secrets.token_bytes(32), algorithm)


def _line(signer: Signer) -> bytes:
    return f"{signer.text}\n".encode()


def _read(path: Path) -> Signer | None:
    """Read a key file. Raises KeyTooOpen and UnreadableKey."""
    try:
        text = path.read_text("ascii")
        mode = path.stat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableKey(value=path, reason=error) from error
    if mode & _OTHERS:
        raise KeyTooOpen(value=path)
    try:
        return Signer.parse(text.strip())
    except MalformedKey as error:
        raise UnreadableKey(value=path, reason=error) from error
