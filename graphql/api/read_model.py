"""Read the table of a read model whole: the rows believed at a position that had happened by a day.

This is what the questions of GraphQL are answered from, as it stands in the database, for those who
count for themselves.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from datetime import date
from typing import Any, NamedTuple

from graphql import GraphQLError
from psycopg import AsyncRawServerCursor
from psycopg.rows import tuple_row

from api.clocks import Clocks, clocks
from api.column import Column, Kind
from api.database import Reader
from api.engine import Engine
from api.errors import BadInput, Problem
from api.request import Request
from api.scalars import parse_moment
from api.statement import Statement
from domain.person_name import COMMITMENT_PREFIX
from projections.catalogue import VIEWS
from projections.judging.within import TABLES

UNKNOWN_TABLE = "UNKNOWN_READ_MODEL"
_PAGE = 5_000
_KINDS: dict[str, Kind] = {
    "smallint": "int",
    "integer": "int",
    "bigint": "int",
    "numeric": "decimal",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "datetime",
    "double precision": "float",
}
_JSON = frozenset({"json", "jsonb"})
_COLUMNS = b"""SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""
_BELIEF = frozenset({"known_from", "known_to"})
_SEAL = re.compile(re.escape(COMMITMENT_PREFIX) + "[0-9a-f]{64}")
_QUOTED_SEAL = re.compile(f'"{_SEAL.pattern}"')
_ORDER = ("project", "stream", "enterprise", "order_key", "fact", "position")


class _Stored(NamedTuple):
    name: str
    type: str


def table_names() -> tuple[str, ...]:
    """Name the tables of all read models."""
    return tuple(sorted(table for view in VIEWS for table in view.tables()))


class ReadModel:
    """One table of a read model under two clocks."""

    def __init__(
        self, engine: Engine, request: Request, name: str, times: Mapping[str, Any]
    ) -> None:
        """Know which table is meant; `times` are the clocks as `asOf` takes them.

        Raises Problem for a table that there is not.
        """
        # What says nothing about regions is as good as unknown to who is limited to some.
        is_shown = request.reach is None or f"read.{name}" in TABLES
        if name not in table_names() or not is_shown:
            message = f"There is no read model {name[:100]!r}."
            raise Problem(message, UNKNOWN_TABLE, field="read_model", value=name[:100])
        self.name = name
        self._engine = engine
        self._request = request
        self._times = _parsed(times)
        self.clocks: Clocks | None = None
        self.columns: tuple[Column, ...] = ()

    async def pages(self) -> AsyncGenerator[list[list[Any]]]:
        """Give the rows, some thousands at a time; the columns and clocks are known by the first.

        Raises Problem or a database error.
        """
        position = await self._engine.finding.position(self._engine.heads.look)
        present = self._engine.finding.present(
            position, self._engine.clock(), self._request, frozenset({self.name})
        )
        reader = await self._engine.readers.opened()
        try:
            self.clocks = await clocks(reader.connection, {"asOf": self._times}, present)
            stored = [_Stored(*row) for row in await reader.rows(_COLUMNS, [f"read.{self.name}"])]
            shown = [each for each in stored if each.name not in _BELIEF]
            self.columns = tuple(Column(each.name, _kind(each.type)) for each in shown)
            async for page in self._rows(reader, stored, shown):
                yield page
        finally:
            await reader.connection.close()

    async def _rows(
        self, reader: Reader, stored: list[_Stored], shown: list[_Stored]
    ) -> AsyncGenerator[list[list[Any]]]:
        """Read through a cursor of the server, so that nothing is held but the page."""
        assert self.clocks is not None
        statement = Statement(limited=self._request.reach is not None)
        text = statement.placed(_select(self.name, stored, shown))
        finished = statement.finished(text)
        values = finished.clocked(finished.bound(()), self.clocks.wire())
        connection = reader.connection
        # No row is given before all are sorted, which may take longer than a question may.
        await connection.execute("SELECT set_config('statement_timeout', '600s', false)")
        async with (
            connection.transaction(),
            AsyncRawServerCursor(connection, "export", row_factory=tuple_row) as cursor,
        ):
            await cursor.execute(finished.text, values)
            is_first = True
            while (rows := await cursor.fetchmany(_PAGE)) or is_first:
                is_first = False
                yield [[_cell(value) for value in row] for row in rows]


def _select(table: str, stored: list[_Stored], shown: list[_Stored]) -> str:
    """Select what was believed at the known position and had surely happened by the judged day."""
    names = {each.name for each in stored}
    wanted = []
    if names >= _BELIEF:
        wanted.append("v.known_from <= $known AND v.known_to > $known")
    if "day_to" in names:
        wanted.append("v.day_to <= $on")
    columns = ", ".join(map(_selected, shown))
    order = [f'v."{name}"' for name in _ORDER if name in names]
    return (
        f"SELECT {columns} FROM read.{table} v"
        + (f" WHERE {' AND '.join(wanted)}" if wanted else "")
        + (f" ORDER BY {', '.join(order)}" if order else "")
    )


def _selected(column: _Stored) -> str:
    """Select a column; what is no number, day or moment comes as text."""
    name = f'v."{column.name}"'
    if column.type.endswith("[]"):
        return f"to_json({name})::text"
    return f"{name}::text" if _kind(column.type) in {"text", "json"} else name


def _kind(sql_type: str) -> Kind:
    """Say what a column holds."""
    return "json" if sql_type in _JSON or sql_type.endswith("[]") else _KINDS.get(sql_type, "text")


def _cell(value: Any) -> Any:
    """Give a value, and nothing where a name is sealed: its seal tells nobody anything."""
    if not isinstance(value, str) or COMMITMENT_PREFIX not in value:
        return value
    return None if _SEAL.fullmatch(value) else _QUOTED_SEAL.sub("null", value)


def _parsed(times: Mapping[str, Any]) -> dict[str, Any]:
    """Read the clocks as the scalars of the contract do. Raises Problem."""
    parsed = dict(times)
    try:
        for name, parse in (("known", parse_moment), ("on", date.fromisoformat)):
            if name in parsed:
                parsed[name] = parse(parsed[name])
    except (GraphQLError, ValueError) as error:
        raise BadInput(str(error), field=name, value=times[name]) from error
    return parsed
