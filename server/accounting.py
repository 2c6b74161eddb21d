"""Answer deliveries with their receipts, and see to it that none is left unaccounted for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
import psycopg
from psycopg_pool import PoolTimeout
from starlette.responses import Response, StreamingResponse

from domain.errors import LedgerError, Malformed
from intake.answers import Answered
from intake.batch import Batch
from intake.batches import receipts_of_request
from ledger.reading import head_size
from server.call import Call
from server.problems import problem_document
from server.receipts import Spool

BATCH = 2_000
"""Facts taken in together."""
JSON = "application/json"
NDJSON = "application/x-ndjson"


@asynccontextmanager
async def accounted(batch: Batch, unsent: Spool | None = None) -> AsyncIterator[None]:
    """Keep the receipts of what was taken in before something failed; send none of the `unsent`."""
    try:
        yield
    except BaseException:
        if unsent is not None:
            unsent.close()
        if batch.rows and not batch.ended:
            with suppress(LedgerError, psycopg.Error, PoolTimeout):
                await asyncio.shield(batch.end("broken"))
        raise


async def answer(call: Call, spool: Spool) -> Response:
    """Answer with the batch, the position to wait for and all receipts."""
    position = await remembered(call)
    return _answered(call, spool, _beginning(_batch(call), position))


def answer_unreadable(call: Call, spool: Spool, problem: Malformed) -> Response:
    """Answer that nothing was an event at all: the first problem, and the receipt of each part.

    Nothing was taken in that a key would have to keep from being taken in twice.
    """
    named = b'"batch_id":%b,' % orjson.dumps(call.batch.id)
    told = orjson.dumps(problem_document(problem)).removesuffix(b"}")
    response = _answered(call, spool, b'%b,%b"receipts":[' % (told, named))
    response.status_code = 400
    return response


def _batch(call: Call) -> str | None:
    """Give the id of the batch; what brought nothing is none that anybody could ask for later."""
    return call.batch.id if call.batch.rows else None


def _answered(call: Call, spool: Spool, beginning: bytes) -> Response:
    """Answer with a document whose receipts are all there."""
    spool.finish()
    whole = spool.taken()
    if whole is not None:
        body = b"".join((beginning, whole, b"]}"))
        return Response(body, media_type=JSON, headers=_named(_batch(call)))
    return _document(_batch(call), beginning, spool.pieces())


async def remembered(call: Call) -> int:
    """Remember how the request was answered, if it has a key; give the position to wait for."""
    batch, house = call.batch, call.house
    position = batch.position
    if not position:
        async with house.pool.connection() as connection:
            position = await head_size(connection)
    if call.key is not None:
        known = Answered(call.digest, batch.id if batch.rows else "", batch.request, position)
        await house.answers.remember(batch.grant.actor.id, call.key, known)
    return position


async def answer_again(call: Call, known: Answered) -> Response:
    """Answer a request as it was answered the first time."""
    spool = Spool(as_lines=call.wants_lines)
    async with call.house.pool.connection() as connection:
        async for receipt in receipts_of_request(connection, known.request):
            spool.write_entry(receipt)
    spool.finish()
    if call.wants_lines:
        return StreamingResponse(
            spool.pieces(), media_type=NDJSON, headers={"Ledger-Batch": known.batch}
        )
    batch = known.batch or None
    return _document(batch, _beginning(batch, known.position), spool.pieces())


def _document(batch: str | None, beginning: bytes, receipts: AsyncIterator[bytes]) -> Response:
    """Answer with one JSON object whose receipts may be many."""

    async def pieces() -> AsyncIterator[bytes]:
        yield beginning
        async for piece in receipts:
            yield piece
        yield b"]}"

    return StreamingResponse(pieces(), media_type=JSON, headers=_named(batch))


def _beginning(batch: str | None, position: int) -> bytes:
    """Begin an answer, before its receipts."""
    named = b'"batch_id":%b,' % orjson.dumps(batch) if batch else b""
    return b'{%b"position":%d,"receipts":[' % (named, position)


def _named(batch: str | None) -> dict[str, str]:
    """Name the batch in the headers."""
    return {"Ledger-Batch": batch} if batch else {}
