"""Hand out evidence: close the history of a project if need be, sign, and write the bundle."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from intake.grant import Grant
from ledger.checkpoints import Signed, last_signed
from ledger.evidence.bundle import write_bundle
from ledger.evidence.collect import Collection, Scope, covering_snapshot, stored_events
from ledger.evidence.container import TargetTaken
from ledger.export import NothingToExport
from ledger.key_file import KeyFile
from ledger.key_place import keys_of
from ledger.last_checkpoint import StateMoved
from ledger.person_names import handed_out
from ledger.publication import NoSuchEvent, root_at
from ledger.reading import head_size
from ledger.signing import MissingKey
from ledger.stream_heads import heads_root, stream_heads
from server.administration import record
from server.house import House
from server.operator import OPERATOR
from server.settings import Settings
from server.signer import desk_of
from server.witnessing import Witnessing


async def hand_out(
    house: House, target: Path, scope: Scope, *, with_names: bool, grant: Grant = OPERATOR
) -> dict[str, Any]:
    """Write a bundle and say what is in it; names leave on the word of the grant's actor.

    Raises TargetTaken, NoSuchEvent, CannotSign and NotRecorded.
    """
    await prepare(house, target, scope, with_names=with_names, grant=grant)
    given = (house.settings, house.conninfo, target, scope)
    return await asyncio.to_thread(write, *given, with_names=with_names)


async def prepare(
    house: House, target: Path, scope: Scope, *, with_names: bool, grant: Grant = OPERATOR
) -> None:
    """Record what must be recorded before a bundle is written.

    Raises TargetTaken, NoSuchEvent and NotRecorded.
    """
    await asyncio.to_thread(_refuse_taken, target)
    if with_names:
        await _record_names(house, scope, grant)
    if scope.stream is not None and not await asyncio.to_thread(_is_closed, house, scope.stream):
        await _close(house)


def _refuse_taken(target: Path) -> None:
    """Refuse a target before anything is recorded. Raises TargetTaken."""
    if target.exists():
        raise TargetTaken(value=target)


async def _record_names(house: House, scope: Scope, grant: Grant) -> None:
    """Record that names leave the ledger, before they do."""

    def count() -> tuple[int, int]:
        with psycopg.connect(house.conninfo, autocommit=True) as connection:
            size = head_size(connection)
            events = stored_events(connection, scope, size)
            identifiers = [each.event.id for each in events]
            return size, len(handed_out(connection, keys_of(connection), identifiers))

    size, names = await asyncio.to_thread(count)
    payload = {"form": "bundle", "scope": scope.name, "size": size, "names": names}
    name = f"sealed-parts-{uuid4()}"
    await record(house, "SealedPartsExported", payload, record_id=name, grant=grant)


def _is_closed(house: House, stream: str) -> bool:
    """Tell whether a snapshot of all streams covers the last version of one."""
    with psycopg.connect(house.conninfo, autocommit=True) as connection:
        return covering_snapshot(connection, stream, head_size(connection)) is not None


async def _close(house: House) -> None:
    """Record the last versions of all streams as they are now."""

    def heads(size: int) -> dict[str, Any]:
        with psycopg.connect(house.conninfo, autocommit=True) as connection:
            found = stream_heads(connection, size)
        return {"streams": len(found), "heads_root": heads_root(found).hex()}

    async with house.pool.connection() as connection:
        size = await head_size(connection)
        root = await root_at(connection, size)
    payload = {"size": size, "root": root.hex(), **await asyncio.to_thread(heads, size)}
    await record(house, "StreamHeads", payload, record_id=f"stream-heads-at-{size}")


def write(
    settings: Settings, conninfo: str, target: Path, scope: Scope, *, with_names: bool
) -> dict[str, Any]:
    """Sign what there is and write the bundle under that checkpoint.

    It takes long of a large ledger, and a thread cannot be told to stop. Raises CannotSign and
    NoSuchEvent.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        signed = _signed(settings, connection)
        # What witnesses say of it goes with it; none is waited for that is down.
        Witnessing(settings, conninfo).round(connection)
        signer = KeyFile(settings.signing_key).load()
        if signer is None:
            raise MissingKey(value=settings.signing_key)
        collection = Collection(connection, scope, signed, with_names=with_names)
        _refuse_unknown(scope, collection)
        files = write_bundle(target, scope.name, signed, signer, collection.files())
    return {
        "bundle": str(target),
        "scope": scope.name,
        "size": signed.checkpoint.size,
        "events": len(collection.events),
        "files": files,
        "names": None if collection.names is None else len(collection.names),
        "verifier_key": signed.verifier.text,
    }


def _refuse_unknown(scope: Scope, collection: Collection) -> None:
    """Refuse ids that no event has. Raises NoSuchEvent."""
    known = {stored.event.id for stored in collection.events}
    for wanted in scope.events:
        if wanted not in known:
            raise NoSuchEvent(value=wanted)


def _signed(settings: Settings, connection: psycopg.Connection[Any]) -> Signed:
    """Sign the head and give the last checkpoint. Raises CannotSign and NothingToExport."""
    while True:
        try:
            desk_of(settings).sign(connection)
        except StateMoved:
            # The server signed in between; what it signed will do if it covers the head.
            continue
        break
    signed = last_signed(connection)
    if signed is None:
        raise NothingToExport
    return signed
