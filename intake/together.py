"""Let small calls that come at the same time go through the intake as one.

What a call costs is mostly asking the database, once for everything; many callers who each bring
one fact then wait for one question instead of one each. While a group is on its way the next
gathers all who come: a few large groups cost less than many small ones that take turns.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from intake.gathering import Gathering
from intake.item import Item

SMALL: Final = 32
"""So many facts a call may bring to go with others; larger ones go by themselves."""
MOST: Final = 512
"""So many facts go together."""

TakeIn = Callable[[list[Item], str], Awaitable[object]]


class _Call(NamedTuple):
    """A call's facts, and the request they came with."""

    items: list[Item]
    request_id: str

    def size(self) -> int:
        """Count the facts."""
        return len(self.items)


class Together:
    """Groups the calls that wait."""

    def __init__(self, take_in: TakeIn) -> None:
        """Take groups in as single calls are."""
        self._take_in = take_in
        self._calls: Gathering[_Call, None] = Gathering(
            self._take_all, most=MOST, weight=_Call.size
        )

    async def take(self, items: list[Item], request_id: str) -> None:
        """Bring the facts of a call to their receipts, with those of others if they are few."""
        if not items or len(items) > SMALL:
            await self._take_in(items, request_id)
            return
        for item in items:
            item.request_id = request_id
        await self._calls.bring(_Call(items, request_id))

    async def _take_all(self, calls: Sequence[_Call]) -> Sequence[Exception | None]:
        """Take calls in; what fails together is tried call by call, so that each fails alone."""
        items = [item for call in calls for item in call.items]
        try:
            await self._take_in(items, calls[0].request_id)
        except Exception:
            if len(calls) == 1:
                raise
            return [await self._end_of(call) for call in calls]
        return [None] * len(calls)

    async def _end_of(self, call: _Call) -> Exception | None:
        """Take one call in and give the fault that it meets."""
        try:
            await self._take_in(call.items, call.request_id)
        except Exception as error:  # noqa: BLE001 - a fault must reach its caller, and only that one
            return error
        return None
