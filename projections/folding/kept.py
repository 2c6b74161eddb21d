"""Follow which project is kept for which, position by position.

Links are rare, so all of them are read; while there are none, nothing else is asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from domain.amendments import visible_facts
from domain.envelope import Recorded
from domain.fact import Fact
from domain.identity import LINK, Link, is_name, kept_for, named
from domain.kinds.amendments import AMENDMENTS
from domain.splits import SPLIT, concerned, renamed
from ledger.reading import amendments_of, decrees, stream_events, streams_events

_OWNERS = """
SELECT a.alias, a.position, a.event::text, substr(a.stream, 9) FROM ledger.aliases AS a
WHERE a.alias = ANY(%s) AND starts_with(a.stream, 'project/')
"""

_SPLITTING = """
SELECT DISTINCT e.stream FROM ledger.mentions AS m JOIN ledger.events AS e USING (position)
WHERE m.stream = %s AND e.kind = %s AND e.position <= %s ORDER BY 1
"""


class Kept:
    """The links of projects up to a position, as they were known at each."""

    def __init__(self, connection: Connection[Any], up_to: int) -> None:
        """Read all links and what amends them."""
        roots = decrees(connection, LINK, 0, up_to)
        amendments = amendments_of(connection, [root.id for root in roots], up_to) if roots else []
        self._events = [*roots, *amendments]
        self._owners = _owners(connection, self._events)
        self.positions = frozenset(event.position for event in self._events)
        """Where links were made, changed or taken back."""

    def __bool__(self) -> bool:
        """Tell whether there is any link."""
        return bool(self._events)

    def at(self, position: int) -> Mapping[str, str]:
        """Give for every project that is absorbed the one that is kept, as known at a position."""
        known = visible_facts(self._events, position) if self._events else []
        return kept_for(self._link(fact) for fact in known if _is_of_projects(fact))

    def family(self, projects: Iterable[str]) -> list[str]:
        """Give projects with all that links ever named together with one of them."""
        together: dict[str, set[str]] = defaultdict(set)
        for fact in visible_facts(self._events):
            if _is_of_projects(fact):
                link = self._link(fact)
                for one in (link.keep, *link.absorbed):
                    together[one] |= {link.keep, *link.absorbed}
        found, fresh = set[str](), set(projects)
        while fresh:
            found |= fresh
            fresh = {other for one in fresh for other in together.get(one, ())} - found
        return sorted(found)

    def spelled_out(self, fact: Fact) -> Fact:
        """Give a link that absorbs by name with the projects that bore it; others as they are.

        Who bore a name before the link never changes any more, so this is the same at any time.
        """
        if fact.kind != LINK or not _is_of_projects(fact):
            return fact
        absorbed = list(fact.payload["absorb"])
        link = self._link(fact)
        absorbed += [
            each for each in dict.fromkeys(link.absorbed) if each not in {link.keep, *absorbed}
        ]
        return replace(fact, payload=fact.payload | {"absorb": absorbed})

    def _link(self, fact: Fact) -> Link:
        """Read a link; a name means the projects that bore it before the link gave it away."""
        absorbed = []
        for each in map(named, fact.payload["absorb"]):
            owners = self._owners.get(each, ()) if is_name(each) else ()
            bore = [
                owner
                for position, event, owner in owners
                if event != fact.id and position < fact.position
            ]
            absorbed += bore if is_name(each) else [each]
        return Link(str(fact.stream.partition("/")[2]), tuple(absorbed), fact.order_key)


def _is_of_projects(fact: Fact) -> bool:
    """Tell whether a fact links projects, and not enterprises or parcels."""
    return bool(fact.payload["kind"] == "project") and fact.stream.startswith("project/")


def _owners(
    connection: Connection[Any], events: Sequence[Recorded]
) -> Mapping[str, list[tuple[int, str, str]]]:
    """Find who bears the names that links absorb, and since which position."""
    # A correction holds the whole payload once more.
    payloads = (event.payload.get("payload") or event.payload for event in events)
    names = {named(each) for payload in payloads for each in payload.get("absorb", ())}
    wanted = sorted(filter(is_name, names))
    found: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    if wanted:
        for alias, position, event, owner in connection.execute(_OWNERS, [wanted]):
            found[alias].append((position, event, owner))
    return found


def facts_in(connection: Connection[Any], project: str, position: int) -> list[Fact]:
    """Give the effective facts that lie in a project's own stream, as known at a position."""
    return visible_facts(stream_events(connection, f"project/{project}", position), position)


def facts_of(
    connection: Connection[Any], projects: Iterable[str], kinds: frozenset[str], position: int
) -> list[Fact]:
    """Give the effective facts of some kinds of projects as they are kept, known at a position."""
    wanted = frozenset(projects)
    kept = Kept(connection, position)
    streams = [f"project/{project}" for project in (kept.family(wanted) if kept else wanted)]
    events = streams_events(connection, streams, sorted(kinds | AMENDMENTS), position)
    facts = [fact for fact in visible_facts(events, position) if fact.kind in kinds]
    if not kept:
        return facts
    mapping = kept.at(position)
    given = (under_kept(fact, mapping) for fact in facts)
    return [fact for fact in given if fact.project in wanted]


def under_kept(fact: Fact, mapping: Mapping[str, str]) -> Fact:
    """Give a fact under the projects that are kept for its own and for those it names."""
    if fact.kind == SPLIT and not mapping.keys().isdisjoint(concerned(fact)):
        fact = replace(fact, payload=renamed(fact.payload, mapping))
    if fact.project is None or fact.project not in mapping:
        return fact
    return replace(fact, project=mapping[fact.project])


def splits_elsewhere(connection: Connection[Any], project: str, position: int) -> list[Fact]:
    """Give the splits that name a project and lie in the streams of others."""
    streams = connection.execute(_SPLITTING, [f"project/{project}", SPLIT, position]).fetchall()
    events = [
        event for (stream,) in streams for event in stream_events(connection, stream, position)
    ]
    facts = visible_facts(events, position)
    return [fact for fact in facts if fact.kind == SPLIT and project in concerned(fact)]
