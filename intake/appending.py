"""Append drafts; policies only beside those that they were judged beside."""

import asyncio
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.draft import Draft
from domain.receipt import Receipt
from intake import adoptions
from ledger.group import OVERTAKEN
from ledger.ledger import Ledger

Pool = AsyncConnectionPool[AsyncConnection[Any]]


class Appending:
    """Appends to a ledger; of this process one call at a time adopts policies.

    Another server may adopt one between the judgement and the append. The ledger notices that
    under its lock, and the policy is judged once more beside what holds then.
    """

    def __init__(self, ledger: Ledger, pool: Pool) -> None:
        """Append to a ledger, and read what it holds over a pool of connections."""
        self._ledger = ledger
        self._pool = pool
        self._adopting = asyncio.Lock()

    async def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Give a receipt for each draft, in their order."""
        if not any(map(adoptions.concerns_policies, drafts)):
            return await self._ledger.append(drafts)
        async with self._adopting:
            receipts: dict[int, Receipt] = {}
            places = [*range(len(drafts))]
            while places:
                receipts |= await self._judged({place: drafts[place] for place in places})
                places = [place for place in places if receipts[place].code == OVERTAKEN]
        return [receipts[place] for place in range(len(drafts))]

    async def _judged(self, drafts: dict[int, Draft]) -> dict[int, Receipt]:
        """Append what may hold beside what is adopted, and refuse the rest."""
        async with self._pool.connection() as connection:
            answers = await adoptions.judged(connection, [*drafts.values()])
        told = dict(zip(drafts, answers, strict=True))
        ready = {place: answer for place, answer in told.items() if isinstance(answer, Draft)}
        appended = await self._ledger.append([*ready.values()])
        refused = {place: answer for place, answer in told.items() if isinstance(answer, Receipt)}
        return refused | dict(zip(ready, appended, strict=True))
