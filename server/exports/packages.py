"""Write packages of OC4IDS projects, and of their releases, as JSON that grows as it is read."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson

from server.exports.about import About, beijing, recorded_at
from server.exports.oc4ids.parts import Part
from server.exports.oc4ids.portrait import portrait
from server.exports.oc4ids.releases import releases, sitter_of
from server.exports.projects import Portfolio, Whole
from server.exports.refusals import NothingToExport

VERSION: Final = "0.9"
"""The version of the standard as packages state it: major and minor only."""
RELEASES_PATH: Final = "exports/releases.json"


@dataclass(frozen=True, slots=True)
class Publishing:
    """Who publishes under which address and prefix.

    Without a registered `prefix` a project is called by its id in this ledger alone. `uri` names
    the package, `address` is where releases are fetched, with a slash at its end.
    """

    publisher: str
    uri: str
    address: str
    prefix: str | None = None

    def identifier(self, project: str) -> str:
        """Call a project so that nobody else in the world calls another so."""
        return project if self.prefix is None else f"{self.prefix}-{project}"

    def releases_of(self, project: str) -> str:
        """Give where the releases of a project are."""
        return f"{self.address}{RELEASES_PATH}?project={quote(project)}"


class Package:
    """A package in the making; `kind` is the name of its list: `projects` or `releases`."""

    media_type = "application/json"

    def __init__(self, portfolio: Portfolio, publishing: Publishing, kind: str) -> None:
        """Choose what each project adds."""
        self._portfolio = portfolio
        self._publishing = publishing
        self._kind = kind
        self._drawn: Callable[[Whole], Iterable[Part]] = (
            self._projects if kind == "projects" else self._releases
        )

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Give the package piece by piece. Raises Problem, and NothingToExport before the first."""
        is_begun = False
        async with aclosing(self._portfolio.pages()) as pages:
            async for page in pages:
                parts = [
                    orjson.dumps(part)
                    for whole in page
                    if whole.project.facts
                    for part in self._drawn(whole)
                ]
                if not parts:
                    continue
                yield (b"," if is_begun else await self._head()) + b",\n".join(parts)
                is_begun = True
        if not is_begun:
            raise NothingToExport
        yield b"]}\n"

    async def about(self, title: str) -> About:
        """Say what the package is true of; known with the first piece."""
        portfolio = self._portfolio
        async with portfolio.engine.readers.lend() as reader:
            moment = await recorded_at(reader.connection, portfolio.known)
        language, origin = portfolio.request.language, portfolio.wanted.origin
        return About(title, portfolio.known, moment, portfolio.on, language, origin)

    async def _head(self) -> bytes:
        """Write everything before the list; equal contents are published at equal times."""
        about = await self.about("")
        assert about.known_at is not None
        told: dict[str, Any] = {
            "uri": self._publishing.uri,
            "publishedDate": beijing(about.known_at),
            "version": VERSION,
            "publisher": {"name": self._publishing.publisher},
        }
        return orjson.dumps(told)[:-1] + f',"{self._kind}":[\n'.encode()

    def _projects(self, whole: Whole) -> Iterable[Part]:
        """Draw a project."""
        sitter = sitter_of(
            self._publishing.identifier(whole.id),
            whole.project,
            self._publishing.releases_of(whole.id),
        )
        return [portrait(sitter, whole.project.facts)]

    def _releases(self, whole: Whole) -> Iterable[Part]:
        """Tell a project's life."""
        sitter = sitter_of(
            self._publishing.identifier(whole.id),
            whole.project,
            self._publishing.releases_of(whole.id),
        )
        return releases(sitter)
