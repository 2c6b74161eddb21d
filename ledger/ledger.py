"""The ledger as its callers know it: append facts, each with its own receipt.

Appends that come at the same time are committed together, since waiting for
the disk is what an append costs. A receipt is given only for what is durable.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import psycopg
from psycopg import AsyncConnection

from domain.draft import Draft
from domain.errors import Refused, shortened
from domain.receipt import Receipt, Status
from ledger.clock import Clock, Timekeeper, utc_now
from ledger.reading import events_after
from ledger.unavailable import Closed, Unavailable
from ledger.writer import Writer

# One transaction holds at most so many facts, so that nobody waits long behind another.
_LARGEST_GROUP = 5_000
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0
_PROGRAM_LIMIT_EXCEEDED = "54"


class NotReplayed(Refused):
    """Only a ledger that was opened with a replayed clock takes recorded times from outside."""

    code = "not_replayed"
    cure = "Begin an empty ledger with LedgerOpened, clock: replayed."


@dataclass(slots=True)
class _Request:
    """One caller's facts and where their receipts are awaited."""

    drafts: Sequence[Draft]
    receipts: asyncio.Future[list[Receipt]]


class Ledger:
    """Appends facts, together with whoever else appends at the moment."""

    def __init__(self, conninfo: str, timekeeper: Timekeeper, *, patience_seconds: float) -> None:
        """Prepare a ledger; `open` gives a working one."""
        self._conninfo = conninfo
        self._timekeeper = timekeeper
        self._patience_seconds = patience_seconds
        self._writer: Writer | None = None
        self._waiting: deque[_Request] = deque()
        self._awake = asyncio.Event()
        self._closed = False
        self._must_open_replayed = False
        self._serving: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        conninfo: str,
        *,
        clock: Clock = utc_now,
        replayed: bool = False,
        patience_seconds: float = 30.0,
    ) -> "Ledger":
        """Open the ledger of a migrated database.

        With `replayed` each draft is recorded at its own time; raises
        NotReplayed if the ledger did not begin that way. A lost database is
        waited for as long as the patience lasts.
        """
        timekeeper = Timekeeper(clock, replayed=replayed)
        ledger = cls(conninfo, timekeeper, patience_seconds=patience_seconds)
        if replayed:
            ledger._must_open_replayed = await _is_empty_or_replayed(conninfo)
        ledger._writer = await Writer.open(conninfo)
        ledger._serving = asyncio.create_task(ledger._serve())
        return ledger

    async def close(self) -> None:
        """Answer what was asked, then close."""
        self._closed = True
        self._awake.set()
        if self._serving is not None:
            await self._serving
        await self._disconnect()

    async def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Append facts in their order and return a receipt for each once all are durable.

        Each fact stands for itself: one that is refused keeps none of its
        neighbours out. Raises Unavailable when the database stays away, Closed
        and ClockBehind; the first groups of many facts may be durable then.
        """
        if self._must_open_replayed and drafts:
            self._must_open_replayed = not _opens_replayed(drafts[0].kind, drafts[0].body)
            if self._must_open_replayed:
                raise NotReplayed
        receipts: list[Receipt] = []
        for start in range(0, len(drafts), _LARGEST_GROUP):
            receipts += await self._ask(drafts[start : start + _LARGEST_GROUP])
        return receipts

    def _ask(self, drafts: Sequence[Draft]) -> asyncio.Future[list[Receipt]]:
        """Queue one group's worth of facts. Raises Closed."""
        # Asked for each group: nobody serves the ones that come after closing.
        if self._closed:
            raise Closed
        request = _Request(drafts, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        self._awake.set()
        return request.receipts

    async def _serve(self) -> None:
        """Commit group after group until closed and nobody waits."""
        while requests := await self._next_group():
            try:
                await self._answer(requests)
            except Exception as error:  # noqa: BLE001 - a fault must reach those who wait, and only them
                await self._disconnect()
                for request in requests:
                    if not request.receipts.done():
                        request.receipts.set_exception(error)

    async def _next_group(self) -> list[_Request]:
        """Wait for requests and take those that fit into one transaction."""
        if self._waiting:
            # Those answered just now may ask again before the next group leaves.
            await asyncio.sleep(0)
        while not self._waiting:
            if self._closed:
                return []
            self._awake.clear()
            await self._awake.wait()
        requests = [self._waiting.popleft()]
        size = len(requests[0].drafts)
        while self._waiting and size + len(self._waiting[0].drafts) <= _LARGEST_GROUP:
            requests.append(self._waiting.popleft())
            size += len(requests[-1].drafts)
        return requests

    async def _answer(self, requests: Sequence[_Request]) -> None:
        """Commit requests together, or each by itself if the database refuses them together."""
        drafts = [draft for request in requests for draft in request.drafts]
        try:
            receipts = iter(await self._commit(drafts))
        except psycopg.Error:
            for request in requests:
                _give(request, await self._commit_parts(request.drafts))
        else:
            for request in requests:
                _give(request, [next(receipts) for _ in request.drafts])

    async def _commit_parts(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Commit all but the facts that the database refuses, found by halving."""
        try:
            return await self._commit(drafts)
        except psycopg.Error as error:
            if len(drafts) == 1:
                return [_refused(error)]
        middle = len(drafts) // 2
        return [
            *await self._commit_parts(drafts[:middle]),
            *await self._commit_parts(drafts[middle:]),
        ]

    async def _commit(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Commit, reconnecting while the database is away.

        Raises psycopg.Error only for facts that the database refuses, and
        Unavailable when patience ends. After a broken connection nobody knows whether the
        commit took place; the facts' identities tell.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._patience_seconds
        pause, resumed = _FIRST_PAUSE_SECONDS, False
        while True:
            try:
                if self._writer is None:
                    self._writer = await Writer.open(self._conninfo)
                return await self._writer.commit(drafts, self._timekeeper, resumed=resumed)
            except psycopg.Error as error:
                if _is_refusal(error):
                    raise
                await self._disconnect()
                if loop.time() + pause > give_up_at:
                    raise Unavailable from error
            await asyncio.sleep(pause)
            pause, resumed = min(2 * pause, _LONGEST_PAUSE_SECONDS), True

    async def _disconnect(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.close()


def _give(request: _Request, receipts: list[Receipt]) -> None:
    """Hand receipts over, unless the caller has gone away."""
    if not request.receipts.done():
        request.receipts.set_result(receipts)


def _is_refusal(error: psycopg.Error) -> bool:
    """Tell facts that the database cannot hold from a database that does not work."""
    if isinstance(error, psycopg.DataError | psycopg.IntegrityError):
        return True
    return (error.sqlstate or "").startswith(_PROGRAM_LIMIT_EXCEEDED)


def _refused(error: psycopg.Error) -> Receipt:
    return Receipt(
        Status.REJECTED,
        code="refused_by_database",
        value=shortened(error.diag.message_primary or error),
        cure="Remove what the database cannot store, and send the fact again.",
    )


async def _is_empty_or_replayed(conninfo: str) -> bool:
    """Tell whether the ledger is still to be opened. Raises NotReplayed if it was otherwise."""
    async with await AsyncConnection.connect(conninfo) as connection:
        for opening in await events_after(connection, 0, 1):
            if not (opening.kind == "LedgerOpened" and opening.payload.get("clock") == "replayed"):
                raise NotReplayed
            return False
        return True


def _opens_replayed(kind: str, body: bytes) -> bool:
    return kind == "LedgerOpened" and orjson.loads(body)["payload"].get("clock") == "replayed"
