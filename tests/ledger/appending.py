"""Append groups of facts and see their receipts."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from domain.draft import Draft
from domain.receipt import Receipt
from ledger.ledger import Ledger

Fact = Callable[..., Draft]
Checked = Callable[[str], list[dict[str, Any]]]


def appended(database: str, *groups: Sequence[Draft], **options: Any) -> list[list[Receipt]]:
    """Append groups one after the other."""

    async def work() -> list[list[Receipt]]:
        ledger = await Ledger.open(database, **options)
        try:
            return [await ledger.append(group) for group in groups]
        finally:
            await ledger.close()

    return asyncio.run(work())


def statuses(receipts: Sequence[Receipt]) -> list[str]:
    return [receipt.status.value for receipt in receipts]
