"""Keys outside the database, one a person: in it names of persons lie only locked under them.

A name without its key is gone everywhere: in the database and its log, in what vacuum has not yet
cleared, on standby servers and in backups.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import RLock
from typing import Any, Final, NamedTuple

import orjson

from domain.person_name import SealedName, seal
from ledger.locked_name import PREFIX, QUOTED, Ciphers, LockedName
from ledger.person_file import PersonFile

_NEEDLE: Final = PREFIX.encode()
_REMEMBERED = 20_000


class Locked(NamedTuple):
    """A name as it lies in the database: locked, beside its locked salt."""

    value: str
    salt: bytes


class Opened(NamedTuple):
    """A name and the salt of its commitment."""

    value: str
    salt: bytes


class PersonKeys:
    """The keys of one file, which need not be there yet; without a file nothing can be locked."""

    def __init__(self, path: Path | None) -> None:
        """Name the file; it is read when it is needed."""
        self.path = path
        self._file = PersonFile(path)
        self._mutex = RLock()
        self._changes = 0
        self._ciphers: dict[tuple[str, int], Ciphers] = {}
        self._locks: dict[str, tuple[str, Ciphers]] = {}
        self._names: dict[str, tuple[str | None, Ciphers | None]] = {}
        self._texts: dict[bytes, bytes] = {}

    def prepare(self, names: Iterable[str]) -> None:
        """Have a durable key for each name. Raises UnreadableKeys."""
        wanted = set(names)
        if not wanted:
            return
        with self._mutex:
            self.refresh()
            wanted -= self._locks.keys()
            fresh = sorted(name for name in wanted if self._file.found(name) is None)
            if fresh:
                self._file.draw(fresh)
                self.refresh()

    def lock(self, name: SealedName) -> Locked:
        """Lock a name with its salt, for which a key was prepared just before."""
        own = self._locks.get(name.value)
        if own is None:
            with self._mutex:
                own = self._own(name.value)
        value, ciphers = own
        return Locked(value, ciphers.lock_salt(name.commitment, name.salt))

    def locked(self, name: str) -> str | None:
        """Give a name as it is locked now; None for who has no key."""
        with self._mutex:
            self.refresh()
            return None if self._file.found(name) is None else self._own(name)[0]

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
            name, ciphers = self._unlocked(value)
        if name is None or ciphers is None:
            return None
        opened = ciphers.unlock_salt(commitment, bytes(salt))
        return None if opened is None else Opened(name, opened)

    def opens(self, commitment: str, value: str | None, salt: bytes | None) -> bool:
        """Tell whether name and salt of a row are what was committed to, by the same keys."""
        if value is None or salt is None:
            return False
        # What is remembered needs no lock.
        known = self._names.get(value)
        if known is None:
            with self._mutex:
                known = self._unlocked(value)
        name, ciphers = known
        if name is None or ciphers is None:
            return False
        opened = ciphers.unlock_salt(commitment, salt)
        return opened is not None and seal(name, opened) == commitment

    def knows(self, value: str) -> bool:
        """Tell whether a name was locked by a key of this file, which may be gone."""
        locked = LockedName.read(value)
        return locked is not None and any(map(locked.is_marked_by, self._file.secrets))

    def is_spent(self, value: str) -> bool:
        """Tell whether a name was locked by a key of this file that is gone."""
        locked = LockedName.read(value)
        return locked is not None and locked[:2] not in self._file.keys and self.knows(value)

    def unlocked_json(self, text: bytes) -> bytes:
        """Put names where they stand locked in JSON, and null where the key of one is gone."""
        if _NEEDLE not in text:
            return text
        with self._mutex:
            self.refresh()
            return QUOTED.sub(self._told, text)

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
        """Throw keys away for good; give of how many persons. Raises UnreadableKeys."""
        unwanted = set(persons)
        with self._mutex:
            gone = self._file.drop(lambda key: key.person in unwanted)
            self.refresh()
        return len({key.person for key in gone})

    def renew(self, persons: Iterable[str]) -> None:
        """Lock the names of persons under another key from now on; `retire` drops the old one.

        Raises UnreadableKeys.
        """
        with self._mutex:
            self._file.renew(persons)
            self.refresh()

    def retire(self, is_used: Callable[[str], bool]) -> None:
        """Throw old keys of renewed persons away, unless names still begin as `is_used` is told.

        Raises UnreadableKeys.
        """
        with self._mutex:
            self.refresh()
            newest = self._file.newest
            old = [each for each in self._file.keys.values() if each != newest[each.person]]
        spent = {each for each in old if not is_used(f"{PREFIX}{each.person}:{each.generation}:")}
        if spent:
            with self._mutex:
                self._file.drop(spent.__contains__)
                self.refresh()

    def refresh(self) -> None:
        """Learn what other processes have done to the file since."""
        with self._mutex:
            self._file.refresh()
            if self._file.changes != self._changes:
                self._changes = self._file.changes
                for remembered in (self._ciphers, self._locks, self._names, self._texts):
                    remembered.clear()

    def _own(self, name: str) -> tuple[str, Ciphers]:
        """Give a name that has a key as it is locked, and by what."""
        own = self._locks.get(name)
        if own is not None:
            return own
        found = self._file.found(name)
        assert found is not None
        secret, key = found
        ciphers = self._of(key.person, key.generation)
        assert ciphers is not None
        locked = LockedName.marked(secret, key.person, key.generation, ciphers.lock(name))
        _make_room(self._locks)
        own = self._locks[name] = (str(locked), ciphers)
        return own

    def _of(self, person: str, generation: int) -> Ciphers | None:
        """Give what locks and unlocks the names of a person."""
        made = self._ciphers.get((person, generation))
        key = self._file.keys.get((person, generation))
        if made is None and key is not None:
            made = self._ciphers[person, generation] = Ciphers(key.key)
        return made

    def _name(self, value: str) -> str | None:
        """Unlock a name."""
        return self._unlocked(value)[0]

    def _unlocked(self, value: str) -> tuple[str | None, Ciphers | None]:
        """Unlock a name, and say by what."""
        known = self._names.get(value)
        if known is None:
            locked = LockedName.read(value)
            ciphers = None if locked is None else self._of(locked.person, locked.generation)
            name = None if locked is None or ciphers is None else ciphers.unlock(locked.text)
            _make_room(self._names)
            known = self._names[value] = (name, ciphers)
        return known

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
                told = text if self._file.secrets and not self.knows(value) else b"null"
            _make_room(self._texts)
            self._texts[text] = told
        return told


def _make_room(remembered: dict[Any, Any]) -> None:
    """Forget what was remembered once it is much."""
    if len(remembered) >= _REMEMBERED:
        remembered.clear()
