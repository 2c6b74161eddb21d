"""Write the object-centric event log as JSON, project after project.

Objects are sent as they are found. Events wait in a file beside until all objects are told, and of
the objects only those that several projects share are held.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from itertools import islice
from typing import IO, Any, NamedTuple

import orjson
import psycopg

from domain.amendments import visible_facts
from domain.fact import Fact
from domain.project import visible
from ledger.key_place import keys_of
from ledger.person_names import names_behind
from ledger.reading import streams_of_type
from server.exports.about import About, recorded_at
from server.exports.ocel.events import Names, event
from server.exports.ocel.objects import Thing, Things
from server.exports.ocel.types import event_types, object_types
from server.exports.projects import Portfolio, Whole
from server.exports.refusals import NothingToExport

_ELSEWHERE = ("list", "meeting", "policy", "pool", "round", "target", "enterprise")
"""Streams of facts that are about no single project."""
_CHUNK = 256 * 1024
_AT_ONCE = 1_000


class _Told(NamedTuple):
    objects: list[bytes]
    events: list[bytes]
    names: int


class EventLog:
    """An event log in the making. Without `with_names` it holds no name of a person."""

    media_type = "application/json"

    def __init__(self, portfolio: Portfolio, *, with_names: bool, is_whole: bool) -> None:
        """Read some projects; if they are all there are, also what is about no single one."""
        self._portfolio = portfolio
        self._with_names = with_names
        self._is_whole = is_whole
        self._shared: dict[str, Thing] = {}
        self._told: set[str] = set()
        self.names = 0

    async def about(self, title: str) -> About:
        """Say what the log is true of; known with the first piece."""
        portfolio = self._portfolio
        async with portfolio.engine.readers.lend() as reader:
            moment = await recorded_at(reader.connection, portfolio.known)
        language, origin = portfolio.request.language, portfolio.wanted.origin
        return About(title, portfolio.known, moment, portfolio.on, language, origin)

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the log piece by piece. Raises Problem, and NothingToExport before the first."""
        with tempfile.TemporaryFile() as waiting:
            is_begun = False
            async with aclosing(self._portfolio.pages()) as pages:
                async for page in pages:
                    told = await asyncio.to_thread(self._projects, page)
                    _wait(waiting, told)
                    self.names += told.names
                    if told.objects:
                        yield (b",\n" if is_begun else _head()) + b",\n".join(told.objects)
                        is_begun = True
            if not is_begun:
                raise NothingToExport
            if self._is_whole:
                told = await asyncio.to_thread(self._elsewhere)
                _wait(waiting, told)
                self.names += told.names
                if told.objects:
                    yield b",\n" + b",\n".join(told.objects)
            for some in _some(self._shared.values()):
                yield b"".join(b",\n" + orjson.dumps(thing.written()) for thing in some)
            yield b'],\n"events":[\n'
            waiting.seek(0)
            while piece := await asyncio.to_thread(waiting.read, _CHUNK):
                yield piece
            yield b"]}\n"

    def _projects(self, page: Sequence[Whole]) -> _Told:
        """Write some projects with their facts."""
        facts = [fact for whole in page for fact in whole.project.facts]
        names = self._names(facts)
        objects, events, count = [], [], 0
        for whole in page:
            if not whole.project.facts:
                continue
            things = Things(self._shared)
            written, told = _written(whole.project.facts, things, names)
            events += written
            count += told
            things.draw(whole.id, whole.project)
            objects += self._untold(things)
        return _Told(objects, events, count)

    def _untold(self, things: Things) -> list[bytes]:
        """Write the objects that were not told yet: what is about one project is so but rarely."""
        fresh = [thing for thing in things.own() if thing.id not in self._told]
        self._told |= {thing.id for thing in fresh}
        return [orjson.dumps(thing.written()) for thing in fresh]

    def _elsewhere(self) -> _Told:
        """Write the facts that are about no single project."""
        known = self._portfolio.known
        facts: list[Fact] = []
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            for stream_type in _ELSEWHERE:
                facts += visible_facts(streams_of_type(connection, stream_type, known), known)
        facts = visible(facts, self._portfolio.on)
        things = Things(self._shared)
        events, names = _written(facts, things, self._names(facts))
        return _Told(self._untold(things), events, names)

    def _names(self, facts: Iterable[Fact]) -> Names:
        """Find the names behind the seals in facts, where they are told."""
        if not self._with_names:
            return {}
        events = list({each for fact in facts for each in (fact.id, fact.cause)})
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            return names_behind(connection, keys_of(connection), events)

    @property
    def _conninfo(self) -> str:
        return self._portfolio.engine.readers.conninfo


def _written(facts: Iterable[Fact], things: Things, names: Names) -> tuple[list[bytes], int]:
    """Write facts as events, and count the names in them."""
    events, count = [], 0
    for fact in facts:
        told, about = event(fact, names)
        things.learn(fact, about)
        count += sum(each.type == "officer" for each in about)
        events.append(orjson.dumps(told))
    return events, count


def _head() -> bytes:
    """Write the declarations."""
    declared: dict[str, Any] = {"objectTypes": object_types(), "eventTypes": event_types()}
    return orjson.dumps(declared)[:-1] + b',\n"objects":[\n'


def _some(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    """Give things some at a time."""
    rest = iter(things)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _wait(waiting: IO[bytes], told: _Told) -> None:
    """Put events aside."""
    if told.events:
        lead = b",\n" if waiting.tell() else b""
        waiting.write(lead + b",\n".join(told.events))
