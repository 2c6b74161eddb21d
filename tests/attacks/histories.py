"""A small ledger with everything in it that can be attacked, and the same with other facts."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from domain.kinds import KINDS
from ledger.key_file import KeyFile
from ledger.last_checkpoint import LastCheckpoint
from ledger.ledger import Ledger
from ledger.note import Signer
from ledger.signing import Desk

SIZE = 600
SIGNED = (300, 500, SIZE)
KEPT = 500
"""The size of the checkpoint that an auditor kept."""
NAME = "ledger.example/wujin"
BEGAN = datetime(2024, 6, 19, 8, tzinfo=UTC)
CLERK = Actor("clerk", "bureau", "steward", name="王某")
PROJECTS = 20


def fact(
    number: int,
    kind: str,
    *,
    payload: dict[str, Any] | None = None,
    version: str = "1",
    stream: str | None = None,
) -> Draft:
    """Prepare a fact about one of the projects, or about something else."""
    return prepare(
        id=str(uuid.uuid4()),
        kind=kind,
        stream=stream or f"project/p{number % PROJECTS}",
        occurred_on="2024-06" if kind == "InvestmentReported" else "2024-06-19",
        actor=CLERK if number % 7 == 0 else Actor("clerk", "bureau", "steward"),
        source=Source("register", f"{kind}-{number}", version),
        payload=KINDS[kind].example if payload is None else payload,
        request_id="test",
        salts=lambda: secrets.token_bytes(32),
        reason="as decided" if KINDS[kind].reason_required else None,
    )


def facts() -> list[Draft]:
    """Give the whole history, in order: registrations, many kinds, newer versions."""
    kinds = ("LandAwarded", "ConstructionStarted", "ProjectListed", "InvestmentReported")
    drafts = [fact(number, "ProjectRegistered") for number in range(PROJECTS)]
    drafts += [
        fact(number, kinds[number % len(kinds)]) for number in range(PROJECTS, SIZE - PROJECTS)
    ]
    started = {"basis": "filing", "self_reported": True}
    newer = [number for number in range(PROJECTS, SIZE - PROJECTS) if number % len(kinds) == 1]
    drafts += [
        fact(number, "ConstructionStarted", payload=started, version="2")
        for number in newer[:PROJECTS]
    ]
    return drafts


def changed(drafts: Sequence[Draft], place: int) -> list[Draft]:
    """Give a history that says something else at one place."""
    other = fact(place, "LandAwarded", payload={**KINDS["LandAwarded"].example, "area_mu": "1.5"})
    return [*drafts[:place], other, *drafts[place + 1 :]]


def flipped(column: str, place: int) -> str:
    """Give SQL for a column of bytes with one byte changed, whatever it was."""
    return f"set_byte({column}, {place}, get_byte({column}, {place}) # 1)"


def append(database: str, drafts: Sequence[Draft], clock: Callable[[], datetime]) -> None:
    """Append facts by a clock."""

    async def run() -> None:
        ledger = await Ledger.open(database, clock=clock)
        try:
            receipts = await ledger.append(drafts)
        finally:
            await ledger.close()
        assert {receipt.status.value for receipt in receipts} <= {"accepted", "corrected"}

    asyncio.run(run())


@dataclass(frozen=True, slots=True)
class Office:
    """A ledger with its data folder."""

    database: str
    folder: Path

    @property
    def desk(self) -> Desk:
        """Give the desk that signs it."""
        keys = KeyFile(self.folder / "signing-key")
        return Desk(keys, LastCheckpoint(self.folder / "last-checkpoint"), name=NAME)

    @property
    def signer(self) -> Signer:
        """Give its key."""
        signer = self.desk.keys.load()
        assert signer is not None
        return signer

    def record(self, drafts: Sequence[Draft]) -> dict[int, str]:
        """Append a history and sign it on the way; give what was signed at which size."""
        notes, done = {}, 0
        for size in SIGNED:
            at = BEGAN + timedelta(hours=size)
            for start in range(done, size, 50):
                moment = at + timedelta(seconds=start)
                append(self.database, drafts[start : start + 50], lambda moment=moment: moment)
            done = size
            notes[size] = self.sign()
        return notes

    def sign(self) -> str:
        """Sign the present head."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            self.desk.sign(connection)
        note = self.desk.last.read()
        assert note is not None
        return note.written
