"""Keys outside the database, one a person: in it names of persons lie only locked under them.

A name without its key is gone everywhere: in the database and its log, in what vacuum has not yet
cleared, on standby servers and in backups. The keys lie in one file that only its owner may read.
Lines are added and made durable before a name locked under them is; who takes a key out writes the
file anew. Several processes share it, and each looks whether it changed before it uses a key.

A locked name is the same text wherever the same person is named, so that questions can count and
compare persons without knowing them. It says by whose key it is locked, by a number drawn by chance
that nothing ties to the name but the file, and carries a mark of the file, so that it is told from
a text that only looks like one even after its key is gone.
"""

import fcntl
import hmac
import os
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from domain.errors import Refused
from domain.person_name import COMMITMENT_PREFIX, SealedName
from ledger.durable_file import OWNER_ONLY, sync_folder, write_durably

PREFIX: Final = "locked-name:1:"
"""What a locked name begins with; SQL compares it, too."""
_LOCKED = re.compile(rf"{PREFIX}([0-9a-f]{{32}}):([0-9]{{1,9}}):([\w-]+):([\w-]{{16}})", re.ASCII)
_QUOTED = re.compile(f'"{_LOCKED.pattern}"'.encode())
_NEEDLE = f'"{PREFIX}'.encode()
_HEADING = "keys of persons, version 1"
_NONCE = slice(len(COMMITMENT_PREFIX), len(COMMITMENT_PREFIX) + 24)
_MARK_BYTES = 12
_REMEMBERED = 20_000


class UnreadableKeys(Refused):
    """The keys of persons cannot be read: {reason}."""

    code = "unreadable_person_keys"
    cure = "Put the file back that LIFECYCLE_PERSON_KEYS names, readable for the program alone."


class Locked(NamedTuple):
    """A name as it lies in the database: locked, beside its locked salt."""

    value: str
    salt: bytes


class Opened(NamedTuple):
    """A name and the salt of its commitment."""

    value: str
    salt: bytes


class _Ciphers(NamedTuple):
    name: AESSIV
    salt: AESGCM


class _Line(NamedTuple):
    """The key of a person; `found_by` is known of the name."""

    person: str
    generation: int
    key: bytes
    found_by: str

    def __str__(self) -> str:
        return f"person {self.person} {self.generation} {self.key.hex()} {self.found_by}"


class PersonKeys:
    """The keys of one file, which need not be there yet; without a file nothing can be locked."""

    def __init__(self, file: Path | None) -> None:
        """Name the file; it is read when it is needed."""
        self.file = file
        self._mutex = RLock()
        self._seen: tuple[int, int, int] | None = None
        self._forget()

    def prepare(self, names: Iterable[str]) -> None:
        """Have a durable key for each name. Raises UnreadableKeys."""
        wanted = set(names)
        if not wanted:
            return
        with self._mutex:
            self.refresh()
            wanted -= self._locks.keys()
            fresh = [name for name in wanted if self._found(name) is None]
            if fresh:
                self._draw(fresh)

    def lock(self, name: SealedName) -> Locked:
        """Lock a name with its salt, for which a key was prepared just before."""
        own = self._locks.get(name.value)
        if own is None:
            with self._mutex:
                own = self._own(name.value)
        value, ciphers = own
        # A commitment is as good as drawn by chance, and belongs to one salt only.
        nonce = bytes.fromhex(name.commitment[_NONCE])
        return Locked(value, ciphers.salt.encrypt(nonce, name.salt, None))

    def locked(self, name: str) -> str | None:
        """Give a name as it is locked now; None for who has no key."""
        with self._mutex:
            self.refresh()
            return None if self._found(name) is None else self._own(name)[0]

    def unlock(self, value: str | None) -> str | None:
        """Give the name that is locked; None if its key is gone or it is no locked name."""
        if value is None or not value.startswith(PREFIX):
            return None
        with self._mutex:
            self.refresh()
            return self._name(value)

    def open(self, commitment: str, value: str | None, salt: bytes | None) -> Opened | None:
        """Give name and salt of a row; None if they are erased, or locked by no key here.

        The keys are those of the last `refresh`, since whole tables are opened.
        """
        if value is None or salt is None:
            return None
        with self._mutex:
            name = self._name(value)
        if name is None:
            return None
        ciphers = self._ciphers(*_parts(value))
        assert ciphers is not None
        try:
            nonce = bytes.fromhex(commitment[_NONCE])
            return Opened(name, ciphers.salt.decrypt(nonce, bytes(salt), None))
        except (InvalidTag, ValueError):
            return None

    def knows(self, value: str) -> bool:
        """Tell whether a name was locked by a key of this file, which may be gone."""
        return self._is_ours(value)

    def is_spent(self, value: str) -> bool:
        """Tell whether a name was locked by a key of this file that is gone."""
        match = _LOCKED.fullmatch(value)
        return (
            match is not None and (match[1], int(match[2])) not in self._keys and self.knows(value)
        )

    def unlocked_json(self, text: bytes) -> bytes:
        """Put names where they stand locked in JSON, and null where the key of one is gone."""
        if _NEEDLE not in text:
            return text
        with self._mutex:
            self.refresh()
            return _QUOTED.sub(self._told, text)

    def unlocked_value(self, value: Any) -> Any:
        """Put names where they stand locked in a value and below it, as `unlocked_json` does."""
        if isinstance(value, str):
            return (
                orjson.loads(self.unlocked_json(orjson.dumps(value))) if PREFIX in value else value
            )
        if isinstance(value, dict):
            return {key: self.unlocked_value(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.unlocked_value(inner) for inner in value]
        return value

    def destroy(self, persons: Iterable[str]) -> int:
        """Throw keys away for good; give how many of the persons had one."""
        unwanted = set(persons)
        return len({line.person for line in self._drop(lambda line: line.person in unwanted)})

    def renew(self, persons: Iterable[str]) -> None:
        """Draw other keys for persons; the old ones stay until `retire` throws them away."""
        with self._writing():
            lines = [
                line._replace(generation=line.generation + 1, key=secrets.token_bytes(32))
                for line in (self._persons[each] for each in persons if each in self._persons)
            ]
            self._add(lines)

    def retire(self, is_used: Callable[[str], bool]) -> None:
        """Throw old keys of renewed persons away, unless names still begin as `is_used` is told."""
        with self._mutex:
            self.refresh()
            old = [each for each in self._keys if each[1] < self._persons[each[0]].generation]
        spent = {each for each in old if not is_used(f"{PREFIX}{each[0]}:{each[1]}:")}
        if spent:
            self._drop(lambda line: (line.person, line.generation) in spent)

    def refresh(self) -> None:
        """Read what was added to the file since, or all of it if it is another one."""
        try:
            found = None if self.file is None else self.file.stat()
        except OSError:
            found = None
        seen = None if found is None else (found.st_ino, found.st_size, found.st_mtime_ns)
        if seen == self._seen:
            return
        with self._mutex:
            grows = self._seen and seen and seen[0] == self._seen[0] and seen[1] > self._seen[1]
            if not grows:
                self._forget()
            self._seen = seen
            if seen is not None:
                self._read()

    def _forget(self) -> None:
        """Know nothing."""
        self._read_bytes = 0
        self._secrets: list[bytes] = []
        self._persons: dict[str, _Line] = {}
        self._indexed: dict[str, str] = {}
        self._keys: dict[tuple[str, int], bytes] = {}
        self._made: dict[tuple[str, int], _Ciphers] = {}
        self._locks: dict[str, tuple[str, _Ciphers]] = {}
        self._names: dict[str, str | None] = {}
        self._texts: dict[bytes, bytes] = {}

    def _read(self) -> None:
        """Take in the whole lines that were not read yet; an unfinished one was never used."""
        assert self.file is not None
        try:
            with self.file.open("rb") as file:
                file.seek(self._read_bytes)
                data = file.read()
        except OSError:
            return
        data = data[: data.rfind(b"\n") + 1]
        self._read_bytes += len(data)
        for text in data.decode("ascii", "replace").splitlines():
            self._take(text.split())
        self._locks.clear()
        self._names.clear()
        self._texts.clear()

    def _take(self, words: list[str]) -> None:
        """Take in a line; one that says nothing is left alone."""
        with suppress(ValueError):
            match words:
                case ["secret", secret]:
                    self._secrets.append(bytes.fromhex(secret))
                case ["person", person, generation, key, index]:
                    line = _Line(person, int(generation), bytes.fromhex(key), index)
                    self._keys[person, line.generation] = line.key
                    known = self._persons.get(person)
                    if known is None or known.generation < line.generation:
                        self._persons[person] = line
                    self._indexed[index] = person

    def _found(self, name: str) -> tuple[bytes, _Line] | None:
        """Find the key of a name, and the secret that marks what it locks."""
        for secret in self._secrets:
            person = self._indexed.get(_index(secret, name))
            if person is not None:
                return secret, self._persons[person]
        return None

    def _own(self, name: str) -> tuple[str, _Ciphers]:
        """Give a name that has a key as it is locked, and by what."""
        own = self._locks.get(name)
        if own is not None:
            return own
        found = self._found(name)
        assert found is not None
        secret, line = found
        ciphers = self._ciphers(line.person, line.generation)
        assert ciphers is not None
        text = _text(ciphers.name.encrypt(name.encode(), None))
        said = f"{line.person}:{line.generation}:{text}"
        if len(self._locks) >= _REMEMBERED:
            self._locks.clear()
        own = self._locks[name] = (f"{PREFIX}{said}:{_mark(secret, said)}", ciphers)
        return own

    def _ciphers(self, person: str, generation: int) -> _Ciphers | None:
        """Give what locks and unlocks the names of a person."""
        made = self._made.get((person, generation))
        key = self._keys.get((person, generation))
        if made is None and key is not None:
            made = self._made[person, generation] = _Ciphers(
                AESSIV(hmac.digest(key, b"name", "sha512")),
                AESGCM(hmac.digest(key, b"salt", "sha256")),
            )
        return made

    def _name(self, value: str) -> str | None:
        """Unlock a name."""
        if value in self._names:
            return self._names[value]
        name = None
        match = _LOCKED.fullmatch(value)
        ciphers = None if match is None else self._ciphers(match[1], int(match[2]))
        if match is not None and ciphers is not None:
            with suppress(InvalidTag, ValueError):
                name = ciphers.name.decrypt(_bytes(match[3]), None).decode()
        if len(self._names) >= _REMEMBERED:
            self._names.clear()
        self._names[value] = name
        return name

    def _is_ours(self, value: str) -> bool:
        """Tell whether a locked name carries the mark of this file."""
        match = _LOCKED.fullmatch(value)
        if match is None:
            return False
        said = ":".join(match.groups()[:3])
        return any(hmac.compare_digest(_mark(each, said), match[4]) for each in self._secrets)

    def _told(self, match: re.Match[bytes]) -> bytes:
        """Write what is told instead of a locked name in JSON."""
        text = match[0]
        told = self._texts.get(text)
        if told is None:
            value = text[1:-1].decode()
            name = self._name(value)
            if name is not None:
                told = orjson.dumps(name)
            else:
                # Without its file nothing tells a name from a text that looks like one.
                told = text if self._secrets and not self._is_ours(value) else b"null"
            if len(self._texts) >= _REMEMBERED:
                self._texts.clear()
            self._texts[text] = told
        return told

    @contextmanager
    def _writing(self) -> Iterator[Path]:
        """Write alone, knowing what others have written. Raises UnreadableKeys."""
        if self.file is None:
            raise UnreadableKeys(reason="nobody said where they lie")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self._mutex, self.file.with_name(f".{self.file.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self.refresh()
                yield self.file
                self.refresh()
        except OSError as error:
            raise UnreadableKeys(reason=error) from error

    def _draw(self, names: Iterable[str]) -> None:
        """Draw keys for names that have none."""
        with self._writing() as file:
            if not self._secrets:
                secret = secrets.token_bytes(32)
                before = file.read_bytes() if file.exists() else b""
                text = f"{_HEADING}\nsecret {secret.hex()}\n".encode()
                write_durably(file, before + text, mode=OWNER_ONLY)
                self.refresh()
            self._add(
                [
                    _Line(
                        secrets.token_hex(16),
                        1,
                        secrets.token_bytes(32),
                        _index(self._secrets[-1], name),
                    )
                    for name in names
                    if self._found(name) is None
                ]
            )

    def _add(self, lines: Iterable[_Line]) -> None:
        """Add lines, durable before anything is locked under them."""
        text = "".join(f"{line}\n" for line in lines).encode()
        if not text:
            return
        assert self.file is not None
        descriptor = os.open(self.file, os.O_WRONLY)
        try:
            # What a crash left unfinished is written over.
            os.ftruncate(descriptor, self._read_bytes)
            os.lseek(descriptor, self._read_bytes, os.SEEK_SET)
            os.write(descriptor, text)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.refresh()

    def _drop(self, is_unwanted: Callable[[_Line], bool]) -> list[_Line]:
        """Write the file without some lines, and give them."""
        with self._writing() as file:
            if not file.exists():
                return []
            lines = [
                _Line(person, generation, key, self._persons[person].found_by)
                for (person, generation), key in self._keys.items()
            ]
            unwanted = [line for line in lines if is_unwanted(line)]
            if unwanted:
                kept = [
                    _HEADING,
                    *(f"secret {secret.hex()}" for secret in self._secrets),
                    *(str(line) for line in lines if line not in unwanted),
                ]
                write_durably(file, "".join(f"{line}\n" for line in kept).encode(), mode=OWNER_ONLY)
                sync_folder(file.parent)
            return unwanted


def _index(secret: bytes, name: str) -> str:
    """Find a person by name without writing the name down."""
    return hmac.digest(secret, b"index" + name.encode(), "sha256").hex()[:32]


def _mark(secret: bytes, said: str) -> str:
    """Mark a locked name as one of a file's."""
    return _text(hmac.digest(secret, b"mark" + said.encode(), "sha256")[:_MARK_BYTES])


def _parts(value: str) -> tuple[str, int]:
    """Give person and generation of a locked name."""
    _, _, person, generation, _ = value.split(":", 4)
    return person, int(generation)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
