"""Read and keep what was signed, and the ledger's own facts about its keys and incarnations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from domain.envelope import Recorded
from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint
from ledger.note import Note, Verifier
from ledger.reading import Question, Reading, Row, events_after, ledger_events

_INCARNATION = "IncarnationDeclared"
KEYS = ("KeyRotated", _INCARNATION)
REPLAYED = "/replayed"
_COLUMNS = (
    "SELECT number, origin, size, root, verifier_key, note, signed_at FROM ledger.checkpoints"
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it was signed and kept."""

    number: int
    checkpoint: Checkpoint
    verifier_key: str
    note: str
    signed_at: datetime

    @property
    def verifier(self) -> Verifier:
        """Give the key that signed. Raises MalformedKey, of which a verifier makes a finding."""
        return Verifier.parse(self.verifier_key)


@Reading
def last_signed() -> Question[Signed | None]:
    """Read what was signed last."""
    return Question(f"{_COLUMNS} ORDER BY number DESC LIMIT 1", [], _one)


@Reading
def first_signed() -> Question[Signed | None]:
    """Read what was signed first."""
    return Question(f"{_COLUMNS} ORDER BY number LIMIT 1", [], _one)


@Reading
def all_signed(after: int = 0, limit: int = 10_000) -> Question[list[Signed]]:
    """Read checkpoints in the order they were signed."""
    sql = f"{_COLUMNS} WHERE number > %s ORDER BY number LIMIT %s"
    return Question(sql, [after, limit], _all)


def _all(rows: list[Row]) -> list[Signed]:
    return [
        Signed(number, Checkpoint(origin, size, bytes(root)), key, note, at)
        for number, origin, size, root, key, note, at in rows
    ]


def _one(rows: list[Row]) -> Signed | None:
    return _all(rows)[0] if rows else None


def keep(connection: Connection[Any], note: Note, verifier: Verifier, at: datetime) -> None:
    """Keep a signed checkpoint, unless it is kept already."""
    checkpoint = Checkpoint.of(note)
    connection.execute(
        "INSERT INTO ledger.checkpoints (origin, size, root, verifier_key, note, signed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (origin, size, verifier_key) DO NOTHING",
        (checkpoint.origin, checkpoint.size, checkpoint.root, verifier.text, note.written, at),
    )


@dataclass(frozen=True, slots=True)
class Succession:
    """What the ledger's own events say about its clock, its keys and its incarnations."""

    is_replayed: bool
    first: Signed | None
    events: Sequence[Recorded]

    @property
    def first_key(self) -> bytes | None:
        """Give the public key that signed first. Raises MalformedKey."""
        return None if self.first is None else self.first.verifier.public

    def origin(self, name: str) -> str:
        """Give the first line of today's checkpoints; it shows a replayed clock."""
        incarnations = [each for each in self.events if each.kind == _INCARNATION]
        if incarnations:
            return str(incarnations[-1].payload["origin"])
        return name + REPLAYED if self.is_replayed else name

    @property
    def key(self) -> bytes | None:
        """Give the public key that signs today; None while none was ever used.

        A rotation counts if the key before it says so.
        """
        key = self.first_key
        for event in self.events:
            if event.kind == _INCARNATION:
                named = event.payload.get("verifier_key")
                key = Verifier.parse(named).public if named else key
            elif key is not None and is_rotation_by(key, event.payload):
                key = Verifier.parse(event.payload["verifier_key"]).public
        return key

    def links(self, checkpoint: Checkpoint) -> bool:
        """Tell whether an incarnation was declared after this checkpoint."""
        wanted = [checkpoint.origin, checkpoint.size, checkpoint.root.hex()]
        return any(
            [event.payload[f"previous_{part}"] for part in ("origin", "size", "root")] == wanted
            for event in self.events
            if event.kind == _INCARNATION
        )


def rotation_text(origin: str, successor: Verifier) -> str:
    """Give what the old key signs when it hands over to another; no checkpoint reads like it."""
    return f"{origin}\nnext signing key\n{successor.text}\n"


def is_rotation_by(key: bytes, payload: Mapping[str, Any]) -> bool:
    """Tell whether a rotation's statement is signed by the public key that it replaces."""
    try:
        successor = Verifier.parse(payload["verifier_key"])
        statement = Note.parse(payload["statement"])
        statement.check([Verifier(payload["origin"], key)])
    except (LedgerError, LookupError, TypeError, AttributeError):
        # What lacks a part, or has another thing in its place, hands nothing over.
        return False
    return statement.text == rotation_text(payload["origin"], successor)


def succession(connection: Connection[Any]) -> Succession:
    """Read what decides about origin and key."""
    opening = events_after(connection, 0, 1)
    return Succession(
        bool(opening) and opens_replayed(opening[0]),
        first_signed(connection),
        ledger_events(connection, KEYS),
    )


def opens_replayed(event: Recorded) -> bool:
    """Tell whether a first event says that times of receipt are replayed."""
    return event.kind == "LedgerOpened" and event.payload.get("clock") == "replayed"
