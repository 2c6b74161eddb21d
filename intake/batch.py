"""Take in what was delivered together under one id, and keep the receipt of every row.

A row is what got a receipt: rows = accepted + duplicate + corrected + superseded + quarantined +
rejected, also when the sender went away in the middle.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import orjson

from domain.errors import Malformed
from domain.receipt import Receipt, Status
from intake.call import Call
from intake.checking import Found
from intake.cloudevents import NO_EVENT
from intake.grant import Grant
from intake.identifiers import new_identifier
from intake.intake import Intake
from intake.masking import receipt_without_persons, without_persons
from intake.receipt_book import Part, ReceiptBook, RowKept
from intake.unread import Arrived, Unread

Door = Literal["http", "register", "command"]
Outcome = Literal["complete", "broken"]

_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_STATUSES = tuple(Status)
_FAST = 1
_SMALL = 1_024
_SMALL_WINDOW_BITS = 10
_LARGEST_PAYLOAD = 64_000
_REFUSED = frozenset({Status.QUARANTINED, Status.REJECTED})


def checked_batch_id(text: str) -> str:
    """Give the id that a sender chose for a batch, if it can be one. Raises Malformed."""
    if not _BATCH_ID.fullmatch(text):
        raise Malformed(
            code="invalid_batch",
            field="ledger-batch",
            value=text,
            cure="Name a batch by 1 to 100 letters, digits, dots, hyphens or underscores.",
        )
    return text


@dataclass(slots=True)
class Begun:
    """Some deliveries of a batch that have been checked and not yet taken in."""

    call: Call
    facts: list[Arrived] = field(default_factory=list)

    @property
    def unreadable(self) -> Malformed | None:
        """Give the first problem if nothing in it was an event at all, not even a wrong one."""
        problems = [
            fact for fact in self.facts if isinstance(fact, Malformed) and fact.code in NO_EVENT
        ]
        return problems[0] if problems and len(problems) == len(self.facts) else None


@dataclass(slots=True)
class Batch:
    """One request's deliveries, on their way to their receipts."""

    intake: Intake
    book: ReceiptBook
    grant: Grant
    id: str = field(default_factory=new_identifier)
    door: Door = "http"
    file_name: str | None = None
    request_id: str | None = None
    request: str = field(default_factory=new_identifier)
    counts: Counter[Status] = field(default_factory=Counter)
    position: int = 0
    ended: bool = False
    begun: int = 0
    _source: str | None = None

    @property
    def rows(self) -> int:
        """Count the rows that have their receipt."""
        return self.counts.total()

    async def take(
        self, arrived: Iterable[Arrived], *, last: bool = False, sha256: str | None = None
    ) -> list[Receipt]:
        """Take in deliveries and keep their receipts; with the `last` ones the request ends."""
        return await self.complete(await self.begin(arrived), last=last, sha256=sha256)

    async def begin(self, arrived: Iterable[Arrived], found: Found | None = None) -> "Begun":
        """Number and check some deliveries; what was begun before may still be completed.

        What another process `found` out about them needs no second check.
        """
        begun = Begun(self.intake.call(self.grant, self.request_id or self.request))
        await begun.call.gather(self._noted(arrived, begun), found)
        return begun

    async def complete(
        self, begun: "Begun", *, last: bool = False, sha256: str | None = None
    ) -> list[Receipt]:
        """Take in what was begun, in the order in which it was, and keep its receipts."""
        receipts = await self.intake.complete(begun.call)
        part = self._part(begun.facts, receipts)
        self.counts.update(receipt.status for receipt in receipts)
        positions = (receipt.position for receipt in receipts if receipt.position)
        self.position = max(self.position, max(positions, default=0))
        await self.book.keep(part.ending("complete", sha256) if last else part)
        self.ended = last
        return receipts

    async def end(self, outcome: Outcome = "complete", sha256: str | None = None) -> None:
        """Say how a request ended of which nobody knew which rows would be its last."""
        await self.book.keep(self._part([], []).ending(outcome, sha256))
        self.ended = True

    def _noted(self, arrived: Iterable[Arrived], begun: "Begun") -> Iterator[Arrived]:
        """Number deliveries as they come, and keep them for their receipts."""
        for fact in arrived:
            numbered = self._numbered(fact, self.begun)
            self.begun += 1
            begun.facts.append(numbered)
            yield numbered

    def _numbered(self, fact: Arrived, place: int) -> Arrived:
        """Say of a fact in which batch and row it came, and learn from the first whose it is."""
        if isinstance(fact, Malformed):
            return fact
        if self._source is None:
            self._source = fact.system
        return fact.numbered(self.id, place + 1)

    def _part(self, facts: Sequence[Arrived], receipts: Sequence[Receipt]) -> Part:
        """Put some receipts together as they are kept."""
        first = self.rows
        counts = Counter(receipt.status for receipt in receipts)
        receipts = [*map(receipt_without_persons, receipts)]
        listed = [receipt.as_json(place) for place, receipt in enumerate(receipts, first)]
        return Part(
            batch=self.id,
            request=self.request,
            actor=self.grant.actor.id,
            source=self._source or self.grant.own_system,
            door=self.door,
            file_name=self.file_name,
            first=first,
            counts=[counts[status] for status in _STATUSES],
            receipts=_deflated(orjson.dumps(listed)),
            rows=[
                _kept(place, fact, receipt)
                for place, (fact, receipt) in enumerate(zip(facts, receipts, strict=True), first)
                if receipt.status is not Status.ACCEPTED
            ],
        )


def _deflated(data: bytes) -> bytes:
    """Compress receipts; for a few, setting up a large window takes longer than all the rest."""
    if len(data) > _SMALL:
        return zlib.compress(data, _FAST)
    small = zlib.compressobj(_FAST, zlib.DEFLATED, _SMALL_WINDOW_BITS, memLevel=1)
    return small.compress(data) + small.flush()


def _kept(place: int, fact: Arrived, receipt: Receipt) -> RowKept:
    """Put down one row that was not simply accepted; a refused one with what it said."""
    said = None
    if isinstance(fact, Malformed):
        return RowKept(place, place + 1, None, None, None, receipt, None)
    if isinstance(fact, Unread):
        fact = fact.read()
    if receipt.status in _REFUSED:
        said = without_persons(fact.payload, _LARGEST_PAYLOAD)
    row_no = fact.row_no or place + 1
    return RowKept(place, row_no, fact.source_key, fact.record_version, fact.kind, receipt, said)
