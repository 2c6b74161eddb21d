"""Turn the drafts of one transaction into rows: the writer's whole arithmetic, without a database.

What a group meets is read under the writer's lock and given as a `Standing`.
Facts are added one by one, each with its own receipt, and count for the ones
after them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from domain.draft import Draft
from domain.envelope import event_bytes, leaf_hash
from domain.flexdate import BEIJING
from domain.receipt import Receipt, Status
from ledger import rows
from ledger.event_row import EventRow
from ledger.identity import Entry, Names, judge
from ledger.person_keys import PersonKeys
from ledger.rows import Row
from ledger.tree import Edge

LARGEST_EVENT = 65_535
OVERTAKEN = "overtaken"
"""The code of a policy that was judged beside others than hold by now."""


class Last(msgspec.Struct, frozen=True, gc=False):
    """A stream's last version and its leaf hash."""

    version: int
    leaf: bytes


NO_EVENT = Last(0, b"")


class Standing(NamedTuple):
    """What the ledger holds when a group begins."""

    edge: Edge
    recorded_at: datetime | None
    streams: Mapping[str, Last]
    known: Mapping[str, Sequence[Entry]]
    decreed: int = 0
    """The position of the last event about policies, where a draft depends on it."""


class Group:
    """Facts that will be committed together."""

    def __init__(
        self,
        standing: Standing,
        names: Mapping[str, Names],
        drafts: Sequence[Draft],
        keys: PersonKeys,
    ) -> None:
        """Begin on what the ledger holds; `drafts` are those that may be added.

        `names` are those of known events with equal content. Raises UnreadableKeys.
        """
        # Under the writer's lock, so that nobody throws a key away before what it locks is stored.
        keys.prepare(name.value for draft in drafts for name in draft.names)
        self._keys = keys
        self.began_at = standing.edge.size
        self._edge = standing.edge
        self._size = standing.edge.size
        self.last_recorded_at = standing.recorded_at
        self._streams = dict(standing.streams)
        self._known = {key: list(entries) for key, entries in standing.known.items()}
        self._decreed = standing.decreed
        self._recorded_names = dict(names)
        self._repeated = _repeated(drafts)
        self._leaves: list[bytes] = []
        self._instant = b""
        self.heads: list[Row] = []
        self.events: list[EventRow] = []
        self.names: list[Row] = []
        self.aliases: list[Row] = []
        self.mentions: list[Row] = []

    @property
    def grown(self) -> bool:
        """Tell whether anything was appended."""
        return self._size > self.began_at

    @property
    def size(self) -> int:
        """Count the ledger's events with those of this group."""
        return self._size

    def add(self, draft: Draft, moment: datetime, *, resumed: bool = False) -> Receipt:
        """Append a fact, or say why not.

        A group that is `resumed` may have been committed before its
        connection broke: a fact found under its own event id is then answered
        as it would have been.
        """
        history = self._known.get(draft.source_key)
        verdict = judge(draft, history, self._recorded_names) if history else None
        if isinstance(verdict, Receipt):
            return _first_answer(draft, verdict, history) if resumed and history else verdict
        last = self._streams.get(draft.stream, NO_EVENT)
        if draft.expected_version is not None and draft.expected_version != last.version:
            return _stale(draft, last)
        if draft.beside is not None and draft.beside != self._decreed:
            return _overtaken()
        recorded_at = self.last_recorded_at
        # The clock may go back; recorded time never does.
        if recorded_at is None or moment > recorded_at:
            recorded_at = moment
        if verdict is None:
            return self._append(draft, draft, last, recorded_at) or Receipt(
                Status.ACCEPTED, draft.id, self._size
            )
        decided_on = recorded_at.astimezone(BEIJING).date().isoformat()
        stored = draft.as_revision(verdict.of.id, id=draft.id, decided_on=decided_on)
        return self._append(draft, stored, last, recorded_at) or Receipt(
            Status.CORRECTED, stored.id, self._size
        )

    def take_events(self) -> list[EventRow]:
        """Give the rows of events made since the last call."""
        taken, self.events = self.events, []
        return taken

    def close_head(self) -> None:
        """Finish the head row over the events added since the last one."""
        if self._leaves:
            previous = self._edge.size
            self._edge = self._edge.extended(self._leaves)
            self._leaves = []
            self.heads.append(
                (
                    rows.bigint(self._edge.size),
                    rows.bigint(previous),
                    rows.data(self._edge.to_bytes()),
                    self._instant,
                )
            )

    def _append(
        self, draft: Draft, stored: Draft, last: Last, recorded_at: datetime
    ) -> Receipt | None:
        """Append after the stream's last event, unless it is too large."""
        version = last.version + 1
        data = event_bytes(
            body=stored.body,
            kind=stored.kind,
            prev=last.leaf.hex() if last.leaf else None,
            recorded_at=recorded_at,
            stream=stored.stream,
            version=version,
        )
        if len(data) > LARGEST_EVENT:
            return _too_large(len(data))
        if recorded_at is not self.last_recorded_at or not self._instant:
            self.close_head()
            self.last_recorded_at = recorded_at
            self._instant = rows.instant(recorded_at)
        leaf = leaf_hash(data)
        self._size += 1
        self._leaves.append(leaf)
        self._streams[draft.stream] = Last(version, leaf)
        if draft.source_key in self._repeated:
            self._remember(draft, stored)
        event = EventRow(self._size, draft, stored, version, self._instant, leaf, data)
        self.events.append(event)
        if stored.names or stored.aliases or stored.mentions:
            self._make_side_rows(stored)
        return None

    def _remember(self, draft: Draft, stored: Draft) -> None:
        """Let the facts after this one find it."""
        entry = Entry(
            stored.id,
            self._size,
            stored.kind,
            stored.stream,
            draft.version_key,
            draft.content_digest,
        )
        self._known.setdefault(draft.source_key, []).append(entry)
        if stored.names:
            self._recorded_names[stored.id] = {name.path: name.value for name in stored.names}

    def _make_side_rows(self, stored: Draft) -> None:
        identifier = rows.uuid(stored.id)
        for name in stored.names:
            locked = self._keys.lock(name)
            self.names.append(
                (
                    identifier,
                    rows.repeated_texts(name.path),
                    rows.text(name.commitment),
                    rows.data(locked.salt),
                    rows.text(locked.value),
                )
            )
        if stored.aliases or stored.mentions:
            position, stream = rows.bigint(self._size), rows.repeated_text(stored.stream)
            for alias in set(stored.aliases):
                self.aliases.append((rows.text(alias), stream, identifier, position))
            for mention in set(stored.mentions):
                self.mentions.append((rows.text(mention), position))


def _repeated(drafts: Iterable[Draft]) -> set[str]:
    """Give the source records of which there is more than one draft; mostly there are none."""
    seen: set[str] = set()
    repeated: set[str] = set()
    for draft in drafts:
        (repeated if draft.source_key in seen else seen).add(draft.source_key)
    return repeated


def names_in_question(drafts: Iterable[Draft], known: Mapping[str, Sequence[Entry]]) -> list[str]:
    """Name the events whose persons' names decide whether a draft repeats them."""
    return [
        entry.id
        for draft in drafts
        if draft.names
        for entry in known.get(draft.source_key, ())
        if entry.content_digest == draft.content_digest
    ]


def _first_answer(draft: Draft, verdict: Receipt, history: Sequence[Entry]) -> Receipt:
    """Give the receipt that was lost with the connection, if the fact was recorded before it."""
    if verdict.event_id != draft.id:
        return verdict
    status = Status.ACCEPTED if history[0].id == draft.id else Status.CORRECTED
    return Receipt(status, verdict.event_id, verdict.position)


def _stale(draft: Draft, last: Last) -> Receipt:
    return Receipt(
        Status.REJECTED,
        code="stale_version",
        field="expectedversion",
        value=str(draft.expected_version),
        cure=f"{draft.stream} is at version {last.version}; read it again and decide anew.",
    )


def _overtaken() -> Receipt:
    return Receipt(
        Status.REJECTED,
        code=OVERTAKEN,
        cure="Another policy was adopted at the same moment; send it again.",
    )


def _too_large(size: int) -> Receipt:
    return Receipt(
        Status.REJECTED,
        code="event_too_large",
        field="data",
        value=f"{size} bytes",
        cure=f"An event holds at most {LARGEST_EVENT} bytes; send documents by their digest.",
    )
