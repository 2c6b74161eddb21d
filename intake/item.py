"""Follow one delivery on its way to its receipt."""

from datetime import datetime

import msgspec

from domain.draft import Draft
from domain.envelope import Actor
from domain.four_eyes import SecondPersonNeeded
from domain.receipt import Receipt, Status
from intake.delivery import Ahead, Delivery
from intake.drafting import Held
from intake.grant import Limits
from intake.quarantine import Kept


class Item(msgspec.Struct):
    """A delivery, who stands for it, how far it came, and its `number` in the quarantine.

    `ahead` is what checking it by itself gave; it serves for one draft. What a person `released`
    from the quarantine is not held back as implausible again. `limits` are those of who sent it,
    with the token that is called `token`.
    """

    delivery: Delivery
    actor: Actor
    recorded_at: datetime | None = None
    number: int | None = None
    ahead: Ahead = None
    draft: Draft | None = None
    held: Held | None = None
    receipt: Receipt | None = None
    released: bool = False
    request_id: str | None = None
    limits: Limits | None = None
    token: str = ""

    @property
    def waiting_for(self) -> str | None:
        """Name what the delivery waits for, if the coming of something is enough to append it."""
        return self.held.waiting_for if self.held else None

    @property
    def is_barred(self) -> bool:
        """Tell whether it is held back for lying beyond the limits of its sender."""
        return self.held is not None and self.held.barred

    @property
    def asks_second_person(self) -> bool:
        """Tell whether it is held back for a second person to approve it."""
        return self.held is not None and isinstance(self.held.problem, SecondPersonNeeded)

    def has(self, status: Status) -> bool:
        """Tell whether the delivery has come to a status."""
        return self.receipt is not None and self.receipt.status is status

    def answer(self) -> Receipt:
        """Give the receipt of a delivery that has been worked through."""
        assert self.receipt is not None
        return self.receipt


def again(kept: Kept, recorded_at: datetime | None) -> Item:
    """Give a kept delivery to be taken in anew."""
    return Item(kept.delivery, kept.actor, recorded_at, kept.number, limits=kept.limits)
