"""Keep the facts of limited callers within their limits, and tell nobody what lies beyond.

What a limited token sends about a project elsewhere, or about an event of another source, is
treated as if nobody knew such a project or event: it gets the very receipt, and waits. When it is
taken in again it is held against the limits of its sender anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection

from domain.amendments import visible_facts
from domain.draft import Draft
from domain.envelope import Recorded
from domain.errors import Malformed
from domain.kinds.amendments import AMENDMENTS
from domain.revisions import REGISTRATION, REVISION, registrations
from intake.delivery import Delivery
from intake.directory import Directory, Target, kept_streams, target_key
from intake.drafting import AmbiguousSubject, Held, UnknownProject, UnknownTarget
from intake.grant import AMENDING, Limits
from intake.item import Item
from intake.naming import named_target, record_alias, registered_streams
from intake.subject import reference
from ledger.reading import streams_events

Connection = AsyncConnection[Any]
RECEIVED = "RequestReceived"
PLACING = frozenset({REGISTRATION, RECEIVED})
"""The kinds of which one must learn where something lies."""
_PROJECT, _ENTERPRISE = "project/", "enterprise/"
_RECORDED = """
SELECT DISTINCT e.source_key, e.stream FROM ledger.events AS e WHERE e.source_key = ANY(%s)
"""


class Fence:
    """What one call must know to tell whether its limited deliveries stay within their limits."""

    def __init__(self) -> None:
        """Know nothing, which is enough where nobody is limited."""
        self._districts: dict[str, str] = {}
        self._existing: set[str] = set()
        self._requests: dict[tuple[str, str], str] = {}
        self._recorded: dict[str, set[str]] = defaultdict(set)
        self._kept: dict[str, str] = {}

    async def open(
        self, connection: Connection, directory: Directory, items: Iterable[Item]
    ) -> "Fence":
        """Read where the projects lie that limited deliveries may be about."""
        limited = [item.delivery for item in items if _is_regional(item.limits)]
        if not limited:
            return self
        cursor = await connection.execute(_RECORDED, ([each.source_key for each in limited],))
        for source_key, stream in await cursor.fetchall():
            self._recorded[source_key].add(stream)
        named = {stream for each in limited for stream in _streams(directory, each)}
        named |= {stream for streams in self._recorded.values() for stream in streams}
        await self.place(connection, named)
        return self

    async def place(self, connection: Connection, streams: set[str]) -> None:
        """Read where projects lie."""
        self._kept = await kept_streams(connection)
        wanted = sorted(streams | {self._kept[stream] for stream in streams & self._kept.keys()})
        kinds = [REGISTRATION, REVISION, RECEIVED, *AMENDMENTS]
        self._fold(await streams_events(connection, wanted, kinds) if wanted else [])

    def bars(self, item: Item, drafted: Draft | Held, directory: Directory) -> Held | None:
        """Give the delivery as one about something unknown, if it is beyond its limits."""
        limits = item.limits
        if limits is None:
            return None
        draft = drafted.draft if isinstance(drafted, Held) else drafted
        waits = isinstance(drafted, Held) and drafted.waiting_for is not None
        is_beyond = not waits and (
            self._is_anothers(limits, item.delivery, directory)
            or self._is_elsewhere(limits, item.delivery, draft)
            or (limits.regions is not None and _is_ambiguous(drafted))
        )
        return _unknown(item.delivery, draft) if is_beyond else None

    def learn(self, draft: Draft, delivery: Delivery) -> None:
        """Count on what this call says of places for what comes after it."""
        district = delivery.payload.get("district")
        if not isinstance(district, str):
            return
        if draft.kind == RECEIVED:
            self._requests[draft.stream, str(delivery.payload.get("request_id"))] = district
        if draft.kind == REGISTRATION:
            self._districts.setdefault(draft.stream, district)
            self._existing.add(draft.stream)

    def allows(self, limits: Limits | None, stream: str) -> bool:
        """Tell whether a stream lies within some limits."""
        if limits is None or limits.regions is None:
            return True
        district = self._districts.get(self._kept.get(stream, stream))
        return district is not None and district.startswith(limits.regions)

    def _is_anothers(self, limits: Limits, delivery: Delivery, directory: Directory) -> bool:
        """Tell whether an amendment is of an event that another source sent."""
        target = _target(directory, delivery)
        return (
            limits.systems is not None
            and target is not None
            and target.system not in limits.systems
        )

    def _is_elsewhere(self, limits: Limits, delivery: Delivery, draft: Draft) -> bool:
        """Tell whether a fact, or what its record said before, lies beyond the regions."""
        if limits.regions is None:
            return False
        before = self._recorded.get(delivery.source_key, set())
        if any(not self.allows(limits, stream) for stream in before if stream.startswith(_PROJECT)):
            return True
        if draft.stream.startswith(_PROJECT):
            is_new = draft.kind == REGISTRATION and draft.stream not in self._existing
            return not is_new and not self.allows(limits, draft.stream)
        return not (draft.stream.startswith(_ENTERPRISE) and self._serves(limits, delivery, draft))

    def _serves(self, limits: Limits, delivery: Delivery, draft: Draft) -> bool:
        """Tell whether service to an enterprise was given within the regions, as it says itself.

        Of a request that was received before, its receipt says where.
        """
        stated = delivery.payload.get("district")
        request = (draft.stream, str(delivery.payload.get("request_id")))
        district = stated if isinstance(stated, str) else self._requests.get(request, "")
        return district.startswith(limits.regions or ())

    def _fold(self, events: Sequence[Recorded]) -> None:
        """Fold where projects lie, and where requests of enterprises were received."""
        lying: dict[str, list[Recorded]] = defaultdict(list)
        for event in events:
            lying[event.stream].append(event)
        self._existing |= lying.keys()
        for stream, mine in lying.items():
            facts = visible_facts(mine)
            for stated in registrations(facts):
                self._districts[stream] = str(stated.whole["district"])
            for fact in facts:
                if fact.kind == RECEIVED and fact.payload.get("district"):
                    request = str(fact.payload["request_id"])
                    self._requests[stream, request] = str(fact.payload["district"])


def _is_regional(limits: Limits | None) -> bool:
    """Tell whether regions limit a caller."""
    return limits is not None and limits.regions is not None


def _is_ambiguous(drafted: Draft | Held) -> bool:
    """Tell whether a delivery is held because several projects have its name."""
    return isinstance(drafted, Held) and isinstance(drafted.problem, AmbiguousSubject)


def _unknown(delivery: Delivery, draft: Draft) -> Held:
    """Hold a delivery as if what it names were unknown; its coming would not be enough."""
    if delivery.kind in AMENDING:
        corrects = named_target(delivery)
        problem = UnknownTarget(field="corrects", value=corrects)
        return Held(draft, problem, waiting_for=target_key(corrects), barred=True)
    subject = reference(delivery.subject) if delivery.subject else record_alias(delivery)
    unknown = UnknownProject(field="subject", value=subject)
    return Held(draft, unknown, waiting_for=subject, barred=True)


def _target(directory: Directory, delivery: Delivery) -> Target | None:
    """Give the event that an amendment names, if it is one and the event is known."""
    if delivery.kind not in AMENDING:
        return None
    try:
        return directory.target_of(target_key(named_target(delivery)))
    except Malformed:
        # Drafting meets the same mistake and reports it.
        return None


def _streams(directory: Directory, delivery: Delivery) -> set[str]:
    """Give the streams that a delivery may lie in."""
    found = set[str]()
    target = _target(directory, delivery)
    if target is not None:
        found.add(target.stream)
    try:
        if delivery.subject is not None:
            found |= directory.streams_of(reference(delivery.subject)) or {
                reference(delivery.subject)
            }
        if delivery.kind == REGISTRATION:
            found |= registered_streams(delivery, directory)
    except Malformed:
        return found
    return {stream for stream in found if stream.startswith((_PROJECT, _ENTERPRISE))}
