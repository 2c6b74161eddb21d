"""Tell later what became of it: `GET /batches/<id>` and `GET /receipts/<system>/<record id>`."""

from collections.abc import AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from domain.errors import NotFound
from intake.batches import batch, receipts_of_batch, receipts_of_record
from server.accounting import JSON, NDJSON
from server.call import LINES
from server.house import House
from server.problems import refused


async def show_batch(request: Request) -> Response:
    """Give a batch in numbers and with all its receipts, or only these, one a line."""
    house: House = request.app.state.house
    batch_id = request.path_params["batch"]
    try:
        async with house.pool.connection() as connection:
            found = await batch(connection, batch_id)
    except NotFound as problem:
        return refused(problem)
    accepted = request.headers.get("accept", "").lower()
    if any(offer.partition(";")[0].strip() in LINES for offer in accepted.split(",")):
        return StreamingResponse(_lines(house, batch_id), media_type=NDJSON)
    return StreamingResponse(_document(house, batch_id, orjson.dumps(found)), media_type=JSON)


async def show_record(request: Request) -> Response:
    """Give what became of a record, each time it came."""
    house: House = request.app.state.house
    system, record = request.path_params["system"], request.path_params["record"]
    try:
        async with house.pool.connection() as connection:
            receipts = await receipts_of_record(connection, f"{system}/{record}")
    except NotFound as problem:
        return refused(problem)
    answer = {"system": system, "record_id": record, "receipts": receipts}
    return Response(orjson.dumps(answer), media_type=JSON)


async def _lines(house: House, batch_id: str) -> AsyncIterator[bytes]:
    """Give the receipts of a batch, one a line."""
    async with house.pool.connection() as connection:
        async for receipt in receipts_of_batch(connection, batch_id):
            yield orjson.dumps(receipt) + b"\n"


async def _document(house: House, batch_id: str, numbers: bytes) -> AsyncIterator[bytes]:
    """Add the receipts of a batch, however many, to its numbers."""
    yield numbers.removesuffix(b"}") + b',"receipts":['
    async with house.pool.connection() as connection:
        async for receipt in receipts_of_batch(connection, batch_id):
            yield (b"," if receipt["index"] else b"") + orjson.dumps(receipt)
    yield b"]}"
