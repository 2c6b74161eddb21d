"""The ledger signs what it reads back, goes on after any crash, and refuses what was set back."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import all_signed, last_signed, rotation_text, succession
from ledger.key_file import KeyFile, KeyTooOpen, UnreadableKey, new_signer
from ledger.last_checkpoint import DamagedState, LastCheckpoint, StateMoved
from ledger.ledger import Ledger
from ledger.note import Note, Signer, signed_note
from ledger.reading import head
from ledger.signing import (
    BrokenTree,
    DatabaseBehind,
    Desk,
    DifferentTree,
    MissingKey,
    MissingState,
    UndeclaredOrigin,
    WrongKey,
    describe,
)

Fact = Callable[..., Draft]
NAME = "ledger.example/wujin"


def append(database: str, facts: Sequence[Draft], **options: Any) -> None:
    async def run() -> None:
        ledger = await Ledger.open(database, **options)
        try:
            await ledger.append(facts)
        finally:
            await ledger.close()

    asyncio.run(run())


def about_the_ledger(kind: str, payload: dict[str, Any], **parts: Any) -> Draft:
    return prepare(
        id=f"0190e1d3-0000-7000-8000-{abs(hash(kind + str(payload))) % 10**12:012d}",
        kind=kind,
        stream="ledger/main",
        occurred_on="2024-06-19",
        actor=Actor("operator", "office", "operator"),
        source=Source("ledger", f"{kind}-{payload}"[:150]),
        payload=payload,
        request_id="test",
        reason="as decided",
        salts=lambda: bytes(32),
        **parts,
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    keys = KeyFile(tmp_path / "signing-key")
    return Desk(keys, LastCheckpoint(tmp_path / "last-checkpoint"), name=NAME)


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield connection


def key_of(desk: Desk) -> Signer:
    signer = desk.keys.load()
    assert signer is not None
    return signer


def test_an_empty_ledger_is_not_signed_and_no_key_is_made(
    connection: psycopg.Connection[Any], desk: Desk
) -> None:
    assert desk.sign(connection) is None
    assert desk.keys.load() is None
    assert describe(connection, desk)["problem"] is None


def test_each_checkpoint_is_kept_inside_and_the_last_outside(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    for size in (1, 2):
        append(database, [fact(f"r{size}")])
        signed = desk.sign(connection)

        assert signed == Checkpoint(NAME, size, head(connection).root)
        note = desk.last.read()
        assert note is not None
        assert note.check([key_of(desk).verifier])
        kept = last_signed(connection)
        assert kept is not None
        assert (kept.note, kept.checkpoint) == (note.written, signed)
    assert desk.sign(connection) is None
    assert [kept.checkpoint.size for kept in all_signed(connection)] == [1, 2]
    assert (desk.keys.path.stat().st_mode & 0o777) == 0o600


def test_the_origin_shows_a_replayed_clock(
    database: str, connection: psycopg.Connection[Any], desk: Desk
) -> None:
    opening = about_the_ledger(
        "LedgerOpened", {"clock": "replayed"}, recorded_at=datetime(2024, 1, 1, tzinfo=UTC)
    )
    append(database, [opening], replayed=True)

    signed = desk.sign(connection)
    assert signed is not None
    assert signed.origin == f"{NAME}/replayed"


def test_a_crash_after_signing_loses_no_checkpoint(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    signer = desk.keys.create(NAME)
    before: Note | None = None
    for size in (1, 2):
        append(database, [fact(f"r{size}")])
        note = Checkpoint(NAME, size, head(connection).root).signed(signer)
        desk.last.replace(before, note)
        before = note

        assert desk.sign(connection) is None
        kept = last_signed(connection)
        assert kept is not None
        assert kept.note == note.written


def test_a_database_behind_what_was_signed_is_not_signed(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1")])
    ahead = Checkpoint(NAME, 2, bytes(32)).signed(desk.keys.create(NAME))
    desk.last.replace(None, ahead)

    with pytest.raises(DatabaseBehind, match="covers 2 events, the database holds 1"):
        desk.sign(connection)
    assert "declare-incarnation" in describe(connection, desk)["problem"]
    append(database, [fact("r2"), fact("r3")])
    with pytest.raises(DifferentTree):
        desk.sign(connection)
    assert last_signed(connection) is None
    assert desk.last.read() == ahead


def test_a_declared_incarnation_goes_on_under_its_own_origin(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1")])
    desk.last.replace(None, Checkpoint(NAME, 9, bytes(32)).signed(desk.keys.create(NAME)))
    payload = {
        "incarnation": "second",
        "origin": f"{NAME}/second",
        "previous_origin": NAME,
        "previous_size": 9,
        "previous_root": bytes(32).hex(),
        "resumed_size": 1,
        "resumed_root": head(connection).root.hex(),
    }
    append(database, [about_the_ledger("IncarnationDeclared", payload)])

    signed = desk.sign(connection)
    assert signed is not None
    assert (signed.origin, signed.size) == (f"{NAME}/second", 2)
    append(database, [fact("r2")])
    assert desk.sign(connection) is not None


def test_an_origin_that_nobody_declared_is_refused(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1")])
    other = Signer("ledger.example/another", bytes(32))
    desk.last.replace(None, Checkpoint(other.name, 1, head(connection).root).signed(other))
    desk.keys.create(NAME)

    with pytest.raises(UndeclaredOrigin, match="another"):
        desk.sign(connection)


def test_lost_files_are_named(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1")])
    desk.sign(connection)
    state, key = desk.last.path.read_bytes(), desk.keys.path.read_bytes()

    desk.last.path.unlink()
    with pytest.raises(MissingState):
        desk.sign(connection)
    desk.last.path.write_bytes(state[:-20])
    with pytest.raises(DamagedState, match="does not hold a checkpoint"):
        desk.sign(connection)
    desk.last.path.write_bytes(state)
    desk.keys.path.unlink()
    with pytest.raises(MissingKey):
        desk.sign(connection)
    desk.keys.path.write_bytes(b"no key")
    desk.keys.path.chmod(0o600)
    with pytest.raises(UnreadableKey):
        desk.sign(connection)
    desk.keys.path.write_bytes(key)
    desk.keys.path.chmod(0o644)
    with pytest.raises(KeyTooOpen):
        desk.sign(connection)
    desk.keys.path.chmod(0o600)
    assert desk.sign(connection) is None


def test_changed_bytes_are_never_signed(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1"), fact("r2")])
    connection.execute("ALTER TABLE ledger.events DISABLE TRIGGER only_grows")
    connection.execute("ALTER TABLE ledger.events DROP CONSTRAINT leaf_hash_is_of_bytes")
    connection.execute("UPDATE ledger.events SET bytes = bytes || ' ' WHERE position = 1")

    with pytest.raises(BrokenTree):
        desk.sign(connection)
    assert desk.last.read() is None


def test_a_key_is_handed_over_by_the_key_before(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1")])
    desk.sign(connection)
    old, new, thief = key_of(desk), new_signer(NAME), new_signer(NAME)

    def rotation(successor: Signer, by: Signer) -> Draft:
        text = rotation_text(NAME, successor.verifier)
        payload = {
            "origin": NAME,
            "key_id": successor.verifier.key_id.hex(),
            "verifier_key": successor.verifier.text,
            "previous_key_id": old.verifier.key_id.hex(),
            "statement": signed_note(text, [by]).written,
        }
        return about_the_ledger("KeyRotated", payload)

    append(database, [rotation(thief, by=thief)])
    assert succession(connection).key == old.verifier.public
    desk.keys.stage(new)
    append(database, [rotation(new, by=old)])
    # The file was not changed yet when the program was cut off; now it is.
    signed = desk.sign(connection)

    assert signed is not None
    kept = last_signed(connection)
    assert kept is not None
    assert Note.parse(kept.note).check([new.verifier]) == [new.verifier]
    assert key_of(desk) == new
    desk.keys.path.write_text(old.text)
    append(database, [fact("r2")])
    with pytest.raises(WrongKey):
        desk.sign(connection)


def test_of_two_processes_one_signs(
    database: str, connection: psycopg.Connection[Any], desk: Desk, fact: Fact
) -> None:
    append(database, [fact("r1")])
    desk.sign(connection)
    before = desk.last.read()
    append(database, [fact("r2")])
    desk.sign(connection)

    assert before is not None
    with pytest.raises(StateMoved):
        desk.last.replace(before, before)
