"""Gather deliveries that get their receipts together, each checked by itself as it comes."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice, repeat

from domain.draft import Checked
from domain.errors import Malformed
from domain.receipt import Receipt, refusal
from intake.checking import Found
from intake.delivery import Delivery, Plain
from intake.denials import Denials
from intake.drafting import checked_ahead
from intake.early import Early
from intake.grant import Grant
from intake.item import Item
from intake.unread import Arrived, Unread

_SLICE = 100
"""So many deliveries are checked before others of this process have their turn."""


class Call:
    """Deliveries of one caller, in order, and how far each has come."""

    def __init__(
        self,
        grant: Grant,
        request_id: str,
        *,
        denials: Denials,
        replayed: bool,
        received_at: datetime | None = None,
    ) -> None:
        """Gather under a grant; with `replayed` the deliveries' own received times count."""
        self._denials = denials
        self.request_id = request_id
        self._grant = grant
        self._limits = grant.limits
        self._replayed = replayed
        self._received_at = received_at
        self._allowed: set[str] = set()
        self._answers: list[Receipt | Item] = []
        self.early: Early | None = None
        """What its drafts were made with, where they have been made already."""
        self.came_as_drafted = False
        """Whether it was drafted early, and all its drafts and nothing else were appended."""

    async def gather(self, deliveries: Iterable[Arrived], found: Found | None = None) -> None:
        """Check deliveries, as they come, and let others work in between.

        What another process `found` out about each is taken for checked, unless it found nothing.
        """
        known: Iterator[Plain | Checked | None] = repeat(None) if found is None else iter(found)
        remaining = zip(deliveries, known, strict=False)
        while slice_ := list(islice(remaining, _SLICE)):
            self._answers += [self._answer(arrived, ahead) for arrived, ahead in slice_]
            if len(slice_) == _SLICE:
                await asyncio.sleep(0)

    @property
    def items(self) -> list[Item]:
        """Give what is allowed and can be read."""
        return [answer for answer in self._answers if isinstance(answer, Item)]

    def receipts(self) -> list[Receipt]:
        """Give the receipts, once every item has come to one."""
        return [answer.answer() if isinstance(answer, Item) else answer for answer in self._answers]

    def close(self, freed: int) -> None:
        """Note whether what was drafted early came so; `freed` others came with it."""
        self.came_as_drafted = (
            self.early is not None
            and not freed
            and all(item.draft is None or item.is_accepted for item in self.items)
        )

    def _answer(self, arrived: Arrived, ahead: Plain | Checked | None) -> Receipt | Item:
        """Admit a delivery, or say at once why not."""
        if isinstance(arrived, Malformed):
            # Raising it here would keep every frame of a long call alive with it.
            return refusal(arrived)
        try:
            self._check(arrived)
            if isinstance(arrived, Unread):
                plain, token = arrived.plain, self._grant.label
                return Item(arrived, self._grant.actor, plain=plain, token=token)
            return self._admitted(arrived, ahead)
        except Malformed as problem:
            return refusal(problem)

    def _check(self, arrived: Delivery | Unread) -> None:
        """Refuse, and note, what this caller may not deliver. Raises Malformed."""
        try:
            if not isinstance(arrived, Unread):
                self._grant.check(arrived)
            elif arrived.kind not in self._allowed:
                # Its caller has no limits and it names no other actor, so the kind is all there is.
                self._grant.check_kind(arrived.kind)
                self._allowed.add(arrived.kind)
        except Malformed as problem:
            subject = f"{arrived.kind} {arrived.source_key}"
            self._denials.note("append", problem.code, self._grant, subject)
            raise

    def _admitted(self, delivery: Delivery, ahead: Plain | Checked | None) -> Item:
        """Admit a delivery that is allowed. Raises Malformed."""
        actor = self._grant.actor_of(delivery)
        recorded_at = (delivery.received_at or self._received_at) if self._replayed else None
        limits, token = self._limits, self._grant.label
        if isinstance(ahead, Plain):
            return Item(delivery, actor, recorded_at, plain=ahead, limits=limits, token=token)
        checked = ahead or checked_ahead(delivery, actor, self.request_id, recorded_at)
        return Item(delivery, actor, recorded_at, ahead=checked, limits=limits, token=token)
