"""The file that holds the keys of persons, shared by all processes of a ledger.

Lines are added at its end and durable before a name is locked under them; who takes a key out
writes the file anew. Each process looks whether it changed before it uses a key.
"""

import fcntl
import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from domain.errors import Refused
from ledger.durable_file import OWNER_ONLY, write_durably

_HEADING = "keys of persons, version 1"


class UnreadableKeys(Refused):
    """The keys of persons cannot be read: {reason}."""

    code = "unreadable_person_keys"
    cure = "Put the file back that LIFECYCLE_PERSON_KEYS names, readable for the program alone."


class PersonKey(NamedTuple):
    """The key of a person; `found_by` is known of the name."""

    person: str
    generation: int
    key: bytes
    found_by: str

    @property
    def line(self) -> str:
        """Write it as a line of the file."""
        return f"person {self.person} {self.generation} {self.key.hex()} {self.found_by}\n"


class PersonFile:
    """What is known of one file, which need not be there yet. Callers use it one at a time."""

    def __init__(self, path: Path | None) -> None:
        """Name the file; without one no key can be drawn."""
        self.path = path
        self.changes = 0
        """Grows when what is known changes."""
        self.secrets: list[bytes] = []
        self.keys: dict[tuple[str, int], PersonKey] = {}
        self.newest: dict[str, PersonKey] = {}
        """The key of each person that locks."""
        self._persons: dict[str, str] = {}
        self._read_bytes = 0
        self._seen: tuple[int, int, int] | None = None

    def refresh(self) -> None:
        """Read what was added to the file since, or all of it if it is another one."""
        try:
            found = None if self.path is None else self.path.stat()
        except OSError:
            found = None
        seen = None if found is None else (found.st_ino, found.st_size, found.st_mtime_ns)
        if seen == self._seen:
            return
        before, self._seen = self._seen, seen
        if not (before and seen and seen[0] == before[0] and seen[1] > before[1]):
            self._forget()
        self.changes += 1
        if seen is not None:
            self._read()

    def found(self, name: str) -> tuple[bytes, PersonKey] | None:
        """Find the key that locks a name, and the secret that marks what it locks."""
        for secret in self.secrets:
            person = self._persons.get(_found_by(secret, name))
            if person is not None:
                return secret, self.newest[person]
        return None

    def draw(self, names: Iterable[str]) -> None:
        """Draw keys for those of some names that have none. Raises UnreadableKeys."""
        with self._writing() as path:
            if not self.secrets:
                secret = secrets.token_bytes(32)
                before = path.read_bytes() if path.exists() else b""
                text = f"{_HEADING}\nsecret {secret.hex()}\n".encode()
                write_durably(path, before + text, mode=OWNER_ONLY)
                self.refresh()
            fresh = [name for name in names if self.found(name) is None]
            self._add(path, [_drawn(_found_by(self.secrets[-1], name)) for name in fresh])

    def renew(self, persons: Iterable[str]) -> None:
        """Draw another key for persons beside the one that they have. Raises UnreadableKeys."""
        with self._writing() as path:
            known = [self.newest[person] for person in persons if person in self.newest]
            self._add(
                path,
                [
                    each._replace(generation=each.generation + 1, key=secrets.token_bytes(32))
                    for each in known
                ],
            )

    def drop(self, is_unwanted: Callable[[PersonKey], bool]) -> list[PersonKey]:
        """Write the file without some keys, and give them. Raises UnreadableKeys."""
        with self._writing() as path:
            unwanted = [key for key in self.keys.values() if is_unwanted(key)]
            if unwanted:
                gone = set(unwanted)
                kept = [
                    f"{_HEADING}\n",
                    *(f"secret {secret.hex()}\n" for secret in self.secrets),
                    *(key.line for key in self.keys.values() if key not in gone),
                ]
                write_durably(path, "".join(kept).encode(), mode=OWNER_ONLY)
            return unwanted

    def _forget(self) -> None:
        """Know nothing."""
        self._read_bytes = 0
        self.secrets.clear()
        self.keys.clear()
        self.newest.clear()
        self._persons.clear()

    def _read(self) -> None:
        """Take in the whole lines that were not read yet; an unfinished one was never used."""
        assert self.path is not None
        try:
            with self.path.open("rb") as file:
                file.seek(self._read_bytes)
                data = file.read()
        except OSError:
            return
        data = data[: data.rfind(b"\n") + 1]
        self._read_bytes += len(data)
        for line in data.decode("ascii", "replace").splitlines():
            # A line that says nothing is left alone.
            with suppress(ValueError):
                self._take(line.split())

    def _take(self, words: list[str]) -> None:
        """Take in a line."""
        match words:
            case ["secret", secret]:
                self.secrets.append(bytes.fromhex(secret))
            case ["person", person, generation, key, found_by]:
                one = PersonKey(person, int(generation), bytes.fromhex(key), found_by)
                self.keys[person, one.generation] = one
                known = self.newest.get(person)
                if known is None or known.generation < one.generation:
                    self.newest[person] = one
                self._persons[found_by] = person

    @contextmanager
    def _writing(self) -> Iterator[Path]:
        """Write alone, knowing what others have written. Raises UnreadableKeys."""
        if self.path is None:
            raise UnreadableKeys(reason="nobody said where they lie")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_name(f".{self.path.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self.refresh()
                yield self.path
                self.refresh()
        except OSError as error:
            raise UnreadableKeys(reason=error) from error

    def _add(self, path: Path, keys: Iterable[PersonKey]) -> None:
        """Add keys, durable before anything is locked under them."""
        text = "".join(key.line for key in keys).encode()
        if not text:
            return
        descriptor = os.open(path, os.O_WRONLY)
        try:
            # What a crash left unfinished is written over.
            os.ftruncate(descriptor, self._read_bytes)
            os.lseek(descriptor, self._read_bytes, os.SEEK_SET)
            while text:
                text = text[os.write(descriptor, text) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _drawn(found_by: str) -> PersonKey:
    """Draw the first key of a person."""
    return PersonKey(secrets.token_hex(16), 1, secrets.token_bytes(32), found_by)


def _found_by(secret: bytes, name: str) -> str:
    """Give what finds a person by name without writing the name down."""
    return hmac.digest(secret, b"index" + name.encode(), "sha256").hex()[:32]
