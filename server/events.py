"""Receive facts over HTTP: `POST /events` with CloudEvents in all their forms."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import IO

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from domain.errors import Malformed
from domain.receipt import Receipt
from intake.cloudevents import read_binary, read_document, read_lines
from intake.delivery import Parsed
from intake.grant import Grant
from intake.intake import Intake
from intake.lines import LineSplitter
from ledger.reading import head_size
from server.bearer import granted, unauthorized
from server.house import House

BATCH = 2_000
IN_MEMORY = 4 * 2**20
DOCUMENTS = frozenset(
    {
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
    }
)
LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


class Oversized(Exception):
    """The body is longer than this server reads at once."""


async def receive_events(request: Request) -> Response:
    """Take in what the body holds and answer with one receipt a fact."""
    house: House = request.app.state.house
    grant = await granted(request)
    if grant is None:
        return unauthorized()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type in LINES:
        return await _lines(request, house, grant)
    if "ce-specversion" not in request.headers and media_type not in DOCUMENTS:
        return _unsupported(media_type)
    try:
        body = await _body(request, house.settings.largest_body)
        parsed = _parsed(request, body)
    except Oversized:
        return _too_large(house.settings.largest_body)
    except Malformed as problem:
        return unreadable(problem)
    with _answering(request, house, grant) as answer:
        while batch := list(islice(parsed, BATCH)):
            await answer.take(batch)
        return await answer.response(house)


def _parsed(request: Request, body: bytes) -> Iterator[Parsed]:
    """Read the facts of a body that is at hand. Raises Malformed if nothing can be read."""
    if "ce-specversion" in request.headers:
        return iter([read_binary(request.headers, body)])
    return read_document(body)


async def _lines(request: Request, house: House, grant: Grant) -> Response:
    """Take in lines while they arrive, however many there are, in constant memory."""
    splitter = LineSplitter()
    lines: list[bytes | Malformed] = []
    try:
        with _answering(request, house, grant) as answer:
            async for piece in request.stream():
                lines.extend(splitter.feed(piece))
                if len(lines) >= BATCH:
                    await answer.take_lines(lines)
                    lines = []
            lines.extend(splitter.end())
            await answer.take_lines(lines)
            answer.check()
            return await answer.response(house)
    except Malformed as problem:
        return unreadable(problem)


@contextmanager
def _answering(request: Request, house: House, grant: Grant) -> Iterator["_Answer"]:
    """Gather receipts; throw them away if the answer is another one in the end."""
    answer = _Answer(house.intake, grant, request.headers.get("x-request-id"))
    try:
        yield answer
    except BaseException:
        answer.close()
        raise


class _Answer:
    """The receipts of one request; those of a long stream wait in a file, not in memory."""

    def __init__(self, intake: Intake, grant: Grant, request_id: str | None) -> None:
        """Take in facts under a grant."""
        self._intake = intake
        self._grant = grant
        self._request_id = request_id[:100] if request_id else None
        self._receipts: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by the answer
        self._count = 0
        self._position = 0
        self._readable = 0
        self._problem: Malformed | None = None

    async def take(self, parsed: Sequence[Parsed]) -> None:
        """Take in some facts and remember their receipts."""
        receipts = await self._intake.receive(parsed, self._grant, request_id=self._request_id)
        for receipt in receipts:
            self._write(receipt)
        # What is all refused never waits for the database; others may be served in between.
        await asyncio.sleep(0)

    async def take_lines(self, lines: Sequence[bytes | Malformed]) -> None:
        """Take in facts, one a line."""
        parsed = list(read_lines(lines))
        problems = [fact for fact in parsed if isinstance(fact, Malformed)]
        if problems and self._problem is None:
            self._problem = problems[0]
        self._readable += len(parsed) - len(problems)
        await self.take(parsed)

    def check(self) -> None:
        """Refuse the whole request if not one line could be read. Raises Malformed."""
        if not self._readable:
            raise self._problem or Malformed(code="empty_body", cure="Send one CloudEvent a line.")

    def close(self) -> None:
        """Throw the receipts away."""
        self._receipts.close()

    def _write(self, receipt: Receipt) -> None:
        """Remember one receipt."""
        self._receipts.write(b"," if self._count else b"")
        self._receipts.write(orjson.dumps(receipt.as_json(self._count)))
        self._position = max(self._position, receipt.position or 0)
        self._count += 1

    async def response(self, house: House) -> Response:
        """Answer with the position to wait for and all receipts."""
        if not self._position:
            async with house.pool.connection() as connection:
                self._position = await head_size(connection)
        return StreamingResponse(self._pieces(), media_type="application/json")

    async def _pieces(self) -> AsyncIterator[bytes]:
        """Give the answer piece by piece."""
        yield b'{"position":%d,"receipts":[' % self._position
        try:
            self._receipts.seek(0)
            while piece := self._receipts.read(2**16):
                yield piece
            yield b"]}"
        finally:
            self._receipts.close()


async def _body(request: Request, largest: int) -> bytes:
    """Read a body that is not too long. Raises Oversized."""
    pieces = bytearray()
    async for piece in request.stream():
        pieces += piece
        if len(pieces) > largest:
            raise Oversized
    return bytes(pieces)


def unreadable(problem: Malformed) -> Response:
    """Answer that nothing could be read."""
    return JSONResponse(problem_document(problem), 400)


def problem_document(problem: Malformed) -> dict[str, str | None]:
    """Write a problem as JSON."""
    return {
        "code": problem.code,
        "field": problem.field,
        "value": problem.value,
        "cure": problem.cure,
    }


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


def _unsupported(media_type: str) -> Response:
    """Answer that the content type is none of ours."""
    return JSONResponse(
        {
            "code": "unsupported_media_type",
            "field": "content-type",
            "value": media_type,
            "cure": f"Send {', '.join(sorted(DOCUMENTS))} or application/x-ndjson.",
        },
        415,
    )
