"""Find the tables that can be exported and read them in batches, at one pair of clocks."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from api.column import Column
from api.engine import Engine
from api.errors import BAD_REQUEST, Problem
from api.extraction import At, Extraction, roots_of
from api.layout import Layout
from api.read_model import ReadModel
from api.request import Request

from server.exports.about import About, recorded_at

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a table is wanted.

    `times` are the clocks as `asOf` takes them, where they are not the document's own. `limit`
    bounds the rows. Without `names` the cells that could hold names of persons stay empty.
    """

    times: Mapping[str, Any] = field(default_factory=dict)
    limit: int | None = None
    names: bool = True
    origin: str = ""


class Table(Protocol):
    """Rows with columns, to be read once."""

    title: str
    names: int
    """How many cells of those read so far hold, or may hold, names of persons."""

    @property
    def columns(self) -> Sequence[Column]:
        """Give the columns; known with the first batch."""

    @property
    def may_tell_names(self) -> bool:
        """Tell whether names of persons can be in it."""

    def batches(self) -> AsyncGenerator[Rows]:
        """Give the rows in batches, at least one, though it may be empty."""

    async def about(self) -> About:
        """Say what the rows are true of; known with the first batch."""


class OperationTable:
    """One root field of a query as a table."""

    def __init__(
        self,
        engine: Engine,
        request: Request,
        wanted: Wanted,
        *,
        title: str,
        key: str | None = None,
        rows: str | None = None,
    ) -> None:
        """Choose the field and lay out its columns. Raises Refusal or Problem."""
        roots = roots_of(engine, request)
        root = roots[_chosen(list(roots), key)]
        self.title = title
        self.names = 0
        self._engine = engine
        self._request = request
        self._wanted = wanted
        self._layout = Layout(engine, engine.prepared(request), root, rows)
        self._extraction = Extraction(engine, request, root, wanted.times)
        self._named = [
            place for place, column in enumerate(self._layout.columns) if column.holds_names
        ]
        self.fixed: At | None = None

    @property
    def columns(self) -> Sequence[Column]:
        """Give the columns, which the query decides."""
        return self._layout.columns

    @property
    def may_tell_names(self) -> bool:
        """Tell whether a column holds names that were not asked to be left out."""
        return bool(self._named) and self._wanted.names

    @property
    def at(self) -> At | None:
        """Give the clocks, once the first batch has come."""
        return self._extraction.at

    async def batches(self) -> AsyncGenerator[Rows]:
        """Give the rows page by page. Raises Problem."""
        left = self._wanted.limit
        async for value in self._extraction.pages(self.fixed):
            rows = list(self._layout.rows(value, with_names=self._wanted.names))
            rows = rows if left is None else rows[:left]
            self.names += sum(row[place] is not None for row in rows for place in self._named)
            yield rows
            if left is not None:
                left -= len(rows)
                if left <= 0:
                    return

    async def about(self) -> About:
        """Say what the rows are true of."""
        at = self._extraction.at
        known = self._extraction.position if at is None else at.known
        return await _about(
            self._engine,
            self._request,
            self._wanted,
            title=self.title,
            known=known,
            on=at and at.on,
        )


class ReadModelTable:
    """The table of a read model as it stands in the database."""

    names = 0
    may_tell_names = False

    def __init__(self, engine: Engine, request: Request, wanted: Wanted, name: str) -> None:
        """Know which. Raises Problem."""
        self.title = name
        self._engine = engine
        self._request = request
        self._wanted = wanted
        self._model = ReadModel(engine, request, name, wanted.times)

    @property
    def columns(self) -> Sequence[Column]:
        """Give the columns as they are stored."""
        return self._model.columns

    async def batches(self) -> AsyncGenerator[Rows]:
        """Give the rows some thousands at a time. Raises Problem."""
        left = self._wanted.limit
        async for rows in self._model.pages():
            yield rows if left is None else rows[:left]
            if left is not None:
                left -= len(rows)
                if left <= 0:
                    return

    async def about(self) -> About:
        """Say what the rows are true of."""
        at = self._model.clocks
        assert at is not None
        return await _about(
            self._engine,
            self._request,
            self._wanted,
            title=self.title,
            known=at.known,
            on=at.on,
        )


def request_of(request: Request, document: str, variables: Mapping[str, Any]) -> Request:
    """Ask a document of the house in somebody's place."""
    return replace(request, query=document, document_id=None, variables=variables, is_own=True)


def _chosen(keys: Sequence[str], key: str | None) -> str:
    """Choose a root field of a query. Raises Problem where it is not clear which."""
    if key is None and len(keys) == 1:
        return keys[0]
    if key in keys:
        assert key is not None
        return key
    said = "several fields" if key is None else f"no field {key[:100]!r}"
    message = f"The query asks for {said}; give in `field` one of these: {', '.join(keys)}."
    cure = f"Give one of: {', '.join(keys)}."
    raise Problem(message, BAD_REQUEST, field="field", value=key, cure=cure)


async def _about(
    engine: Engine, request: Request, wanted: Wanted, *, title: str, known: int, on: date | None
) -> About:
    async with engine.readers.lend() as reader:
        moment = await recorded_at(reader.connection, known)
    return About(title, known, moment, on, request.language, wanted.origin)
