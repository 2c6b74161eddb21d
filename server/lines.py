"""Take in lines while they arrive, however many there are, in constant memory.

A sender that accepts lines is answered line by line while it still sends; the receipts of one that
does not read them meanwhile wait in a file.
"""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Self

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.errors import LedgerError, Malformed
from domain.receipt import Receipt
from intake.batch import Begun
from intake.lines import LineSplitter
from intake.stretches import Stretch, Stretches
from intake.unread import read_where_needed
from server.accounting import BATCH, NDJSON, accounted, answer, answer_unreadable, remembered
from server.body import SlowSender
from server.call import Call
from server.problems import problem_document, refused, unreadable
from server.receipts import Spool


async def lines_answered(call: Call, held: ExitStack) -> Response:
    """Take lines in; what is held goes with the end of the answer. Raises Malformed."""
    if call.wants_lines:
        return _WhileReading(call, held.pop_all())
    reading = _Reading.of(call, Spool(as_lines=False))
    async with accounted(call.batch, reading.spool):
        await reading.all()
        reading.check()
        if reading.unreadable is not None:
            return answer_unreadable(call, reading.spool, reading.unreadable)
        return await answer(call, reading.spool)


@dataclass(slots=True)
class _Reading:
    """The lines of one request and their receipts.

    While some lines are committed, the next ones are read and checked; of a long request by another
    process, which has them a stretch ahead.
    """

    call: Call
    spool: Spool
    stretches: Stretches
    unreadable: Malformed | None = None
    _readable: bool = False
    _splitter: LineSplitter = field(default_factory=LineSplitter)
    _committing: asyncio.Task[list[Receipt]] | None = None

    @classmethod
    def of(cls, call: Call, spool: Spool) -> Self:
        """Read the lines of a call."""
        batch = call.batch
        request_id = batch.request_id or batch.request
        stretches = Stretches(call.house.checker, batch.grant.actor, request_id, batch.id)
        return cls(call, spool, stretches)

    async def all(self) -> None:
        """Read to the end. Raises SlowSender and ClientDisconnect, all whole lines accounted."""
        lines = list[bytes | Malformed]()
        try:
            async for piece in self.call.body.pieces():
                lines.extend(self._splitter.feed(piece))
                while len(lines) >= BATCH or (lines and not piece):
                    await self._begin(lines[:BATCH])
                    del lines[:BATCH]
                if not piece:
                    await self._answered()
            lines.extend(self._splitter.end())
        except (ClientDisconnect, SlowSender):
            await self._begin(lines)
            await self._answered()
            raise
        finally:
            # Whatever goes wrong elsewhere, what was begun comes to its end and is accounted.
            await self._settled()
        await self._begin(lines)
        await self._answered()
        if self.call.batch.rows:
            await self.call.batch.end("complete", self.call.body.sha256)

    async def _begin(self, lines: Sequence[bytes | Malformed]) -> None:
        """Have some lines checked, and take in those that are next."""
        if lines:
            for stretch in self.stretches.after(lines):
                await self._take(stretch)

    async def _take(self, stretch: Stretch) -> None:
        """Have some lines committed once those before them are."""
        found = await stretch.found()
        batch = self.call.batch
        arrived = read_where_needed(stretch.lines, found, batch.grant)
        begun = await batch.begin(arrived, found)
        self._readable = self._readable or begun.unreadable is None
        self.unreadable = None if self._readable else self.unreadable or begun.unreadable
        await self._committed()
        self._committing = asyncio.create_task(self._complete(begun))

    async def _answered(self) -> None:
        """Take in all lines that were read, and answer them."""
        for stretch in self.stretches.rest():
            await self._take(stretch)
        await self._committed()

    async def _complete(self, begun: Begun) -> list[Receipt]:
        """Commit some lines and keep their receipts."""
        with self.call.house.pressure.counted():
            return await self.call.batch.complete(begun)

    async def _committed(self) -> None:
        """Wait for the lines that are being committed, and answer them."""
        if self._committing is not None:
            receipts = await asyncio.shield(self._committing)
            self._committing = None
            self.spool.write_receipts(receipts)

    async def _settled(self) -> None:
        """Let lines whose receipts nobody waits for come to their end."""
        if self._committing is not None:
            await asyncio.wait({self._committing})

    def check(self) -> None:
        """Refuse a request without a single line. Raises Malformed."""
        if not self.call.batch.rows:
            raise Malformed(code="empty_body", cure="Send one CloudEvent a line.")


class _WhileReading(Response):
    """Answers line by line while the request is still being read."""

    def __init__(self, call: Call, held: ExitStack) -> None:
        """Give back what is held when all has been answered."""
        super().__init__(media_type=NDJSON, headers={"Ledger-Batch": call.batch.id})
        del self.headers["content-length"]
        self._call = call
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read and answer at the same time."""
        with self._held, closing(Spool(as_lines=True)) as spool:
            reading = asyncio.create_task(self._read(spool))
            try:
                if await spool.anything():
                    await self._send(spool, send)
                    await reading
                else:
                    await (await reading)(scope, receive, send)
            finally:
                reading.cancel()

    async def _read(self, spool: Spool) -> Response:
        """Read all; give what is to be answered if nothing could be taken in."""
        reading = _Reading.of(self._call, spool)
        try:
            async with accounted(self._call.batch):
                await reading.all()
            if reading.call.batch.rows:
                await remembered(self._call)
            else:
                reading.check()
        except Malformed as problem:
            return unreadable(problem)
        except LedgerError as problem:
            if spool.began:
                spool.write(orjson.dumps(problem_document(problem)) + b"\n")
            return refused(problem)
        except ClientDisconnect:
            return Response(status_code=400)
        finally:
            spool.finish()
        return Response(status_code=400)

    async def _send(self, spool: Spool, send: Send) -> None:
        """Send the receipts as they come about."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async for piece in spool.pieces():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
