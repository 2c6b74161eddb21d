"""Take in many batches of one sender: while one is committed, the next is read and checked.

The database works on one batch and this process on another, so a long file takes little more than
the longer of the two. The batches are appended in their order, one after the other.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from domain.receipt import Receipt
from intake.delivery import Parsed
from intake.grant import Grant
from intake.identifiers import new_identifier
from intake.intake import Intake


class Feed:
    """Gives each batch to the intake, and its receipts with the next one; `feeding` opens one."""

    def __init__(self, intake: Intake, grant: Grant, request_id: str | None) -> None:
        """Take in under a grant."""
        self._intake = intake
        self._grant = grant
        self._request_id = request_id or new_identifier()
        self._committing: asyncio.Task[list[Receipt]] | None = None

    async def give(self, deliveries: Iterable[Parsed]) -> list[Receipt]:
        """Take in the next batch and give the receipts of the batch before, which is durable now.

        Fails as that one did; then nothing of this batch has been appended.
        """
        call = self._intake.call(self._grant, self._request_id)
        await call.gather(deliveries)
        receipts = await self.finish()
        self._committing = asyncio.create_task(self._intake.complete(call))
        return receipts

    async def finish(self) -> list[Receipt]:
        """Wait for the last batch and give its receipts."""
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
    intake: Intake, grant: Grant, request_id: str | None = None
) -> AsyncIterator[Feed]:
    """Open a feed; nothing of it goes on behind the end of the `with`."""
    feed = Feed(intake, grant, request_id)
    stopped = False
    try:
        yield feed
    except asyncio.CancelledError:
        stopped = True
        raise
    finally:
        await feed.settle(at_once=stopped)
