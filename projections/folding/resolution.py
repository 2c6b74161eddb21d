"""Turn a batch of events into changes of effective facts.

Most events are facts of their own and open themselves. Corrections and retractions act on
another event, perhaps through a chain, perhaps on one that is not in the ledger yet; for those
the whole tree of amendments is read and the effective fact before and after each of them is
compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from psycopg import Connection

from domain.amendments import as_recorded, effective, retracted
from domain.envelope import Recorded
from domain.fact import Fact
from ledger.reading import amendments_targeting, events_by_id
from projections.folding.kept import Kept, facts_in, splits_elsewhere, under_kept
from projections.folding.projection import Change

Tree = dict[str, list[Recorded]]
"""The amendments of each root event, by the root's id."""


def changes(connection: Connection[Any], batch: Sequence[Recorded]) -> list[Change]:
    """Give what each event of a batch changes, in the order of their positions."""
    if not batch:
        return []
    known = {event.id: event for event in batch}
    roots = _roots(connection, batch, known)
    trees = _trees(connection, roots, batch[-1].position)
    found = []
    for event in batch:
        root = event if event.corrects is None else roots.get(_root_id(event, known))
        if root is None or root.position > event.position:
            continue
        tree = trees.get(root.id)
        found.append(
            Change(event.position, root.id, None, as_recorded(root))
            if tree is None
            else _change(root, tree, event.position)
        )
    kept = Kept(connection, batch[-1].position)
    return _under_kept(connection, found, kept) if kept else found


def _under_kept(connection: Connection[Any], found: Sequence[Change], kept: Kept) -> list[Change]:
    """Give facts to the projects that are kept for those in whose streams they lie.

    Where links change, so do the projects of all facts of an absorbed stream: each is closed under
    the one and opened under the other at that position.
    """
    changed: list[Change] = []
    mapping = kept.at(found[0].position - 1) if found else {}
    for change in found:
        before, mapping = (
            mapping,
            (kept.at(change.position) if change.position in kept.positions else mapping),
        )
        closed = _given(change.closed, before, kept)
        opened = _given(change.opened, mapping, kept)
        changed.append(msgspec.structs.replace(change, closed=closed, opened=opened))
        if before != mapping:
            moved = _moved(connection, before, mapping, change.position - 1)
            changed += [
                Change(
                    change.position,
                    fact.id,
                    _given(fact, before, kept),
                    _given(fact, mapping, kept),
                )
                for fact in moved
                if fact.id != change.root
            ]
    return changed


def _moved(
    connection: Connection[Any], before: Mapping[str, str], after: Mapping[str, str], position: int
) -> list[Fact]:
    """Give the facts of which links changed whose they are, or whom they name."""
    found: dict[str, Fact] = {}
    for project in sorted(before.keys() | after.keys()):
        if before.get(project) != after.get(project):
            facts = facts_in(connection, project, position)
            elsewhere = splits_elsewhere(connection, project, position)
            found |= {fact.id: fact for fact in (*facts, *elsewhere)}
    return list(found.values())


def _given(fact: Fact | None, mapping: Mapping[str, str], kept: Kept) -> Fact | None:
    """Give a fact under the projects that are kept for its own and for those it names."""
    return None if fact is None else under_kept(kept.spelled_out(fact), mapping)


def _change(root: Recorded, tree: Sequence[Recorded], position: int) -> Change:
    """Compare what holds just before a position with what holds from it on."""
    before = [event for event in tree if event.position < position]
    after = [event for event in tree if event.position <= position]
    lost_before = retracted(root, before) if root.position < position else frozenset[str]()
    lost_after = retracted(root, after)
    old = effective(root, before) if root.position < position else None
    new = effective(root, after)
    if _same(old, new):
        old = new = None
    return Change(
        position,
        root.id,
        old,
        new,
        tuple(sorted(lost_after - lost_before)),
        tuple(sorted(lost_before - lost_after)),
    )


def _same(old: Fact | None, new: Fact | None) -> bool:
    """Tell whether an amendment changed nothing that is in force."""
    return old == new


def _root_id(event: Recorded, known: dict[str, Recorded]) -> str:
    """Follow a chain of amendments as far as its events are known."""
    seen = {event.id}
    while event.corrects is not None:
        target = known.get(event.corrects)
        if target is None or target.id in seen:
            return ""
        seen.add(target.id)
        event = target
    return event.id


def _roots(
    connection: Connection[Any], batch: Sequence[Recorded], known: dict[str, Recorded]
) -> dict[str, Recorded]:
    """Give the root events that a batch adds or touches; `known` grows by the targets read."""
    amended = {event.corrects for event in batch if event.corrects is not None}
    if not amended:
        return known
    wanted = amended - known.keys()
    while wanted:
        targets = events_by_id(connection, sorted(wanted))
        known.update((event.id, event) for event in targets)
        wanted = {event.corrects for event in targets if event.corrects is not None} - known.keys()
    return {event.id: event for event in known.values() if event.corrects is None}


def _trees(connection: Connection[Any], roots: Iterable[str], up_to: int) -> Tree:
    """Read all amendments of the roots, level by level, recorded up to a position."""
    root_of = {root: root for root in roots}
    trees: Tree = defaultdict(list)
    level = list(root_of)
    while level:
        found = amendments_targeting(connection, level, up_to)
        level = []
        for event in found:
            if event.corrects is None or event.id in root_of:
                continue
            root = root_of[event.corrects]
            root_of[event.id] = root
            trees[root].append(event)
            level.append(event.id)
    return trees
