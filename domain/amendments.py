"""What corrections and retractions leave of a fact.

An amendment acts unless an acting retraction takes it back. The newest acting correction replaces
what it names; a correction of a correction replaces that correction's content, and a retraction of
a retraction restores. None of this depends on the order in which the events arrived.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from domain.envelope import Recorded
from domain.fact import Fact, order_key, phase_of, project_of
from domain.flexdate import FlexDate
from domain.versions import version_key

CORRECTION = "EventCorrected"
RETRACTION = "EventRetracted"
AMENDMENTS = frozenset({CORRECTION, RETRACTION})

_Children = Mapping[str, Sequence[Recorded]]
_Rank = tuple[bool, str, str, str]


class _Part(NamedTuple):
    """One half of a fact's content, its payload or its date, and the event that gave it."""

    rank: _Rank
    given: Any
    by: Recorded


class _Content(NamedTuple):
    """What an event says after its own corrections; a correction may say only one of the two."""

    payload: _Part | None
    occurred_on: _Part | None


_FIRST: _Rank = (False, "", "", "")


def effective(root: Recorded, amendments: Sequence[Recorded]) -> Fact | None:
    """Give what is in force of a fact under the amendments seen; None when it is retracted.

    Amendments whose chain of targets does not end at the root are ignored: they wait for a target
    that is not there, or are another fact's.
    """
    if not amendments:
        return _fact(root, root.payload, root.occurred_on, root)
    tree, order = _tree(root, amendments)
    acting = _acting(tree, order)
    if any(child.kind == RETRACTION and child.id in acting for child in tree[root.id]):
        return None
    contents: dict[str, _Content] = {}
    for event in reversed(order):
        contents[event.id] = _content(event, tree, acting, contents)
    own = _Content(_Part(_FIRST, root.payload, root), _Part(_FIRST, root.occurred_on, root))
    payload, occurred_on = _overlaid(root, own, tree, acting, contents)
    assert payload is not None  # the root always gives both parts
    assert occurred_on is not None
    cause = max(payload, occurred_on, key=lambda part: part.rank).by
    return _fact(root, payload.given, occurred_on.given, cause)


def visible_facts(events: Iterable[Recorded], known_position: int | None = None) -> list[Fact]:
    """Fold events into effective facts, in fold order, the plain way.

    This is the definition every faster answer is compared with.
    """
    seen = [e for e in events if known_position is None or e.position <= known_position]
    amendments = [event for event in seen if event.kind in AMENDMENTS]
    roots_of = _roots(amendments)
    facts = [
        effective(event, roots_of.get(event.id, ()))
        for event in seen
        if event.kind not in AMENDMENTS
    ]
    return sorted((fact for fact in facts if fact is not None), key=fold_order)


def fold_order(fact: Fact) -> tuple[str, int]:
    """Give the key facts are folded by; the position only separates what nothing else does."""
    return fact.order_key, fact.position


def _roots(amendments: Sequence[Recorded]) -> dict[str, list[Recorded]]:
    """Group amendments by the id their chain of targets ends at, in one pass each."""
    target = {event.id: event.corrects for event in amendments}
    grouped: dict[str, list[Recorded]] = defaultdict(list)
    for event in amendments:
        end, steps = event.corrects, 0
        while end in target and steps <= len(target):
            end, steps = target[end], steps + 1
        if end is not None:
            grouped[end].append(event)
    return grouped


def _tree(
    root: Recorded, amendments: Sequence[Recorded]
) -> tuple[dict[str, list[Recorded]], list[Recorded]]:
    """Hang amendments under their targets; give also those under the root, targets first.

    An event has one target, so whatever is reached from the root is a tree, and a cycle of events
    that name each other is never reached.
    """
    tree: dict[str, list[Recorded]] = defaultdict(list)
    for event in amendments:
        if event.corrects is not None and event.id != root.id:
            tree[event.corrects].append(event)
    order = list(tree[root.id])
    for event in order:  # grows while it is walked
        order.extend(tree[event.id])
    return tree, order


def _acting(tree: _Children, order: Sequence[Recorded]) -> set[str]:
    """Give the ids of the amendments that no acting retraction takes back, leaves first."""
    acting: set[str] = set()
    for event in reversed(order):
        undone = any(c.kind == RETRACTION and c.id in acting for c in tree[event.id])
        if not undone:
            acting.add(event.id)
    return acting


def _content(
    event: Recorded, tree: _Children, acting: set[str], contents: Mapping[str, _Content]
) -> _Content:
    """Give what an amendment says after its own corrections."""
    rank = _FIRST
    payload = event.payload.get("payload")
    day = event.payload.get("occurred_on")
    own = _Content(
        None if payload is None else _Part(rank, payload, event),
        None if day is None else _Part(rank, FlexDate.parse(day), event),
    )
    return _overlaid(event, own, tree, acting, contents)


def _overlaid(
    event: Recorded,
    own: _Content,
    tree: _Children,
    acting: set[str],
    contents: Mapping[str, _Content],
) -> _Content:
    """Lay an event's acting corrections over what it says itself, each part by the newest."""
    payload, occurred_on = own
    for child in tree[event.id]:
        if child.kind != CORRECTION or child.id not in acting:
            continue
        rank, said = _rank(child, event), contents[child.id]
        if said.payload is not None and (payload is None or rank > payload.rank):
            payload = _Part(rank, said.payload.given, said.payload.by)
        if said.occurred_on is not None and (occurred_on is None or rank > occurred_on.rank):
            occurred_on = _Part(rank, said.occurred_on.given, said.occurred_on.by)
    return _Content(payload, occurred_on)


def _rank(correction: Recorded, target: Recorded) -> _Rank:
    """Order the corrections of one target.

    A newer version of the very record the target came from is not a decision about it but its
    present text: had it arrived first it would be the target itself. So every explicit correction
    outranks it, and only the versions order such revisions among each other.
    """
    source = correction.source
    version = version_key(source.record_version or "")
    own_record = (source.system, source.record_id)
    if own_record == (target.source.system, target.source.record_id):
        return False, version, "", correction.id
    return True, order_key(correction.occurred_on, CORRECTION, source), version, correction.id


def _fact(root: Recorded, payload: dict[str, Any], occurred_on: FlexDate, cause: Recorded) -> Fact:
    """Build the effective fact: identity from its first event, words from the event in force."""
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
        order_key(occurred_on, root.kind, root.source),
        root.recorded_at,
    )
