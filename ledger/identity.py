"""Decide what a delivered fact is to the ledger: new, known, a revision, or in conflict.

A fact is known by its source record and that record's version, never by its
content; contents are compared only to tell a repetition from a contradiction.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.draft import Draft
from domain.receipt import Receipt, Status

Names = Mapping[tuple[str, ...], str | None]


class Entry(NamedTuple):
    """An event already recorded from some source record."""

    id: str
    position: int
    kind: str
    stream: str
    version_key: str | None
    content_digest: bytes


class Revision(NamedTuple):
    """The verdict that a draft revises a recorded event."""

    of: Entry


def judge(
    draft: Draft, history: Sequence[Entry], names: Mapping[str, Names]
) -> Receipt | Revision | None:
    """Compare a draft with what its source record gave before, in order of position.

    None means that it is new. `names` are the persons' names of recorded
    events, which their content digests leave out.
    """
    if not history:
        return None
    same = [entry for entry in history if entry.version_key == draft.version_key]
    for entry in same if draft.version_key is not None else history:
        if _same_content(draft, entry, names):
            return Receipt(Status.DUPLICATE, entry.id, entry.position)
    if misplaced := _misplaced(draft, history):
        return misplaced
    if same:
        return _contradiction(draft, same[0])
    latest = max(history, key=lambda entry: entry.version_key or "")
    if (draft.version_key or "") < (latest.version_key or ""):
        return Receipt(Status.SUPERSEDED, latest.id, latest.position)
    return Revision(history[0])


def _misplaced(draft: Draft, history: Sequence[Entry]) -> Receipt | None:
    """Keep a fact out that only a person can place."""
    origin = history[0]
    if draft.kind != origin.kind:
        return _conflict("kind_conflict", "kind", draft.kind, origin)
    if draft.stream != origin.stream:
        return _conflict("subject_conflict", "subject", draft.stream, origin)
    if draft.version_key is None:
        return _conflict("version_conflict", "recordversion", None, history[-1])
    return None


def _same_content(draft: Draft, entry: Entry, names: Mapping[str, Names]) -> bool:
    """Compare content and names; an erased name contradicts none."""
    if draft.content_digest != entry.content_digest:
        return False
    recorded = names.get(entry.id, {})
    # A revision carries the revised payload inside its own.
    inside = () if entry.kind == draft.kind else ("payload",)
    return all(
        recorded.get((*inside, *name.path)) in {None, name.value}
        for name in draft.names
        if name.path[0] == "payload"
    )


_CURES = {
    "kind_conflict": "Record {key} is a {entry.kind}; send this fact under its own record id.",
    "subject_conflict": "Record {key} belongs to {entry.stream}; retract it there, or send this "
    "fact under its own record id.",
    "version_conflict": "Record {key} has other content; send a record version, or decide by "
    "hand which of the two holds.",
}


def _conflict(code: str, field: str, value: str | None, entry: Entry) -> Receipt:
    cure = _CURES[code].format(key=f"of event {entry.id}", entry=entry)
    return Receipt(Status.QUARANTINED, entry.id, entry.position, code, field, value, cure)


def _contradiction(draft: Draft, entry: Entry) -> Receipt:
    """Refuse other content under a version that is taken."""
    return Receipt(
        Status.REJECTED,
        entry.id,
        entry.position,
        "duplicate_key_other_content",
        "recordversion",
        draft.record_version,
        "Send changed content under a higher record version, or correct the event by its id.",
    )
