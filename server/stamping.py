"""Have an outside authority stamp the last checkpoint, and record its token as an event."""

import asyncio
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import httpx2
import psycopg

from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint
from ledger.note import Note
from ledger.time_token import BadToken, TimeToken, question, roots_in
from server.administration import record
from server.house import House
from server.signer import desk_of

_SECONDS = 20.0
_QUERY = "application/timestamp-query"


class NoAuthority(LedgerError):
    """The time authority {value} does not answer: {reason}."""

    code = "no_authority"
    cure = "Try again later; facts go on being recorded meanwhile."


async def stamp(house: House, authority: str, root: Path) -> datetime:
    """Sign the head, have it stamped, check the token and record it.

    Raises NoAuthority, BadToken, CannotSign and NotRecorded.
    """
    roots = roots_in(root)
    note = await asyncio.to_thread(_signed, house)
    if note is None:
        raise BadToken(reason="there is nothing to stamp; the ledger is empty")
    asked = question(note.written)
    token = TimeToken(await _answer(authority, asked.data))
    stamped_at = token.check(asked.digest, roots, asked.nonce)
    checkpoint = Checkpoint.of(note)
    payload = {
        "authority": authority,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "checkpoint_sha256": sha256(note.written.encode()).hexdigest(),
        "stamped_at": stamped_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "token": token.text,
    }
    await record(
        house, "TimeTokenReceived", payload, record_id=f"time-token-{asked.digest.hex()[:32]}"
    )
    return stamped_at


def _signed(house: House) -> Note | None:
    """Sign what has not been signed, and give the last checkpoint."""
    desk = desk_of(house.settings)
    with psycopg.connect(house.conninfo, autocommit=True) as connection:
        desk.sign(connection)
    return desk.last.read()


async def _answer(authority: str, data: bytes) -> bytes:
    """Ask the authority. Raises NoAuthority."""
    try:
        async with httpx2.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.post(authority, content=data, headers={"Content-Type": _QUERY})
            answer.raise_for_status()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NoAuthority(value=authority, reason=error) from error
    return bytes(answer.content)
