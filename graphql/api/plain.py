"""Answer field by field over the same relations, as a reference for the compiler.

Every field costs a statement here, so this serves tests, and those rare answers in which a promised
value is missing and the specification asks for an error with the exact place.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo

from api.clocks import Clocks
from api.contract import Contract, is_paging
from api.cursor import cursor_sql
from api.database import Reader
from api.page import NUMBER, key_columns, page_rows
from api.statement import FieldArguments, Statement
from projections.terms.relation import AsOf, Many, One, OneOf, Page, Relation, Value

Resolver = Callable[..., Awaitable[Any]]
Info = GraphQLResolveInfo[Any]

# Names that no relation uses for rows of its own.
SELF = "row_0"
ROW = "row_1"


class PlainContext(Protocol):
    """What plain execution needs of the context of a request."""

    async def reader(self) -> Reader:
        """Give the connection to read with."""

    async def clocks(self, times: Mapping[str, Any], key: str) -> Clocks:
        """Resolve the clocks of a root field, which is answered under a key."""

    @property
    def limited(self) -> bool:
        """Tell whether the caller may not see everything."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a relation as text, with the clocks it was read under."""

    relation: Relation
    columns: tuple[str | None, ...]
    clocks: Clocks
    cursor: str = ""

    def select(self, statement: Statement) -> str:
        """Give the SELECT that makes the row anew from its columns."""
        columns = [
            f"{statement.constant(value, type_)} AS {name}"
            for (name, type_), value in zip(self.relation.row.items(), self.columns, strict=True)
        ]
        return f"SELECT {', '.join(columns)}"


def attach(joined: Contract) -> None:
    """Give every read field of the schema a resolver that reads it on its own."""
    for type_ in joined.schema.type_map.values():
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = _type_name
        if not isinstance(type_, GraphQLObjectType):
            continue
        # The type of a row is known from its relation; strawberry would look for its own objects.
        type_.is_type_of = None
        for name, field in type_.fields.items():
            mapped = joined.field(type_.name, name)
            if is_paging(type_):
                field.resolve = _paging
            elif isinstance(mapped, Value):
                field.resolve = _value(mapped)
            elif isinstance(mapped, OneOf):
                field.resolve = _one_of(joined, mapped)
            elif isinstance(mapped, AsOf):
                field.resolve = _as_of(joined, mapped)
            elif isinstance(mapped, One | Many | Page):
                field.resolve = _link(joined, mapped)


def _value(mapped: Value) -> Resolver:
    """Resolve a single value."""

    async def resolve(row: Row, info: Info, **values: Any) -> Any:
        statement = Statement(limited=info.context.limited)
        arguments = FieldArguments(statement, values)
        sql = mapped.sql if isinstance(mapped.sql, str) else mapped.sql(arguments)
        expression = statement.placed(sql, row=SELF)
        text = f"SELECT ({expression}) FROM ({row.select(statement)}) {SELF}"
        ((value,),) = await _run(info, statement, text, row.clocks)
        if value is not None and mapped.kind == "enum":
            return str(value).lower()
        if value is not None and mapped.kind in {"text", "id", "flexdate"}:
            return str(value)
        return int(value) if value is not None and mapped.kind == "int" else value

    return resolve


def _link(joined: Contract, mapped: One | Many | Page) -> Resolver:
    """Resolve an object, a list or a connection."""
    relation = joined.relations[mapped.type]

    async def resolve(parent: Row | None, info: Info, **values: Any) -> Any:
        context: PlainContext = info.context
        clocks = parent.clocks if parent else await context.clocks(values, str(info.path.key))
        selected = Selected(relation, mapped, parent, values, clocks)
        if isinstance(mapped, Page):
            return PageRows(selected, await selected.page(info))
        rows = await selected.rows(info)
        if isinstance(mapped, Many):
            return rows
        return rows[0] if rows else None

    return resolve


def _type_name(row: Row, *_: object) -> str:
    """Name the type of a row."""
    return row.relation.type


def _one_of(joined: Contract, mapped: OneOf) -> Resolver:
    """Resolve an object of the first type that has a row."""

    async def resolve(parent: Row | None, info: Info, **values: Any) -> Any:
        context: PlainContext = info.context
        clocks = parent.clocks if parent else await context.clocks(values, str(info.path.key))
        for option in mapped.options:
            relation = joined.relations[option.type]
            rows = await Selected(relation, option, parent, values, clocks).rows(info)
            if rows:
                return rows[0]
        return None

    return resolve


def _as_of(joined: Contract, mapped: AsOf) -> Resolver:
    """Resolve an object under other clocks."""
    relation = joined.relations[mapped.type]

    async def resolve(parent: Row, info: Info, **values: Any) -> Any:
        statement = Statement(limited=info.context.limited)
        known, on = mapped.clocks(FieldArguments(statement, values))
        text = statement.placed(f"SELECT {known}, {on}", parent=SELF)
        text = f"{text} FROM ({parent.select(statement)}) {SELF}"
        ((position, day),) = await _run(info, statement, text, parent.clocks)
        clocks = parent.clocks._replace(known=position, on=day)
        link = One(mapped.type, mapped.source)
        rows = await Selected(relation, link, parent, values, clocks).rows(info)
        return rows[0] if rows else None

    return resolve


@dataclass(frozen=True, slots=True)
class Selected:
    """A link about to be read for one parent with one set of arguments."""

    relation: Relation
    link: One | Many | Page
    parent: Row | None
    values: Mapping[str, Any]
    clocks: Clocks

    def _source(self, statement: Statement) -> tuple[str, FieldArguments]:
        arguments = FieldArguments(statement, self.values)
        source = statement.source(self.link.type, self.link.source(arguments), parent=SELF)
        if self.parent is not None:
            made = self.parent.select(statement)
            source = f"SELECT {ROW}.* FROM ({made}) {SELF} CROSS JOIN LATERAL ({source}) {ROW}"
        return source, arguments

    def _columns(self) -> str:
        return ", ".join(f"{ROW}.{name}::text" for name in self.relation.row)

    async def rows(self, info: Info) -> list[Row]:
        """Read the rows of an object or a list."""
        statement = Statement(limited=info.context.limited)
        source, _ = self._source(statement)
        order = (
            f" ORDER BY {statement.placed(self.link.order, row=ROW)}"
            if isinstance(self.link, Many)
            else " LIMIT 1"
        )
        text = f"SELECT {self._columns()} FROM ({source}) {ROW}{order}"
        rows = await _run(info, statement, text, self.clocks)
        return [Row(self.relation, columns, self.clocks) for columns in rows]

    async def page(self, info: Info) -> list[Row]:
        """Read the rows of a page and one more."""
        assert isinstance(self.link, Page)
        statement = Statement(limited=info.context.limited)
        source, arguments = self._source(statement)
        types = [self.relation.row[key.removeprefix("-")] for key in self.link.order]
        size = arguments.bind("first", "bigint")
        rows = page_rows(self.link, types, source, arguments, (ROW, size))
        place = cursor_sql(key_columns(self.link, ROW), arguments.order)
        text = f"SELECT {place}, {self._columns()} FROM ({rows}) {ROW} ORDER BY {NUMBER}"
        found = await _run(info, statement, text, self.clocks)
        return [
            Row(self.relation, tuple(columns), self.clocks, cursor) for cursor, *columns in found
        ]

    async def count(self, info: Info) -> int:
        """Count the rows on all pages."""
        statement = Statement(limited=info.context.limited)
        source, _ = self._source(statement)
        ((number,),) = await _run(
            info, statement, f"SELECT count(*) FROM ({source}) {ROW}", self.clocks
        )
        return int(number)


@dataclass(frozen=True, slots=True)
class PageRows:
    """The rows of a page, with one more if there are more."""

    selected: Selected
    rows: list[Row]

    @property
    def shown(self) -> list[Row]:
        """Give the rows that belong to the page."""
        return self.rows[: self.selected.values["first"]]


async def _paging(source: PageRows | Row, info: Info) -> Any:
    """Resolve the fields of connections, edges and page information."""
    if isinstance(source, Row):
        return source.cursor if info.field_name == "cursor" else source
    shown = source.shown
    answers: dict[str, Any] = {
        "nodes": shown,
        "edges": shown,
        "pageInfo": source,
        "hasNextPage": len(source.rows) > len(shown),
        "hasPreviousPage": source.selected.values.get("after") is not None,
        "startCursor": shown[0].cursor if shown else None,
        "endCursor": shown[-1].cursor if shown else None,
    }
    if info.field_name == "totalCount":
        return await source.selected.count(info)
    return answers[info.field_name]


async def _run(
    info: Info, statement: Statement, text: str, clocks: Clocks
) -> list[tuple[Any, ...]]:
    """Run a statement that depends on no variables any more."""
    context: PlainContext = info.context
    reader = await context.reader()
    finished = statement.finished(text)
    values = finished.clocked(finished.constants, clocks.wire())
    return await reader.rows(finished.text, values)
