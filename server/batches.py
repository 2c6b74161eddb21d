"""Tell later what became of it: `GET /batches/<id>` and `GET /receipts/<system>/<record id>`."""

from typing import Any

import orjson
from psycopg import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from domain.errors import NotFound
from intake.batches import (
    UnknownBatch,
    UnknownRecord,
    batch,
    receipts_of_batch,
    receipts_of_record,
)
from server.accounting import JSON, NDJSON
from server.call import LINES
from server.house import House
from server.problems import refused
from server.receipts import Spool
from server.seeing import seen


async def show_batch(request: Request) -> Response:
    """Give a batch in numbers and with all its receipts, or only these, one a line."""
    house: House = request.app.state.house
    batch_id = request.path_params["batch"]
    try:
        async with house.pool.connection() as connection:
            found = await batch(connection, batch_id)
            if not await seen(request, connection, "ledger.batches.id", [batch_id]):
                raise UnknownBatch(value=batch_id)
    except NotFound as problem:
        return refused(problem)
    accepted = request.headers.get("accept", "").lower()
    if any(offer.partition(";")[0].strip() in LINES for offer in accepted.split(",")):
        spool = Spool(as_lines=True)
        await _fill(house, batch_id, spool)
        spool.finish()
        return StreamingResponse(spool.pieces(), media_type=NDJSON)
    spool = Spool()
    spool.write(orjson.dumps(found).removesuffix(b"}") + b',"receipts":[')
    await _fill(house, batch_id, spool)
    spool.write(b"]}")
    spool.finish()
    return StreamingResponse(spool.pieces(), media_type=JSON)


async def _fill(house: House, batch_id: str, spool: Spool) -> None:
    """Read all receipts of a batch at once, so that a slow reader holds no connection."""
    async with house.pool.connection() as connection:
        async for receipt in receipts_of_batch(connection, batch_id):
            spool.write_entry(receipt)


async def show_record(request: Request) -> Response:
    """Give what became of a record, each time it came."""
    house: House = request.app.state.house
    system, record = request.path_params["system"], request.path_params["record"]
    try:
        async with house.pool.connection() as connection:
            receipts = await receipts_of_record(connection, f"{system}/{record}")
            receipts = await _told(request, connection, receipts)
            if not receipts:
                raise UnknownRecord(value=f"{system}/{record}")
    except NotFound as problem:
        return refused(problem)
    answer = {"system": system, "record_id": record, "receipts": receipts}
    return Response(orjson.dumps(answer), media_type=JSON)


async def _told(
    request: Request, connection: AsyncConnection[Any], receipts: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Give the receipts that the caller sent, and those of events that the caller sees."""
    events = [str(receipt["event_id"]) for receipt in receipts if "event_id" in receipt]
    batches = [str(receipt["batch_id"]) for receipt in receipts if "batch_id" in receipt]
    told = await seen(request, connection, "ledger.events.id", events)
    own = await seen(request, connection, "ledger.batches.id", batches)
    return [
        receipt
        for receipt in receipts
        if receipt.get("event_id") in told or receipt.get("batch_id") in own
    ]
