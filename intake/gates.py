"""Hold back what cannot be true beside what the ledger knows of a project.

The gates are a policy, and open before one is in force. What they need to know is read once a call
for the projects it speaks of, and grows with what the call itself says.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from math import inf
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from domain.amendments import visible_facts
from domain.draft import Draft
from domain.envelope import Recorded
from domain.errors import LedgerError, Malformed, Refused
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.kinds.amendments import AMENDMENTS, CORRECTION, RETRACTION
from domain.plausibility import HISTORY, Claim, History, check, history_of
from domain.policy import Policy, choose, parse
from intake.delivery import Delivery
from intake.directory import Directory, Target, target_key
from intake.histories import Histories
from intake.item import Item
from intake.naming import PROJECT
from intake.subject import reference
from ledger.reading import amendments_of, decrees, streams_events

ADOPTION = "PolicyAdopted"
KIND = "plausibility"
REFRESHED_AFTER_SECONDS: Final = 1.0
"""How long another program's adoption of a policy may go unnoticed."""
_COMPARED: Final = HISTORY | AMENDMENTS | {"StatisticsEnrolled", "ProjectListed"}
"""The kinds that are held against what is known; others only against reason."""

Connection = AsyncConnection[Any]


class Gate:
    """What one call is held against: the policies adopted, and the histories of its projects."""

    def __init__(self, policies: Sequence[Policy], histories: dict[str, History]) -> None:
        """Judge under policies, beside histories that may grow."""
        self._policies = policies
        self._everywhere = _by_place(policies)
        self.histories = histories
        self.unsure: set[str] = set()
        """The streams whose history must be read anew, since a record of theirs was revised."""

    @property
    def is_judging(self) -> bool:
        """Tell whether there is any policy."""
        return bool(self._policies)

    def doubt(
        self, item: Item, draft: Draft, directory: Directory, today: date
    ) -> LedgerError | None:
        """Give why a draft cannot be true under the policy in force; learn from one that can."""
        if not draft.stream.startswith(PROJECT):
            return None
        compared = self._everywhere or draft.kind in _COMPARED
        # What was not read is not remembered either, as if it were all there is.
        history = self.histories.setdefault(draft.stream, History()) if compared else History()
        target = _target(item.delivery, directory) if draft.kind in AMENDMENTS else None
        claim = _claim(draft, target, history)
        if draft.kind == RETRACTION and target is not None:
            history.forget(target.id)
        if draft.kind in AMENDMENTS or (claim and claim.record in history.records.values()):
            self.unsure.add(draft.stream)
        if claim is None:
            return None
        district = history.district or str(claim.payload.get("district", ""))
        policy = choose(self._policies, KIND, district, today)
        if policy is not None:
            try:
                check(claim, history, policy.rules)
            except Refused as problem:
                return problem.as_value()
        # What is put right in a call counts for what follows in it.
        if compared and (draft.stream not in self.unsure or draft.kind == CORRECTION):
            history.add(claim, draft.id)
        return None


class Gates:
    """The policies of plausibility that were adopted, and histories worth remembering.

    Under the replayed clock one program tells the ledger everything, so what was read once of a
    project stays true between calls; otherwise others may have told something since.
    """

    def __init__(self, *, alone: bool) -> None:
        """Know no policy yet; `alone` says that nobody else appends."""
        self._adopted: dict[str, Recorded] = {}
        self._seen = 0
        self._due = -inf
        self._policies: list[Policy] = []
        self._remembered = Histories() if alone else None

    async def open(
        self,
        connection: Connection,
        directory: Directory,
        items: Iterable[Item],
        before: Gate | None = None,
    ) -> Gate | None:
        """Read which policies there are and, if any, what is known of the projects of a call.

        What the drafts of a call `before` it say, which are on their way, counts as known; None if
        they revise what is to be read.
        """
        now = asyncio.get_running_loop().time()
        if now >= self._due:
            await self._refresh(connection)
            self._due = now + REFRESHED_AFTER_SECONDS
        if not self._policies:
            return Gate((), {})
        every = _by_place(self._policies)
        streams = {
            stream
            for item in items
            if every or item.arrived.kind in _COMPARED
            for stream in _streams(directory, item)
        }
        if before is not None and not streams.isdisjoint(before.unsure):
            return None
        known = self._known(streams, before)
        fresh = await _histories(connection, sorted(streams - known.keys()))
        return Gate(self._policies, known | fresh)

    def close(self, gate: Gate) -> None:
        """Remember what a call taught about projects, or that it must be looked at anew."""
        if self._remembered is not None:
            self._remembered.keep({s: h for s, h in gate.histories.items() if s not in gate.unsure})

    def forget(self) -> None:
        """Read the policies anew for the next call, since this program has just changed them."""
        self._due = -inf

    def _known(self, streams: Collection[str], before: Gate | None) -> dict[str, History]:
        """Give what need not be read: what the call before knows, or what is remembered."""
        if before is not None:
            return {s: history for s, history in before.histories.items() if s in streams}
        return {} if self._remembered is None else self._remembered.take(streams)

    async def _refresh(self, connection: Connection) -> None:
        """Read the policies of plausibility that were adopted, as they are corrected by now."""
        fresh = await decrees(connection, ADOPTION, self._seen)
        if fresh:
            self._seen = fresh[-1].position
            ours = (event for event in fresh if event.payload.get("kind") == KIND)
            self._adopted |= {event.id: event for event in ours}
        if self._adopted:
            amendments = await amendments_of(connection, list(self._adopted))
            facts = visible_facts([*self._adopted.values(), *amendments])
            self._policies = _readable(facts)


def _by_place(policies: Iterable[Policy]) -> bool:
    """Tell whether one must know where a project lies to find its policy."""
    return any(policy.jurisdiction for policy in policies)


def _readable(facts: Iterable[Fact]) -> list[Policy]:
    """Give the policies whose bodies can be read; others are shown and never judge."""
    policies = []
    for fact in facts:
        try:
            policies.append(parse(str(fact.payload["body"])))
        except Malformed:
            continue
    return policies


def _target(delivery: Delivery, directory: Directory) -> Target | None:
    """Give the event that an amendment names, if it is known."""
    corrects = delivery.corrects or delivery.payload.get("target")
    if not isinstance(corrects, str):
        return None
    return directory.root(directory.target_of(target_key(corrects)))


def _streams(directory: Directory, item: Item) -> set[str]:
    """Give the streams of the projects that a delivery may be about."""
    if item.plain is not None:
        return directory.streams_of(item.plain.draft.stream)
    delivery = item.delivery
    found = set[str]()
    target = _target(delivery, directory) if delivery.kind in AMENDMENTS else None
    if target is not None:
        found.add(target.stream)
    if delivery.subject is not None:
        try:
            found |= directory.streams_of(reference(delivery.subject))
        except Malformed:
            # Drafting meets the same mistake and reports it.
            return found
    return {stream for stream in found if stream.startswith(PROJECT)}


async def _histories(connection: Connection, streams: Sequence[str]) -> dict[str, History]:
    """Fold what each project is known to have said about money, land and dates."""
    if not streams:
        return {}
    events = await streams_events(connection, streams, [*HISTORY, *AMENDMENTS])
    lying: Mapping[str, list[Recorded]] = defaultdict(list)
    for event in events:
        lying[event.stream].append(event)
    return {
        stream: history_of(fact for fact in visible_facts(mine) if fact.kind in HISTORY)
        for stream, mine in lying.items()
    }


def _claim(draft: Draft, root: Target | None, history: History) -> Claim | None:
    """Read what a draft says; an amendment says it of the fact it amends."""
    body = msgspec.json.decode(draft.body)
    if draft.kind not in AMENDMENTS:
        occurred_on = FlexDate.parse(body["occurred_on"])
        return Claim(draft.kind, body["payload"], occurred_on, draft.source_key)
    if draft.kind != CORRECTION or root is None:
        return None
    record = history.records.get(root.id, root.id)
    day = body["payload"].get("occurred_on") or history.day_of(record)
    payload = body["payload"].get("payload")
    if payload is None or day is None:
        return None
    return Claim(root.kind, payload, FlexDate.parse(day), record)
