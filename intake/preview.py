"""Say what would become of deliveries, without taking any of them in."""

from collections.abc import Sequence

from domain.errors import Malformed
from domain.flexdate import beijing_day
from domain.receipt import Receipt, Status, refusal
from intake.appending import Pool
from intake.delivery import Delivery
from intake.directory import Directory
from intake.drafting import Held, Terms, draft_of
from intake.fence import Fence
from intake.grant import Grant
from intake.item import Item
from intake.naming import keys_of
from intake.registers.versions import Known, known_versions, next_version
from ledger.clock import utc_now

NO_REQUEST = "00000000-0000-0000-0000-000000000000"


class Preview:
    """Answers as the intake would, as far as what is known now allows to tell."""

    def __init__(self, pool: Pool, grant: Grant) -> None:
        """Look things up through a pool, on behalf of a caller."""
        self._pool = pool
        self._grant = grant
        self._directory = Directory()
        self._known: Known = {}

    async def receive(self, facts: Sequence[Delivery], file: str) -> list[Receipt]:
        """Give the receipt that each fact of a register would get."""
        keys = {key for fact in facts for key in keys_of(fact)}
        async with self._pool.connection() as connection:
            await self._directory.look_up(connection, keys)
            known = await known_versions(connection, facts)
            items = [self._item(fact) for fact in facts]
            fence = await Fence().open(connection, self._directory, items)
        for key, versions in known.items():
            self._known.setdefault(key, versions)
        return [self._receipt(item, fence, file) for item in items]

    def _item(self, fact: Delivery) -> Item:
        """Give a fact as it would be taken in."""
        return Item(fact, self._grant.actor, limits=self._grant.limits)

    def _receipt(self, item: Item, fence: Fence, file: str) -> Receipt:
        """Judge one fact, and count on it for those after it."""
        fact = item.delivery
        terms = Terms(self._grant.actor_of(fact), NO_REQUEST, None, beijing_day(utc_now()))
        try:
            self._grant.check(fact)
            drafted = draft_of(fact, self._directory, terms)
            drafted = fence.bars(item, drafted, self._directory) or drafted
        except Malformed as problem:
            return refusal(problem)
        if isinstance(drafted, Held):
            return refusal(drafted.problem, Status.QUARANTINED)
        fence.learn(drafted, fact)
        self._directory.learn(drafted)
        if fact.record_version is not None:
            return Receipt(Status.ACCEPTED)
        count = len(self._known.get(fact.source_key, ()))
        next_version(fact, self._known, file)
        if len(self._known[fact.source_key]) == count:
            return Receipt(Status.DUPLICATE)
        return Receipt(Status.CORRECTED if count else Status.ACCEPTED)
