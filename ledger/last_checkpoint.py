"""The last signed checkpoint, kept outside the database and replaced only by its successor.

A database can be set back; this file is not set back with it. What it holds
is the note as it was published, so its own damage shows.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Conflict, LedgerError, Refused
from ledger.checkpoint import Checkpoint
from ledger.durable_file import write_durably
from ledger.note import Note


class DamagedState(Refused):
    """The file {value} does not hold a checkpoint any more: {reason}."""

    code = "damaged_state"
    cure = (
        "This is about the file, not about the ledger: put the last checkpoint back that you or "
        "an auditor kept, or declare a new incarnation."
    )


class StateMoved(Conflict):
    """Another process has signed since {value} was read."""

    code = "state_moved"


@dataclass(frozen=True, slots=True)
class LastCheckpoint:
    """The file that holds the last signed checkpoint."""

    path: Path

    def read(self) -> Note | None:
        """Give what was signed last; None if nothing ever was. Raises DamagedState."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedState(value=self.path, reason=error) from error
        try:
            note = Note.parse(data)
            Checkpoint.of(note)
        except LedgerError as error:
            raise DamagedState(value=self.path, reason=error) from error
        return note

    def replace(self, expected: Note | None, successor: Note) -> None:
        """Put the successor in place of what was read. Raises StateMoved and DamagedState."""
        with self._locked():
            if self.read() != expected:
                raise StateMoved(value=self.path)
            write_durably(self.path, successor.written.encode())

    def restore(self, note: Note) -> None:
        """Put a checkpoint back that was lost here and kept elsewhere."""
        with self._locked():
            write_durably(self.path, note.written.encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes away; the lock goes when the process does."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f".{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
