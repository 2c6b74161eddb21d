"""Follow one delivery on its way to its receipt."""

from datetime import datetime

import msgspec

from domain.draft import Draft
from domain.envelope import Actor
from domain.four_eyes import SecondPersonNeeded
from domain.receipt import Receipt, Status
from intake.delivery import Ahead, Delivery, Plain
from intake.drafting import Held
from intake.grant import Limits
from intake.quarantine import Kept
from intake.unread import Unread


class Item(msgspec.Struct):
    """A delivery, who stands for it, how far it came, and its `number` in the quarantine.

    `ahead` is what checking it by itself gave; it serves for one draft. One that is `plain` has its
    draft already, for when there is its project. What a person `released` from the quarantine is
    not held back as implausible again. `limits` are those of who sent it, with the token that is
    called `token`.
    """

    arrived: Delivery | Unread
    actor: Actor
    recorded_at: datetime | None = None
    number: int | None = None
    ahead: Ahead = None
    plain: Plain | None = None
    draft: Draft | None = None
    held: Held | None = None
    receipt: Receipt | None = None
    released: bool = False
    request_id: str | None = None
    limits: Limits | None = None
    token: str = ""

    @property
    def delivery(self) -> Delivery:
        """Give the delivery, which is read where nobody has asked for it before."""
        if isinstance(self.arrived, Unread):
            self.arrived = self.arrived.read()
        return self.arrived

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

    @property
    def is_accepted(self) -> bool:
        """Tell whether the delivery has been appended as it is."""
        return self.receipt is not None and self.receipt.status is Status.ACCEPTED

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
