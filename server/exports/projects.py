"""Read whole projects, with every fact that counts, page by page for whom may see them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import psycopg
from api.engine import Engine
from api.extraction import Extraction, roots_of
from api.request import Request

from domain.amendments import visible_facts
from domain.errors import Malformed
from domain.fact import Fact
from domain.kinds import KINDS
from domain.policy import Policy, parse
from domain.project import Project, project_at
from ledger.reading import policy_events, streams_of_type
from projections.folding.kept import facts_of
from server.exports.tables import Wanted, request_of

PROJECTS = """query ExportedProjects($filter: ProjectFilter) {
  projects(filter: $filter) { nodes { id } }
}"""
ONE = "query ExportedProject($id: ID!) { project(id: $id) { id } }"
_KINDS = frozenset(KINDS)
_AT_ONCE = 100


class Whole(NamedTuple):
    """One project with all that is known of it."""

    id: str
    project: Project


@dataclass
class Portfolio:
    """The projects of some districts, or one, at one pair of clocks."""

    engine: Engine
    request: Request
    wanted: Wanted
    regions: Sequence[str] = ()
    project: str | None = None

    def __post_init__(self) -> None:
        """Ask for the projects. Raises Refusal or Problem."""
        if self.project is None:
            variables: Mapping[str, Any] = {"filter": {"region": list(self.regions) or None}}
            asked = request_of(self.request, PROJECTS, variables)
        else:
            asked = request_of(self.request, ONE, {"id": self.project})
        [root] = roots_of(self.engine, asked).values()
        self._extraction = Extraction(self.engine, asked, root, self.wanted.times)

    @property
    def known(self) -> int:
        """Give the known position; there once the first page has come."""
        at = self._extraction.at
        assert at is not None
        return at.known

    @property
    def on(self) -> date:
        """Give the judged day; there once the first page has come."""
        at = self._extraction.at
        assert at is not None
        return at.on

    async def pages(self) -> AsyncGenerator[list[Whole]]:
        """Give the projects page by page, at least one page. Raises Problem."""
        frame: _Frame | None = None
        async for value in self._extraction.pages():
            ids = self._ids(value)
            if frame is None:
                frame = await asyncio.to_thread(_frame, self.engine.readers.conninfo, self.known)
            if not ids:
                yield []
            for start in range(0, len(ids), _AT_ONCE):
                page = ids[start : start + _AT_ONCE]
                yield await asyncio.to_thread(self._read, page, frame)

    def _ids(self, value: Any) -> list[str]:
        if value is None:
            return []
        nodes = [value] if self.project is not None else value["nodes"]
        return [node["id"] for node in nodes]

    def _read(self, ids: Sequence[str], frame: "_Frame") -> list[Whole]:
        """Read the facts of projects and fold each."""
        with psycopg.connect(self.engine.readers.conninfo, autocommit=True) as connection:
            facts = facts_of(connection, ids, _KINDS, self.known)
        own: dict[str, list[Fact]] = {each: [] for each in ids}
        for fact in facts:
            own[str(fact.project)].append(fact)
        return [
            Whole(each, project_at(own[each], self.on, frame.policies, frame.lists)) for each in ids
        ]


class _Frame(NamedTuple):
    """What all projects are judged by."""

    policies: Sequence[Policy]
    lists: Sequence[Fact]


def _frame(conninfo: str, known: int) -> _Frame:
    """Read the policies and the publications of lists."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        adopted = visible_facts(policy_events(connection), known)
        lists = visible_facts(streams_of_type(connection, "list", known), known)
    policies = []
    for fact in adopted:
        if fact.kind == "PolicyAdopted":
            try:
                policies.append(parse(fact.payload["body"]))
            except Malformed:
                # A policy of a kind without rules of ours is kept and never judges.
                continue
    return _Frame(policies, lists)
