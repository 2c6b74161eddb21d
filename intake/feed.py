"""Take in many deliveries of one sender: while some are committed, the next are made ready.

They are read, checked and, where `early` allows it, drafted. The database works on one batch and
this process on another, so a long file takes little more than the longer of the two. The batches
are appended in their order, one after the other.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from domain.receipt import Receipt
from intake.batch import Batch
from intake.call import Call
from intake.checker import Checker
from intake.checking import Found
from intake.grant import Grant
from intake.identifiers import new_identifier
from intake.intake import Intake
from intake.stretches import Lines, Stretch, Stretches
from intake.unread import Arrived, read_where_needed


class Feed:
    """Gives each batch to the intake, and its receipts with the next one; `feeding` opens one."""

    def __init__(
        self,
        intake: Intake,
        grant: Grant,
        request_id: str | None,
        checker: Checker | None,
        batch: Batch | None = None,
    ) -> None:
        """Take in under a grant; a checker may help with lines, a batch keeps the receipts."""
        self._intake = intake
        self._grant = grant
        self._batch = batch
        own = request_id if batch is None else batch.request_id or batch.request
        self._request_id = own or new_identifier()
        batch_id = None if batch is None else batch.id
        self._stretches = Stretches(checker, grant.actor, self._request_id, batch_id)
        self._committing: asyncio.Task[list[Receipt]] | None = None
        self._before: Call | None = None
        self._stumbled = False
        """Whether the last call that was drafted early did not come as it was drafted."""

    async def give(self, deliveries: Iterable[Arrived]) -> list[Receipt]:
        """Take in the next batch and give the receipts of the batch before, which is durable now.

        Fails as that one did; then nothing of this batch has been appended.
        """
        receipts = await self._take_all(self._stretches.rest())
        return [*receipts, *await self._take(deliveries)]

    async def give_lines(self, lines: Lines) -> list[Receipt]:
        """Take in the next lines and give the receipts that are due by now, in order.

        They come some batches later than those of `give` while another process checks the lines.
        """
        return await self._take_all(self._stretches.after(lines))

    async def finish(self) -> list[Receipt]:
        """Wait for all that was given and give the last receipts."""
        receipts = await self._take_all(self._stretches.rest())
        return [*receipts, *await self._committed()]

    async def _take_all(self, stretches: Iterable[Stretch]) -> list[Receipt]:
        """Take in lines that may have been checked already."""
        receipts = list[Receipt]()
        for stretch in stretches:
            found = await stretch.found()
            arrived = read_where_needed(stretch.lines, found, self._grant)
            receipts += await self._take(arrived, found)
        return receipts

    async def _take(
        self, deliveries: Iterable[Arrived], found: Found | None = None
    ) -> list[Receipt]:
        """Begin to take deliveries in, and give the receipts of those before them."""
        if self._batch is not None:
            begun = await self._batch.begin(deliveries, found)
            receipts = await self._draft_beside_others(begun.call)
            self._committing = asyncio.create_task(self._batch.complete(begun))
            return receipts
        call = self._intake.call(self._grant, self._request_id)
        await call.gather(deliveries, found)
        receipts = await self._draft_beside_others(call)
        self._committing = asyncio.create_task(self._intake.complete(call))
        return receipts

    async def _draft_beside_others(self, call: Call) -> list[Receipt]:
        """Draft a call while the one before it is being committed, and give that one's receipts.

        Where that one does not come as it was drafted, this one is drafted anew.
        """
        before = self._before
        beside = None if before is None or self._stumbled else before.early
        early = None if beside is None else await self._intake.draft_early(call, beside)
        receipts = await self._committed()
        self._stumbled = (
            before is not None and before.early is not None and not before.came_as_drafted
        )
        if beside is None or (early is not None and self._stumbled):
            early = await self._intake.draft_early(call)
        call.early, self._before = early, call
        return receipts

    async def _committed(self) -> list[Receipt]:
        """Wait for the batch that is being committed and give its receipts."""
        committing, self._committing = self._committing, None
        return [] if committing is None else await committing

    async def settle(self, *, at_once: bool) -> None:
        """Let a batch whose receipts nobody will read come to its end, or give it up `at_once`."""
        if self._committing is not None:
            if at_once:
                self._committing.cancel()
            await asyncio.gather(self._committing, return_exceptions=True)


@asynccontextmanager
async def feeding(
    intake: Intake,
    grant: Grant,
    request_id: str | None = None,
    checker: Checker | None = None,
    batch: Batch | None = None,
) -> AsyncIterator[Feed]:
    """Open a feed; nothing of it goes on behind the end of the `with`.

    A checker helps with lines that are taken in under the real clock. With a batch all that is
    given is part of it; whoever opened it says how it ended.
    """
    feed = Feed(intake, grant, request_id, None if intake.is_replayed else checker, batch)
    stopped = False
    try:
        yield feed
    except asyncio.CancelledError:
        stopped = True
        raise
    finally:
        await feed.settle(at_once=stopped)
