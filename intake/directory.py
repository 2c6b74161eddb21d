"""Know which subjects and events there are, for the length of one call.

It is asked about whole batches at once, and learns from each draft of the batch, so that a fact may
name a project that was registered, or a fact that was sent, a line before it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from domain.amendments import effective, visible_facts
from domain.draft import Draft, aliases_of
from domain.fact import Fact
from domain.identity import LINK, Link, kept_for
from domain.versions import version_key
from ledger.reading import amendments_of, decrees, events_by_id

EVENT = "event:"
RECORD = f"{EVENT}source:"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Each key is looked up by itself, behind an OFFSET that keeps the planner from joining tables.
# A plan that was made while the ledger was empty is kept while it grows, and would read it all.
LOOK_UP = """
SELECT 'stream', e.stream, NULL, e.stream, NULL, NULL, NULL
FROM unnest(%(streams)s::text[]) AS asked (stream)
CROSS JOIN LATERAL (
    SELECT r.stream FROM ledger.events AS r
    WHERE r.stream = asked.stream AND r.version = 1 OFFSET 0
) AS e
UNION ALL
-- An alias given with an event is in doubt: the event amends another one, or is amended.
SELECT 'alias', a.alias, CASE
    WHEN e.corrects IS NOT NULL
        OR EXISTS (SELECT FROM ledger.events AS r WHERE r.corrects = e.id OFFSET 0)
    THEN e.id::text
END, a.stream, NULL, NULL, NULL
FROM unnest(%(aliases)s::text[]) AS asked (alias)
CROSS JOIN LATERAL (
    SELECT r.alias, r.stream, r.event FROM ledger.aliases AS r
    WHERE r.alias = asked.alias OFFSET 0
) AS a
CROSS JOIN LATERAL (
    SELECT r.id, r.corrects FROM ledger.events AS r WHERE r.id = a.event OFFSET 0
) AS e
UNION ALL
SELECT 'event', e.id::text, e.id::text, e.stream, e.kind, e.corrects::text, e.source_key
FROM unnest(%(events)s::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT r.id, r.stream, r.kind, r.corrects, r.source_key FROM ledger.events AS r
    WHERE r.id = asked.id OFFSET 0
) AS e
UNION ALL
SELECT 'record', asked.key, e.id::text, e.stream, e.kind, e.corrects::text, e.source_key
FROM unnest(%(records)s::text[]) AS asked (key)
CROSS JOIN LATERAL (
    -- Adding nothing keeps the planner from walking all positions to find the first.
    SELECT r.id, r.stream, r.kind, r.corrects, r.source_key FROM ledger.events AS r
    WHERE r.source_key = asked.key ORDER BY r.position + 0 LIMIT 1
) AS e
"""

_VERSIONS = """
SELECT e.source_key, coalesce(e.version_key, ''), e.stream FROM ledger.events AS e
WHERE e.source_key = ANY(%s)
"""

ROOTS = """
WITH RECURSIVE chain (event, id, corrects) AS (
    SELECT e.id, e.id, e.corrects FROM unnest(%s::uuid[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT r.id, r.corrects FROM ledger.events AS r WHERE r.id = asked.id OFFSET 0
    ) AS e
    UNION
    SELECT c.event, e.id, e.corrects FROM chain AS c CROSS JOIN LATERAL (
        SELECT r.id, r.corrects FROM ledger.events AS r WHERE r.id = c.corrects OFFSET 0
    ) AS e
)
SELECT c.event::text, c.id::text FROM chain AS c WHERE c.corrects IS NULL
"""


class Target(NamedTuple):
    """An event that may be amended."""

    id: str
    stream: str
    kind: str
    corrects: str | None
    source_key: str = ""

    @property
    def system(self) -> str:
        """Name the system that the event came from."""
        return self.source_key.partition("/")[0]


class Directory:
    """What one call knows about streams, aliases and events."""

    def __init__(self) -> None:
        """Start knowing nothing."""
        self._streams: set[str] = set()
        self._aliases: dict[str, set[str]] = {}
        self._targets: dict[str, Target] = {}
        self._records: dict[str, Draft] = {}
        self._drafts: dict[str, Draft] = {}
        self._fresh: list[Draft] = []
        self._versions: dict[tuple[str, str], str] = {}
        self._kept: dict[str, str] = {}
        self.restores = False
        """Whether a draft takes an amendment back, so that names of a project may hold again."""

    async def look_up(self, connection: AsyncConnection[Any], keys: Iterable[str]) -> None:
        """Find out what the ledger knows about keys: streams, aliases, events and records."""
        asked: dict[str, list[str]] = {"streams": [], "aliases": [], "events": [], "records": []}
        for key in keys:
            asked[_group(key)].append(_bare(key))
        if not any(asked.values()):
            return
        asked["aliases"] += [s for s in asked["streams"] if s.startswith("project/")]
        cursor = await connection.execute(LOOK_UP, asked, prepare=True)
        amended = set()
        doubtful: dict[str, dict[str, str]] = {}
        for what, key, event, stream, kind, corrects, source in await cursor.fetchall():
            if what == "stream":
                self._streams.add(stream)
            elif what == "alias" and event is not None:
                doubtful.setdefault(event, {})[key] = stream
            elif what == "alias":
                self._aliases.setdefault(key, set()).add(stream)
            else:
                name = key if what == "event" else f"source:{key}"
                self._targets[EVENT + name] = Target(event, stream, kind, corrects, source)
                if corrects and EVENT + corrects not in self._targets:
                    amended.add(EVENT + corrects)
        for event, alias in await _still_given(connection, doubtful):
            self._aliases.setdefault(alias, set()).add(doubtful[event][alias])
        if any(len(self._aliases.get(alias, ())) > 1 for alias in asked["aliases"]):
            self._kept |= await kept_streams(connection)
        # What an amendment amends, down to the fact, whose kind a new payload must fit.
        await self.look_up(connection, amended)

    async def look_up_versions(
        self, connection: AsyncConnection[Any], source_keys: Sequence[str]
    ) -> None:
        """Find out in which versions, and where, records have been recorded."""
        if not source_keys:
            return
        cursor = await connection.execute(_VERSIONS, (list(source_keys),))
        for source_key, version, stream in await cursor.fetchall():
            self._versions[source_key, version] = stream

    def recorded_in(self, source_key: str, version: str | None) -> str | None:
        """Give the stream in which a version of a record that was looked up has been recorded."""
        if not self._versions:
            return None
        return self._versions.get((source_key, "" if version is None else version_key(version)))

    def streams_of(self, subject: str) -> set[str]:
        """Give the streams a subject means: none if it is unknown, several if it is ambiguous."""
        if subject.startswith(("code:", "source:")):
            named = self.named(subject)
            return named if len(named) <= 1 else {self._kept.get(each, each) for each in named}
        # What a link absorbs is known by it, even before anybody registered it.
        known = subject in self._streams or subject in self._aliases
        return {subject} if known else set()

    def named(self, alias: str) -> set[str]:
        """Give the streams that an alias was given to, whatever became of them."""
        return self._aliases.get(alias, set())

    def is_stream(self, stream: str) -> bool:
        """Tell whether a stream is there under its own name."""
        return stream in self._streams

    def target_of(self, key: str) -> Target | None:
        """Give the event that a target key names; what the ledger holds comes first."""
        target = self._targets.get(key)
        if target is not None:
            return target
        record = key.removeprefix(RECORD)
        draft = self._drafts.get(_bare(key)) if record == key else self._records.get(record)
        if draft is None:
            return None
        return Target(draft.id, draft.stream, draft.kind, draft.corrects, draft.source_key)

    def root(self, target: Target | None) -> Target | None:
        """Give the fact at the end of a chain of amendments, if it is known."""
        seen: set[str] = set()
        while target is not None and target.corrects is not None:
            target = self.target_of(EVENT + target.corrects)
            if target is None or target.id in seen:
                return None
            seen.add(target.id)
        return target

    def root_kind(self, target: Target) -> str | None:
        """Give the kind of the fact at the end of a chain of amendments, if it is known."""
        root = self.root(target)
        return None if root is None else root.kind

    def knows(self, key: str) -> bool:
        """Tell whether something that waits for a key need not wait any more."""
        if key.startswith(EVENT):
            return self.target_of(key) is not None
        return bool(self.streams_of(key))

    def learn(self, draft: Draft) -> None:
        """Count on a draft of this call being appended before the ones that come after it.

        One whose record is known as another kind of fact, or in another stream, is not counted on:
        the ledger refuses it.
        """
        key = draft.source_key
        told = self._records.setdefault(key, draft)
        known = self._targets.get(RECORD + key, told) if self._targets else told
        if known.stream != draft.stream or known.kind != draft.kind:
            return
        self._drafts[draft.id] = draft
        self._fresh.append(draft)
        self._streams.add(draft.stream)
        for alias in draft.aliases:
            self._aliases.setdefault(alias, set()).add(draft.stream)

    def follow(self, before: "Directory", keys: Iterable[str]) -> None:
        """Count on what another call knows about keys, whose drafts are on their way."""
        for key in keys:
            if before.is_stream(key):
                self._streams.add(key)
            if named := before.named(key):
                self._aliases.setdefault(key, set()).update(named)
            event = key if key.startswith(EVENT) else None
            while event is not None and event not in self._targets:
                target = before.target_of(event)
                if target is not None:
                    self._targets[event] = target
                event = EVENT + target.corrects if target and target.corrects else None

    def learnt(self) -> Iterator[str]:
        """Give once the keys that drafts of this call provide; kept deliveries may wait for them.

        They are made one by one, since mostly nothing waits and nobody wants them.
        """
        fresh, self._fresh = self._fresh, []
        return chain.from_iterable(map(_provided, fresh))


def _provided(draft: Draft) -> tuple[str, ...]:
    """Give the keys that others may wait for until a draft is appended."""
    return (RECORD + draft.source_key, EVENT + draft.id, draft.stream, *draft.aliases)


async def _still_given(
    connection: AsyncConnection[Any], doubtful: Mapping[str, Iterable[str]]
) -> set[tuple[str, str]]:
    """Give the aliases, each with its event, that hold after all corrections and retractions."""
    if not doubtful:
        return set()
    cursor = await connection.execute(ROOTS, [list(doubtful)])
    root_of: dict[str, str] = dict(await cursor.fetchall())
    roots = list(set(root_of.values()))
    amendments = await amendments_of(connection, roots)
    facts = {root.id: effective(root, amendments) for root in await events_by_id(connection, roots)}
    return {
        (event, alias)
        for event, aliases in doubtful.items()
        for alias in aliases
        if _gives(facts.get(root_of.get(event, "")), alias)
    }


def _gives(fact: Fact | None, alias: str) -> bool:
    """Tell whether a fact, as it stands now, makes a project known by an alias."""
    if fact is None:
        return False
    given = aliases_of(fact.kind, fact.payload, f"{fact.source.system}/{fact.source.record_id}")
    # Whoever registers a project under another name gives it that name, too.
    return fact.kind == "ProjectRegistered" or alias in given


async def kept_streams(connection: AsyncConnection[Any]) -> dict[str, str]:
    """Give for every absorbed project the stream of the one that is kept."""
    roots = await decrees(connection, LINK)
    amendments = await amendments_of(connection, [root.id for root in roots])
    links = (
        Link(fact.stream.partition("/")[2], tuple(fact.payload["absorb"]), fact.order_key)
        for fact in visible_facts([*roots, *amendments])
        if fact.payload["kind"] == "project"
    )
    return {f"project/{one}": f"project/{other}" for one, other in kept_for(links).items()}


def target_key(corrects: str) -> str:
    """Give the key of an amendment's target: an event id or "source:<system>/<record id>"."""
    return EVENT + corrects


def is_event_id(corrects: str) -> bool:
    """Tell whether a target is named by the id of an event."""
    return _UUID.fullmatch(corrects) is not None


def _group(key: str) -> str:
    """Tell what kind of thing a key names."""
    if key.startswith(EVENT):
        return "records" if key.startswith(RECORD) else "events"
    return "aliases" if key.startswith(("code:", "source:")) else "streams"


def _bare(key: str) -> str:
    """Give the key as the ledger stores it."""
    return key.removeprefix(EVENT).removeprefix("source:") if key.startswith(EVENT) else key
