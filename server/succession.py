"""Change the signing key, and declare a new incarnation after a restore; both are events."""

from dataclasses import replace
from typing import Any

import psycopg

from domain.errors import LedgerError, Refused
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import last_signed, rotation_text, succession
from ledger.key_file import new_signer
from ledger.note import Note, Signer, signed_note
from ledger.reading import head
from ledger.signing import Desk, MissingKey
from server.administration import record
from server.house import House
from server.signer import desk_of


class NothingToDeclare(Refused):
    """The ledger can sign; there is nothing that a new incarnation would explain."""

    code = "nothing_to_declare"
    cure = "Declare an incarnation only after a restore that the signer refuses."


class NothingBefore(Refused):
    """Nothing is known of what was signed before."""

    code = "nothing_before"
    cure = "Give the last checkpoint that you or an auditor kept, with --previous."


async def rotate_key(house: House, reason: str) -> Signer:
    """Announce a new key, signed for by the old one, and put it in place. Raises CannotSign."""
    desk = desk_of(house.settings)
    origin, old = _current(house.conninfo, desk)
    new = new_signer(old.name)
    successor = replace(new, name=origin).verifier
    statement = signed_note(rotation_text(origin, successor), [replace(old, name=origin)])
    # The next key lies there before it is announced: a ledger must not wait for a lost one.
    desk.keys.stage(new)
    payload = {
        "origin": origin,
        "key_id": successor.key_id.hex(),
        "verifier_key": successor.text,
        "previous_key_id": replace(old, name=origin).verifier.key_id.hex(),
        "statement": statement.written,
    }
    await record(
        house, "KeyRotated", payload, record_id=f"key-{successor.key_id.hex()}", reason=reason
    )
    desk.keys.promote()
    return replace(new, name=origin)


def _current(conninfo: str, desk: Desk) -> tuple[str, Signer]:
    """Give today's origin and key of a ledger that can sign."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        desk.check(connection)
        signer = desk.keys.load()
        if signer is None:
            raise MissingKey(value=desk.keys.path)
        return succession(connection).origin(signer.name), signer


async def declare_incarnation(
    house: House, name: str, reason: str, previous: Note | None = None
) -> dict[str, Any]:
    """Let a ledger that was set back go on under an origin of its own, linked to the old one.

    Raises NothingToDeclare and NothingBefore.
    """
    desk = desk_of(house.settings)
    payload = _declaration(house.conninfo, desk, name, previous)
    await record(
        house, "IncarnationDeclared", payload, record_id=f"incarnation-{name}", reason=reason
    )
    note = Note.parse(payload["previous_checkpoint"])
    kept = _readable(desk)
    if kept != note:
        # What is linked is now what the file says, so that the next signing finds it declared.
        desk.last.restore(note)
    return payload


def _declaration(conninfo: str, desk: Desk, name: str, previous: Note | None) -> dict[str, Any]:
    """Put the declaration together."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        try:
            desk.check(connection)
        except LedgerError:
            pass
        else:
            raise NothingToDeclare
        kept = last_signed(connection)
        note = previous or _readable(desk)
        if note is None and kept is not None:
            note = Note.parse(kept.note)
        if note is None:
            raise NothingBefore
        top = head(connection)
    signed = Checkpoint.of(note)
    signer = desk.keys.load() or desk.keys.create(signed.origin)
    origin = f"{signed.origin}/{name}"
    return {
        "incarnation": name,
        "origin": origin,
        "previous_origin": signed.origin,
        "previous_size": signed.size,
        "previous_root": signed.root.hex(),
        "previous_checkpoint": note.written,
        "resumed_size": top.size,
        "resumed_root": top.root.hex(),
        "verifier_key": replace(signer, name=origin).verifier.text,
    }


def _readable(desk: Desk) -> Note | None:
    """Read the last checkpoint if its file is whole."""
    try:
        return desk.last.read()
    except LedgerError:
        return None
