"""What was recorded last, in short: enough to leave alone whoever waits for something else.

Those who wait for few events are many, and each event is for few of them. So what is new is read
once for all, and only for whom something may be in it the events themselves are asked for.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from domain.regions import significant

MOST = 5_000
"""More news than this are for everybody, since comparing would take longer than reading."""
_PROJECT = "project/"

RECENT = f"""
SELECT n.kind, n.stream, n.system, ARRAY(
    SELECT p.district FROM read.projects p WHERE p.project = right(n.stream, -{len(_PROJECT)})
        AND p.known_from <= $2::bigint AND p.known_to > $2::bigint)
FROM (SELECT DISTINCT e.kind, e.stream, split_part(e.source_key, '/', 1) AS system
    FROM ledger.events e WHERE e.position > $1::bigint AND e.position <= $2::bigint) n
LIMIT {MOST + 1}
"""
"""Reads the news after one position and up to another."""


class News(NamedTuple):
    """Which kinds, streams, systems and places there is something new of."""

    kinds: frozenset[str]
    streams: frozenset[str]
    systems: frozenset[str]
    places: frozenset[str]
    """The beginnings of the codes of their districts."""

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str | None, list[str]]]) -> Self:
        """Sum up what was read with `RECENT`."""
        told = list(rows)
        codes = {code for *_, districts in told for code in districts}
        return cls(
            frozenset(kind for kind, *_ in told),
            frozenset(stream for _, stream, *_ in told),
            frozenset(system or "" for _, _, system, _ in told),
            frozenset(code[:length] for code in codes for length in range(len(code) + 1)),
        )


class Wanted(NamedTuple):
    """What a follower waits for; None is anything."""

    kinds: frozenset[str] | None = None
    streams: frozenset[str] | None = None
    systems: frozenset[str] | None = None
    places: frozenset[str] | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """Read it from the arguments of the subscription to events."""
        kinds, regions = arguments.get("types"), arguments.get("region")
        stream, source = arguments.get("stream"), arguments.get("source")
        return cls(
            None if kinds is None else frozenset(kinds),
            None if stream is None else frozenset({stream, _PROJECT + stream}),
            None if source is None else frozenset({source.partition("/")[0]}),
            None if regions is None else frozenset(map(significant, regions)),
        )

    def may_be_in(self, news: News) -> bool:
        """Tell whether something of it may be among the news; if not, nothing is."""
        # Asked for each of many circles, so without a loop.
        return (
            (self.kinds is None or not self.kinds.isdisjoint(news.kinds))
            and (self.streams is None or not self.streams.isdisjoint(news.streams))
            and (self.systems is None or not self.systems.isdisjoint(news.systems))
            and (self.places is None or not self.places.isdisjoint(news.places))
        )
