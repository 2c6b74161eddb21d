"""Receive facts over HTTP: `POST /events` with CloudEvents in all their forms."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from domain.errors import LedgerError, Malformed
from intake.answers import Answered, KeyReused, checked_key
from intake.batch import Batch, checked_batch_id
from intake.cloudevents import read_binary, read_document
from intake.delivery import Parsed
from intake.grant import Grant
from server.accounting import BATCH, accounted, answer, answer_again
from server.bearer import granted, unauthorized
from server.body import Body
from server.call import DOCUMENTS, LINES, Call
from server.exports.options import refuse_unknown
from server.forms import OtherType, check_letters, check_uncompressed
from server.house import House
from server.lines import lines_answered
from server.problems import refused, unreadable
from server.receipts import Spool

_KNOWN = frozenset({"lang"})


class Oversized(Exception):
    """The body is longer than this server reads at once."""


async def receive_events(request: Request) -> Response:
    """Take in what the body holds and answer with one receipt a fact."""
    house: House = request.app.state.house
    grant = await granted(request)
    if grant is None:
        house.denials.note("deliver", "unauthorized", None, "POST /events")
        return unauthorized()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        _check_form(request, media_type)
        house.pressure.check()
        call = await _call(request, house, grant, media_type)
        return await (_once(call) if call.key is None else _under_key(call, call.key))
    except Oversized:
        return _too_large(house.settings.largest_body)
    except Malformed as problem:
        return unreadable(problem)
    except LedgerError as problem:
        return refused(problem)


def _check_form(request: Request, media_type: str) -> None:
    """Check that the request says nothing that would not be understood.

    A sender who asks for a trial run, say, must not find that everything was recorded. Raises
    Malformed and UnreadForm.
    """
    refuse_unknown(request.query_params, _KNOWN)
    if media_type not in LINES | DOCUMENTS and "ce-specversion" not in request.headers:
        known = f"{', '.join(sorted(DOCUMENTS))} or application/x-ndjson"
        raise OtherType(value=media_type, known=known)
    check_uncompressed(request)
    check_letters(request)


async def _call(request: Request, house: House, grant: Grant, media_type: str) -> Call:
    """Put together what one request is about. Raises Malformed and BatchOfAnother."""
    key = request.headers.get("idempotency-key")
    request_id = request.headers.get("x-request-id")
    batch = Batch(house.intake, house.book, grant, request_id=request_id and request_id[:100])
    chosen = request.headers.get("ledger-batch")
    if chosen is not None:
        batch.id = checked_batch_id(chosen.strip())
        await house.book.check_owner(batch.id, grant.actor.id)
    body = Body(request, patience_seconds=house.settings.sender_patience_seconds)
    return Call(request, house, batch, body, media_type, None if key is None else checked_key(key))


async def _under_key(call: Call, key: str) -> Response:
    """Take the request in once, however often it comes with its key. Raises KeyReused."""
    actor = call.batch.grant.actor.id
    with ExitStack() as held:
        held.enter_context(call.house.answers.using(actor, key))
        known = await call.house.answers.find(actor, key)
        if known is None:
            response = await _once(call, held)
        else:
            async for _ in call.body.pieces():
                pass
            response = await _again(call, known)
        return response


async def _again(call: Call, known: Answered) -> Response:
    """Answer what was answered before. Raises KeyReused."""
    if call.digest != known.digest:
        raise KeyReused(value=call.key)
    return await answer_again(call, known)


async def _once(call: Call, held: ExitStack | None = None) -> Response:
    """Take the request in, whatever form it has; what is held goes with the end of the answer."""
    if call.media_type in LINES:
        return await lines_answered(call, held or ExitStack())
    house = call.house
    with house.pressure.holding() as bodies:
        body = bytearray()
        async for piece in call.body.pieces():
            bodies.add(len(piece))
            body += piece
            if len(body) > house.settings.largest_body:
                raise Oversized
        return await _document(call, _parsed(call.request, bytes(body)))


async def _document(call: Call, parsed: Iterator[Parsed]) -> Response:
    """Take in the facts of a body that is at hand."""
    spool = Spool()
    batch = call.batch
    async with accounted(batch, spool):
        part = list(islice(parsed, BATCH))
        while part:
            following = list(islice(parsed, BATCH))
            with call.house.pressure.counted():
                spool.write_receipts(
                    await batch.take(part, last=not following, sha256=call.body.sha256)
                )
            part = following
    return await answer(call, spool)


def _parsed(request: Request, body: bytes) -> Iterator[Parsed]:
    """Read the facts of a body that is at hand. Raises Malformed if nothing can be read."""
    if "ce-specversion" in request.headers:
        return iter([read_binary(request.headers, body)])
    if not body.strip():
        raise Malformed(
            code="empty_body", cure="Send one CloudEvent as a JSON object, or several as an array."
        )
    return read_document(body)


def _too_large(largest: int) -> Response:
    """Answer that the body is too long."""
    return JSONResponse(
        {
            "code": "body_too_large",
            "field": "body",
            "value": f"more than {largest} bytes",
            "cure": "Send fewer events at a time, or any number as application/x-ndjson.",
        },
        413,
    )
