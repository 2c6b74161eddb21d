"""Take deliveries in: every one gets a receipt, and none is lost or hurt by its neighbours.

A call is worked through in rounds. Each round turns deliveries into drafts and appends them
together; what names a project or an event that only a later delivery of the call brings goes into
the next round. What still waits is kept in the quarantine, and kept deliveries that waited for
something this call brought are taken in at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

import psycopg

from domain.draft import Draft
from domain.flexdate import beijing_day
from domain.receipt import Receipt, Status
from intake import quarantine
from intake.adoptions import changes_policies
from intake.appending import Appending, Pool
from intake.attesting import Signatures
from intake.call import Call
from intake.delivery import Delivery, Parsed
from intake.denials import Denials
from intake.directory import Directory
from intake.early import Early, amends, may_be_early
from intake.fence import Fence
from intake.four_eyes import FourEyes, NothingPending, read_pending, recorded
from intake.gates import Gate, Gates
from intake.grant import Grant
from intake.identifiers import new_identifier
from intake.item import Item, again
from intake.judges import Judges
from intake.keeping import keep_unappended
from intake.naming import BRINGING, keys_of, lost_records, mints, names_brought
from intake.quarantine import Kept, read_kept
from intake.together import SMALL, Together
from intake.waiting import WaitingList
from ledger.attesters import KIND as KEYS
from ledger.clock import utc_now
from ledger.ledger import Ledger
from ledger.reading import head

MINTING = 7_205_759_403_792_809
"""The advisory lock under which projects get their ids, so that no record registers two."""
RELEASED_AT_ONCE = 1_000
_SLICE = 100
"""So many deliveries are drafted before others of this process have their turn."""
KNOWN_NOW = frozenset({Status.ACCEPTED, Status.CORRECTED, Status.DUPLICATE})
"""What became of a fact that others may now refer to."""


class Intake:
    """The one door through which facts reach the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        pool: Pool,
        *,
        clock: Callable[[], datetime] = utc_now,
        denials: Denials | None = None,
        replayed: bool = False,
    ) -> None:
        """Append to a ledger; with `replayed` the deliveries' own received times count."""
        self._denials = Denials() if denials is None else denials
        self._appending = Appending(ledger, pool)
        self._pool = pool
        self._clock = clock
        self._replayed = replayed
        self._waiting = WaitingList()
        self._was_interrupted = False
        self._minting = asyncio.Lock()
        self._together = Together(self._take_in)
        self._gates = Gates(alone=replayed)
        self._eyes = FourEyes(alone=replayed)
        self._signatures = Signatures()

    async def receive(
        self,
        deliveries: Sequence[Parsed],
        grant: Grant,
        *,
        received_at: datetime | None = None,
        request_id: str | None = None,
    ) -> list[Receipt]:
        """Take in deliveries, in order, and give a receipt for each."""
        call = self.call(grant, request_id or new_identifier(), received_at)
        await call.gather(deliveries)
        return await self.complete(call)

    def call(self, grant: Grant, request_id: str, received_at: datetime | None = None) -> Call:
        """Begin to gather deliveries of one caller, which `complete` will take in together."""
        return Call(
            grant,
            request_id,
            denials=self._denials,
            replayed=self._replayed,
            received_at=received_at,
        )

    async def complete(self, call: Call) -> list[Receipt]:
        """Take in what a call has gathered and give a receipt for each delivery."""
        if self._was_interrupted:
            call.early = None
            await self.release_waiting()
        if call.early is not None:
            freed = await self._take_in(call.items, call.request_id, call.early)
            call.close(freed)
            return call.receipts()
        # Replayed deliveries keep the order in which they once came.
        take_in = self._take_in if self._replayed else self._together.take
        await take_in(call.items, call.request_id)
        return call.receipts()

    async def draft_early(self, call: Call, before: Early | None = None) -> Early | None:
        """Draft what a call has gathered, while what was drafted `before` is being appended.

        None, with nothing done, where that is not enough to know what the deliveries mean. A call
        is to be completed with what this gives only if the one before `came_as_drafted`.
        """
        items = call.items
        if self._replayed or len(items) <= SMALL or not may_be_early(items):
            return None
        directory, keys, naming = Directory(), _keys_of(items), _naming(items)
        if before is not None and not before.tells(keys):
            return None
        try:
            async with self._pool.connection() as connection:
                await directory.look_up(connection, keys)
            if before is not None:
                directory.follow(before.directory, keys)
            if _unplaced(items, directory) or any(mints(one, directory) for one in naming):
                return None
            gate = await self._draft(items, directory, call.request_id, before)
        except psycopg.Error:
            # Whoever completes the call meets it again.
            return None
        if gate is None or any(map(_must_come_first, items)):
            return None
        return Early(directory, gate, amends(naming))

    async def approve(self, number: int, grant: Grant, digest: str | None = None) -> Receipt:
        """Append what waits for a second person, in that person's name beside the first.

        With a digest, only those bytes. Raises Malformed, NothingPending, Decided, SamePerson
        and OtherBytes.
        """
        async with self._pool.connection() as connection:
            pending = await read_pending(connection, number)
            grant.check_approval(pending.kind)
            fence = Fence()
            await fence.place(connection, {pending.stream})
            if not fence.allows(grant.limits, pending.stream):
                self._denials.note("approve", "beyond_reach", grant, str(number))
                raise NothingPending(value=number)
            draft = pending.approved(grant.actor, digest)
        [receipt] = await self._appended([draft])
        async with self._pool.connection() as connection:
            await quarantine.decide(connection, [(number, receipt)], self._clock())
        await self.release_waiting()
        return receipt

    async def release_waiting(self) -> int:
        """Take in what waits in the quarantine for something that is there by now; give how many.

        Run on start and after a call that failed: it makes good what was left undone between an
        append and a release.
        """
        self._was_interrupted = False
        released = 0
        with self._noting_interruption():
            self._waiting = WaitingList()
            async with self._pool.connection() as connection:
                await self._waiting.refresh(connection)
                moment = (await head(connection)).recorded_at if self._replayed else None
            for numbers in _pages(self._waiting.numbers()):
                directory = Directory()
                async with self._pool.connection() as connection:
                    kept = await read_kept(connection, numbers)
                    await directory.look_up(
                        connection, {row.waiting_for for row in kept if row.waiting_for}
                    )
                items = [
                    again(row, moment)
                    for row in kept
                    if row.waiting_for and directory.knows(row.waiting_for)
                ]
                await self._take_in(items, new_identifier())
                released += len(items)
        return released

    @property
    def is_replayed(self) -> bool:
        """Tell whether deliveries are recorded at the times at which they once came."""
        return self._replayed

    @property
    def denials(self) -> Denials:
        """Give where it is noted who was refused what."""
        return self._denials

    @property
    def pool(self) -> Pool:
        """Give the connections through which the quarantine and the batches are read."""
        return self._pool

    def now(self) -> datetime:
        """Give the present moment by the clock that facts are judged with."""
        return self._clock()

    async def take_again(self, kept: Kept, grant: Grant) -> Receipt:
        """Take in a kept delivery that somebody decides about, as it is or as it was corrected.

        It is not held back for being implausible, and only by the limits of who decides. The entry
        stays open.
        """
        moment = None
        if self._replayed:
            async with self._pool.connection() as connection:
                moment = (await head(connection)).recorded_at
        limits, token = grant.limits, grant.label
        item = Item(kept.delivery, kept.actor, moment, released=True, limits=limits, token=token)
        await self._take_in([item], new_identifier())
        return item.answer()

    @contextmanager
    def _noting_interruption(self) -> Iterator[None]:
        """Note that something may have been appended without releasing what waited for it."""
        try:
            yield
        except BaseException:
            self._was_interrupted = True
            raise

    async def _take_in(self, items: list[Item], request_id: str, early: Early | None = None) -> int:
        """Bring every item to its receipt, and with them whatever waited for one of them.

        Give how many more these were. What was drafted early is only appended.
        """
        directory, freed = Directory() if early is None else early.directory, -len(items)
        moment = max((item.recorded_at for item in items if item.recorded_at), default=None)
        with self._noting_interruption():
            while items:
                freed += len(items)
                if early is None:
                    async with self._looked_up(items, directory):
                        await self._rounds(items, directory, request_id)
                else:
                    await self._append(items, directory, early.gate)
                    early = None
                late = await self._kept(items, directory)
                items = late or await self._freed(directory, moment)
        if directory.restores:
            freed += await self.release_waiting()
        return freed

    async def _rounds(self, items: list[Item], directory: Directory, request_id: str) -> None:
        """Append what can be appended, until no item brings what another one needs."""
        while items:
            await self._round(items, directory, request_id)
            items = [item for item in items if _may_go_on(item, directory)]

    @asynccontextmanager
    async def _looked_up(self, items: Sequence[Item], directory: Directory) -> AsyncIterator[None]:
        """Look up what the items name; hold the lock on new ids while one of them needs one."""
        keys = _keys_of(items)
        async with self._pool.connection() as connection:
            await directory.look_up(connection, keys)
            await directory.look_up_versions(connection, _unplaced(items, directory))
        if not any(mints(delivery, directory) for delivery in _naming(items)):
            yield
            return
        # One task of this process queues at the database, so waiting never empties the pool.
        async with self._minting, self._pool.connection() as connection:
            await connection.execute("SELECT pg_advisory_lock(%s)", (MINTING,))
            try:
                await directory.look_up(connection, keys)
                yield
            finally:
                await connection.execute("SELECT pg_advisory_unlock(%s)", (MINTING,))

    async def _round(self, items: Sequence[Item], directory: Directory, request_id: str) -> None:
        """Append together what can be appended of the items; the ledger judges each on its own."""
        gate = await self._draft(items, directory, request_id)
        assert gate is not None
        for item in items:
            # It has served, and would fill the memory until the end of the call.
            item.ahead = None
            # What waits was noted when it came; only a person who releases it tries again.
            if item.is_barred and (item.number is None or item.released):
                self._denials.note_barred(item)
        await self._pass_repetitions(items)
        await self._append(items, directory, gate)

    async def _draft(
        self,
        items: Sequence[Item],
        directory: Directory,
        request_id: str,
        before: Early | None = None,
    ) -> Gate | None:
        """Draft the items, or give them the receipts that say why not."""
        today = beijing_day(self._clock())
        async with self._pool.connection() as connection:
            known = None if before is None else before.gate
            gate = await self._gates.open(connection, directory, items, known)
            if gate is None:
                return None
            fence = await Fence().open(connection, directory, items)
            demanded = await self._eyes.demanded(connection, today)
            await self._signatures.refresh(connection)
        judges = Judges(gate, fence, demanded, self._signatures, request_id=request_id, today=today)
        for place, item in enumerate(items, 1):
            judges.draft(item, directory)
            if place % _SLICE == 0:
                # What is being appended meanwhile must not wait.
                await asyncio.sleep(0)
        return gate

    async def _append(self, items: Sequence[Item], directory: Directory, gate: Gate) -> None:
        """Append together what has been drafted."""
        ready = [item for item in items if item.receipt is None]
        drafts = [item.draft for item in ready if item.draft is not None]
        if drafts:
            for item, receipt in zip(ready, await self._appended(drafts), strict=True):
                item.receipt = receipt
        _learn_conditional(ready, directory)
        self._gates.close(gate)

    async def _appended(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Append drafts; what they decide is asked of whatever comes next."""
        receipts = await self._appending.append(drafts)
        if any(draft.kind == KEYS for draft in drafts):
            self._signatures.forget()
        if any(map(changes_policies, drafts)):
            self._gates.forget()
            self._eyes.forget()
        return receipts

    async def _pass_repetitions(self, items: Sequence[Item]) -> None:
        """Let the ledger answer what was approved and recorded before; that needs nobody again."""
        asking = [item for item in items if item.asks_second_person]
        drafts = [item.held.draft for item in asking if item.held]
        if not drafts:
            return
        async with self._pool.connection() as connection:
            known = await recorded(connection, drafts)
        for item, draft in zip(asking, drafts, strict=True):
            if (draft.source_key, draft.content_digest) in known:
                item.draft, item.held, item.receipt = draft, None, None

    async def _kept(self, items: Sequence[Item], directory: Directory) -> list[Item]:
        """Keep what was not appended; give the items that need not wait any more.

        Another process may have brought what an item waits for after this call looked and before
        the item was kept; that process did not see the item, so this one looks once more.
        """
        if not any(_is_unappended(item) for item in items):
            return []
        async with self._pool.connection() as connection:
            if not await keep_unappended(connection, items, self._clock()):
                return []
            await directory.look_up(
                connection, {item.waiting_for for item in items if item.waiting_for}
            )
        return [item for item in items if _may_go_on(item, directory)]

    async def _freed(self, directory: Directory, moment: datetime | None) -> list[Item]:
        """Give the kept deliveries that waited for what this call brought."""
        async with self._pool.connection() as connection:
            await self._waiting.refresh(connection)
            numbers = self._waiting.take(directory.learnt())
            kept = await read_kept(connection, numbers) if numbers else []
        return [again(row, moment) for row in kept]


def _naming(items: Iterable[Item]) -> list[Delivery]:
    """Give the deliveries that name more than a project by its id."""
    return [item.delivery for item in items if item.plain is None]


def _keys_of(items: Iterable[Item]) -> set[str]:
    """Give what must be looked up before deliveries can become drafts."""
    keys = {item.plain.draft.stream for item in items if item.plain is not None}
    return keys.union(*map(keys_of, _naming(items)))


def _unplaced(items: Iterable[Item], directory: Directory) -> list[str]:
    """Name the records of deliveries whose alias means nothing, and that no other one brings.

    Their projects may have been called so once.
    """
    lost = lost_records(_naming(items), directory)
    if not lost:
        return []
    brought = names_brought(item.delivery for item in items if item.arrived.kind in BRINGING)
    return [record for record, subject in lost.items() if subject not in brought]


def _learn_conditional(items: Sequence[Item], directory: Directory) -> None:
    """Count from now on on drafts that named a version of their stream and were not too late."""
    for item in items:
        draft = item.draft
        if draft is None or draft.expected_version is None:
            continue
        if item.answer().status in KNOWN_NOW:
            directory.learn(draft)


def _may_go_on(item: Item, directory: Directory) -> bool:
    """Tell whether what a held item waits for has come."""
    if item.waiting_for is None or item.is_barred:
        return False
    return directory.knows(item.waiting_for)


def _must_come_first(item: Item) -> bool:
    """Tell whether only its end shows what follows: it is held back, or changes the policies."""
    if item.held is not None:
        return True
    return item.plain is None and item.draft is not None and changes_policies(item.draft)


def _is_unappended(item: Item) -> bool:
    """Tell whether something must be kept for an item."""
    if item.is_accepted:
        return item.number is not None
    kept = item.has(Status.QUARANTINED) or item.has(Status.SUPERSEDED)
    return kept or item.number is not None


def _pages(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a long list into pieces that fit in memory with what they stand for."""
    for start in range(0, len(numbers), RELEASED_AT_ONCE):
        yield numbers[start : start + RELEASED_AT_ONCE]
