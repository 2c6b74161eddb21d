"""What corrections and retractions leave of a fact.

An amendment acts unless an acting retraction takes it back. The newest acting correction replaces
what it names; a correction of a correction replaces that correction's content, and a retraction of
a retraction restores. None of this depends on the order in which the events arrived.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from domain.envelope import Recorded
from domain.errors import Malformed
from domain.fact import Fact, order_key, phase_of, place_met_once, place_of, project_of
from domain.flexdate import FlexDate
from domain.kinds import fits
from domain.kinds.amendments import AMENDMENTS, CORRECTION, RETRACTION
from domain.versions import version_key

_Rank = tuple[str, str]

fold_order = attrgetter("order_key", "position")
"""The key facts are folded by; the position only separates what nothing else does."""


class _Part(NamedTuple):
    """One half of a fact's content, its payload or its date, and the event that gave it."""

    given: Any
    by: Recorded
    rank: _Rank = ("", "")


class _Content(NamedTuple):
    """What an event says after its own corrections; a correction may say only one of the two."""

    payload: _Part | None
    occurred_on: _Part | None
    decided: _Rank


class _Tree(NamedTuple):
    """The amendments under one fact: by target, targets first, and those that act."""

    under: Mapping[str, Sequence[Recorded]]
    order: Sequence[Recorded]
    acting: frozenset[str]

    def takes_back(self, event: Recorded) -> bool:
        """Tell whether an acting retraction names an event."""
        return _taken_back(event, self.under, self.acting)


def effective(root: Recorded, amendments: Sequence[Recorded]) -> Fact | None:
    """Give what is in force of a fact under the amendments seen; None when it is retracted.

    Amendments whose chain of targets does not end at the root are ignored: they wait for a target
    that is not there, or are another fact's. So is a replacement payload that does not fit the
    kind of the fact, which nobody could check when the correction came first.
    """
    if not amendments:
        return _fact(root, root.payload, root.occurred_on, root)
    if len(amendments) == 1 and _is_simple(root, amendments[0]):
        return _amended_once(root, amendments[0])
    own = _Content(_Part(root.payload, root), _Part(root.occurred_on, root), ("", ""))
    tree = _tree(root, amendments)
    if tree.takes_back(root):
        return None
    contents: dict[str, _Content] = {}
    for event in reversed(tree.order):
        contents[event.id] = _resolved(event, _said(event, root.kind), tree, contents)
    said = _resolved(root, own, tree, contents)
    payload = said.payload or _Part(root.payload, root)
    occurred_on = said.occurred_on or _Part(root.occurred_on, root)
    cause = payload.by if payload.rank >= occurred_on.rank else occurred_on.by
    return _fact(root, payload.given, occurred_on.given, cause)


def as_recorded(root: Recorded) -> Fact:
    """Give the fact of an event that nothing amends, as `effective` does.

    It is for who reads the ledger through, and keeps nothing at hand for the next time.
    """
    place = place_met_once(
        root.occurred_on.text, root.kind, root.source.system, root.source.record_id
    )
    return _fact_at(place, root, root.payload, root.occurred_on, root)


def _is_simple(root: Recorded, amendment: Recorded) -> bool:
    """Tell whether an amendment names a fact itself."""
    return amendment.corrects == root.id and amendment.kind in AMENDMENTS


def _amended_once(root: Recorded, amendment: Recorded) -> Fact | None:
    """Give what is in force of a fact under the one amendment there is, as most have no more."""
    if amendment.kind == RETRACTION:
        return None
    payload, day = _words(amendment, root.kind)
    says_nothing = payload is None and (day is None or _same_record(amendment, root))
    return _fact(
        root,
        root.payload if payload is None else payload,
        root.occurred_on if day is None else day,
        root if says_nothing else amendment,
    )


def retracted(root: Recorded, amendments: Sequence[Recorded]) -> frozenset[str]:
    """Give the ids, of a fact and the amendments under it, that an acting retraction takes back."""
    tree = _tree(root, amendments)
    return frozenset(event.id for event in (root, *tree.order) if tree.takes_back(event))


def visible_facts(events: Iterable[Recorded], known_position: int | None = None) -> list[Fact]:
    """Fold events into effective facts, in fold order, the plain way.

    This is the definition every faster answer is compared with.
    """
    roots: list[Recorded] = []
    amending: list[Recorded] = []
    for event in events:
        if known_position is None or event.position <= known_position:
            (amending if event.kind in AMENDMENTS else roots).append(event)
    amendments = _by_root(amending)
    facts: list[Fact] = []
    for root in roots:
        if root.id not in amendments:
            facts.append(_fact(root, root.payload, root.occurred_on, root))
        elif fact := effective(root, amendments[root.id]):
            facts.append(fact)
    # In two passes, since most come by position already and texts alone are compared faster.
    facts.sort(key=attrgetter("position"))
    facts.sort(key=attrgetter("order_key"))
    return facts


def _by_root(amendments: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """Group amendments by the id their chain of targets ends at; a cycle ends nowhere."""
    target = {event.id: event.corrects for event in amendments}
    grouped: dict[str, list[Recorded]] = defaultdict(list)
    for event in amendments:
        end, steps = event.corrects, 0
        while end in target and steps <= len(target):
            end, steps = target[end], steps + 1
        grouped[end or ""].append(event)
    return grouped


def _tree(root: Recorded, amendments: Sequence[Recorded]) -> _Tree:
    """Hang amendments under their targets, and find out from the leaves up which of them act.

    An event has one target, so whatever is reached from the root is a tree, and a cycle of events
    that name each other is never reached.
    """
    under: dict[str, list[Recorded]] = defaultdict(list)
    for event in amendments:
        under[event.corrects or ""].append(event)
    order = list(under[root.id])
    for event in order:  # grows while it is walked
        order.extend(under[event.id])
    acting: set[str] = set()
    for event in reversed(order):
        if not _taken_back(event, under, acting):
            acting.add(event.id)
    return _Tree(under, order, frozenset(acting))


def _taken_back(
    event: Recorded, under: Mapping[str, Sequence[Recorded]], acting: Iterable[str]
) -> bool:
    """Tell whether one of the acting amendments retracts an event."""
    return any(child.kind == RETRACTION and child.id in acting for child in under[event.id])


def _said(event: Recorded, kind: str) -> _Content:
    """Give what an amendment itself says about a fact of a kind."""
    payload, day = _words(event, kind)
    version = version_key(event.source.record_version or "")
    return _Content(
        None if payload is None else _Part(payload, event),
        None if day is None else _Part(day, event),
        (order_key(event.occurred_on, CORRECTION, event.source), version),
    )


def _words(event: Recorded, kind: str) -> tuple[dict[str, Any] | None, FlexDate | None]:
    """Give the payload and the date that an amendment gives a fact of a kind."""
    payload = event.payload.get("payload")
    if payload is not None and not fits(kind, payload):
        payload = None
    return payload, _day(event.payload.get("occurred_on"))


def _day(text: object) -> FlexDate | None:
    """Read a corrected date; one that cannot be read corrects nothing."""
    try:
        return FlexDate.parse(text) if isinstance(text, str) else None
    except Malformed:
        return None


def _resolved(
    event: Recorded, own: _Content, tree: _Tree, contents: Mapping[str, _Content]
) -> _Content:
    """Lay an event's acting corrections over what it says itself, each part by the newest.

    A newer version of the very record the event came from is not a decision about it but its
    present text: had it arrived first, it would be the event. So it replaces the event's own
    words as a whole, and every explicit correction lies above it, whenever it came.
    """
    acting = [c for c in tree.under[event.id] if c.kind == CORRECTION and c.id in tree.acting]
    revisions = [child for child in acting if _same_record(child, event)]
    payload, occurred_on, decided = own
    if revisions:
        newest = max(revisions, key=lambda child: version_key(child.source.record_version or ""))
        payload, occurred_on, decided = contents[newest.id]
        payload = payload and payload._replace(rank=("", ""))
        occurred_on = occurred_on and occurred_on._replace(rank=("", ""))
    for child in acting:
        if not _same_record(child, event):
            said = contents[child.id]
            payload = _newer(payload, said.payload, said.decided)
            occurred_on = _newer(occurred_on, said.occurred_on, said.decided)
    return _Content(payload, occurred_on, decided)


def _newer(old: _Part | None, new: _Part | None, decided: _Rank) -> _Part | None:
    """Choose between a part and a correction's, which counts from the correction's decision."""
    if new is None or (old is not None and old.rank >= decided):
        return old
    return new._replace(rank=decided)


def _same_record(one: Recorded, other: Recorded) -> bool:
    """Tell whether two events came from one record of one system."""
    return (one.source.system, one.source.record_id) == (
        other.source.system,
        other.source.record_id,
    )


def _fact(root: Recorded, payload: dict[str, Any], occurred_on: FlexDate, cause: Recorded) -> Fact:
    """Build the effective fact: identity from its first event, words from the event in force."""
    place = place_of(occurred_on.text, root.kind, root.source.system, root.source.record_id)
    return _fact_at(place, root, payload, occurred_on, cause)


def _fact_at(
    place: str, root: Recorded, payload: dict[str, Any], occurred_on: FlexDate, cause: Recorded
) -> Fact:
    """Build the effective fact whose place in the fold is known."""
    return Fact(
        root.id,
        root.position,
        cause.id,
        root.kind,
        root.stream,
        project_of(root.stream),
        phase_of(root.kind, payload),
        occurred_on,
        payload,
        cause.actor,
        root.source,
        cause.evidence or root.evidence,
        cause.reason,
        place,
        root.recorded_at,
    )
