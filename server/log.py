"""Publish the ledger as a transparency log (C2SP tlog-tiles), with proofs for convenience.

Whoever trusts nobody takes checkpoint, tiles and entries and makes every
proof alone; `/proofs` saves that work to those who only ask about one event.
"""

from base64 import b64encode
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from domain.errors import Malformed, NotFound
from ledger.checkpoints import last_signed
from ledger.cosignatures import cosigned_note, cosigners
from ledger.publication import NoSuchEvent, continued, proven
from ledger.tiles import NoSuchTile, Tile, read_entries, read_index_path, read_tiles
from server.bearer import refused_whole
from server.house import House
from server.seeing import seen

DEEPEST = 7
_LEVELS = frozenset(map(str, range(DEEPEST + 1)))
FURTHEST = 1 << 54
# Below 2**53, which every reader of JSON can hold.
_MOST_DIGITS = 15
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_SECONDS = {"Cache-Control": "public, max-age=1"}
_BYTES = "application/octet-stream"


class NothingSigned(NotFound):
    """No checkpoint has been signed yet."""

    code = "nothing_signed"
    cure = "Append a fact and wait a second; /health says if the ledger refuses to sign."


def log_routes() -> list[Route]:
    """List what is published at which path."""
    return [
        Route("/checkpoint", _checkpoint),
        Route("/tile/entries/{place:path}", _entries),
        Route("/tile/{level}/{place:path}", _tile),
        Route("/proofs/events/{event}", _event_proof),
        Route("/proofs/consistency", _consistency),
    ]


async def _checkpoint(request: Request) -> Response:
    """Give the last signed checkpoint, with the cosignatures that it has so far."""
    async with _connection(request) as connection:
        signed = await last_signed(connection)
        if signed is None:
            raise NothingSigned
        told = signed.checkpoint
        note = cosigned_note(signed, await cosigners(connection, told.origin, told.size))
    return PlainTextResponse(note, headers=_SECONDS)


async def _tile(request: Request) -> Response:
    """Give a tile of hashes."""
    level, place = request.path_params["level"], request.path_params["place"]
    if level not in _LEVELS:
        raise NoSuchTile(value=f"{level}/{place}")
    number, width = read_index_path(place)
    tile = Tile(int(level), number, width)
    found = {}
    if number < FURTHEST:
        async with _connection(request) as connection:
            found = await read_tiles(connection, [tile])
    if tile not in found:
        raise NoSuchTile(value=f"{level}/{place}")
    return Response(found[tile], media_type=_BYTES, headers=_FOREVER)


async def _entries(request: Request) -> Response:
    """Give the stored events of a tile, byte by byte; they may be about any region."""
    refusal = refused_whole(request, "entries")
    if refusal is not None:
        return refusal
    place = request.path_params["place"]
    number, width = read_index_path(place)
    data = b""
    if number < FURTHEST:
        async with _connection(request) as connection:
            data = await read_entries(connection, number, width)
    if not data:
        raise NoSuchTile(value=f"entries/{place}")
    return Response(data, media_type=_BYTES, headers=_FOREVER)


async def _event_proof(request: Request) -> Response:
    """Give the proof of one event as a file, to be checked without us."""
    event = request.path_params["event"].removesuffix(".tlog-proof")
    try:
        identifier = str(UUID(event))
    except ValueError as error:
        raise Malformed(
            code="invalid_value", field="event", value=event, cure="Name the event by its id."
        ) from error
    async with _connection(request) as connection:
        if not await seen(request, connection, "ledger.events.id", [identifier]):
            raise NoSuchEvent(value=identifier)
        found = await proven(connection, identifier)
    return PlainTextResponse(found.file.written)


async def _consistency(request: Request) -> Response:
    """Prove that one size of the tree continues another."""
    old, new = _size(request, "from"), _size(request, "to")
    async with _connection(request) as connection:
        found = await continued(connection, old, new)
    return JSONResponse(
        {
            "from": found.old,
            "to": found.new,
            "from_root": b64encode(found.old_root).decode(),
            "to_root": b64encode(found.new_root).decode(),
            "hashes": [b64encode(part).decode() for part in found.hashes],
        }
    )


def _connection(request: Request) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
    """Borrow a connection to read with."""
    house: House = request.app.state.house
    return house.pool.connection()


def _size(request: Request, name: str) -> int:
    """Read a size from the query string. Raises Malformed."""
    text = request.query_params.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise Malformed(
            code="invalid_value",
            field=name,
            value=text,
            cure="Give both sizes as whole numbers: ?from=100&to=200.",
        )
    return int(text)
