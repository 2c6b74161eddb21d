"""Give the peers what our own compiler reads: the relations of the present, as views or as tables.

Every column is written as our answers write it, so that all servers can be compared. The clocks are
fixed when the views are made, because nothing is appended while servers are compared. Where these
name a position that was settled, the peers read the same spans that we do, and an index finds what
they filter by as ours finds it for us.
"""

import re
from collections.abc import Sequence
from typing import Any

from api.arguments import argument_values
from api.contract import Contract
from api.statement import FieldArguments, Statement
from graphql import FieldNode, GraphQLObjectType, NameNode
from graphql.execution.values import VariableValues
from psycopg import Connection, sql

from projections.spans.spans import spanned
from projections.terms.relation import Many, One, Value

VIEWS, TABLES = "peer", "peer_finished"
"""The schemas of the same tables that we read, as views, and of finished tables of their own."""
_PLACEHOLDER = re.compile(r"\$(\d+)")
PARENT, ROW, LINKED = "row_0", "row_1", "row_2"
"""Aliases that no relation uses for rows of its own."""
_EVERY = (
    "(SELECT DISTINCT p.project AS id, '' AS sort_up, '' AS sort_down FROM read.projects p) row_0"
)
_SETTLED = f"""(SELECT s.project AS id, s.district, s.furthest, s.least, s.colour, s.judged,
    '' AS sort_up, '' AS sort_down FROM read.project_spans s WHERE {spanned("s")}) row_0"""
_OF_SETTLED = {f"{PARENT}_span.": f"{PARENT}.", f"{PARENT}_card.district": f"{PARENT}.district"}
"""Where spans hold, what they say need not be looked up; a filter by it then finds its index."""
_WRITTEN = {"enum": "upper(({})::text)", "int": "({})::integer", "boolean": "({})::boolean"}

FLAT = (
    "id", "code", "title", "region", "park", "enterprise", "phase", "phaseLeast", "colour",
    "intensity", "demandLand.value", "totalInvestment.amount",
)  # fmt: skip
CHILDREN = {
    "milestones": ("node", "planned", "actual", "colour", "daysLate"),
    "permits": ("kind", "caseNo", "status", "department", "issuedOn"),
    "postEvaluations": ("id", "checkpoint", "completedOn", "total", "grade"),
}
CELL = ("region", "red", "yellow", "green", "grey", "total")
JUDGED = ("region", "colour")
"""What a board is counted from."""


class ViewWriter:
    """Writes one SELECT statement, with its values in place."""

    def __init__(self, contract: Contract, clocks: dict[str, str]) -> None:
        """Take the relations and the clocks."""
        self._contract = contract
        self._clocks = clocks
        self._statement = Statement(spans="settled" in clocks)

    def projects(self, fields: Sequence[str]) -> str:
        """Select every project."""
        columns = self._columns("Project", fields, PARENT)
        lookups = dict(self._contract.relations["Project"].lookups)
        if self._statement.spans:
            for looked_up, own in _OF_SETTLED.items():
                columns = columns.replace(looked_up, own)
            for name in lookups:
                if f"{PARENT}_{name}." not in columns:
                    lookups[name] = "SELECT"
        return self._finished(
            f"SELECT {columns} FROM {self._every()}{self._statement.joined(PARENT, lookups)}"
        )

    def children(self, link: str, fields: Sequence[str]) -> str:
        """Select what a list of every project holds, numbered in its order."""
        mapped = self._contract.field("Project", link)
        assert isinstance(mapped, Many)
        source = self._source("Project", link, PARENT)
        order = self._statement.placed(mapped.order, row=ROW)
        number = f"row_number() OVER (PARTITION BY {PARENT}.id ORDER BY {order})"
        return self._finished(
            f'SELECT {PARENT}.id AS "projectId", {number}'
            f"::integer AS place, {self._columns(mapped.type, fields, ROW)}"
            f" FROM {_EVERY} CROSS JOIN LATERAL ({source}) {ROW}"
        )

    def index(self) -> str:
        """Write the index by which a page of settled projects is found by region and phase.

        It holds what boards are counted from, too.
        """
        phase = self._value("Project", ("phase",), PARENT).replace(f"{PARENT}_span", "s")
        present = self._statement.placed(spanned("s"))
        columns = f"CREATE INDEX peer_page ON read.project_spans (district, ({phase}), project)"
        return self._finished(f"{columns} INCLUDE (colour) WHERE {present}".replace("s.", ""))

    def _every(self) -> str:
        """Select every project, by what was settled of it where that is known."""
        return self._statement.placed(_SETTLED) if self._statement.spans else _EVERY

    def root(self, name: str, fields: Sequence[str]) -> str:
        """Select what a root field without arguments lists."""
        mapped = self._contract.field("Query", name)
        assert isinstance(mapped, Many)
        source = self._source("Query", name, "")
        return self._finished(
            f"SELECT {self._columns(mapped.type, fields, ROW)} FROM ({source}) {ROW}"
        )

    def _columns(self, type_: str, fields: Sequence[str], row: str) -> str:
        return ", ".join(
            f'{self._value(type_, field.split("."), row)} AS "{field.partition(".")[0]}"'
            for field in fields
        )

    def _value(self, type_: str, path: Sequence[str], row: str) -> str:
        """Give the SQL of a value, behind a link where the path has two steps."""
        name, *further = path
        mapped = self._contract.field(type_, name)
        if isinstance(mapped, One):
            inner = self._value(mapped.type, further, LINKED)
            return f"(SELECT {inner} FROM ({self._source(type_, name, row)}) {LINKED} LIMIT 1)"
        assert isinstance(mapped, Value)
        text = mapped.sql if isinstance(mapped.sql, str) else mapped.sql(self._given(type_, name))
        return _WRITTEN.get(mapped.kind, "({})::text").format(self._statement.placed(text, row=row))

    def _source(self, type_: str, name: str, row: str) -> str:
        mapped = self._contract.field(type_, name)
        assert isinstance(mapped, One | Many)
        return self._statement.placed(mapped.source(self._given(type_, name)), parent=row)

    def _given(self, type_: str, name: str) -> FieldArguments:
        """Give the defaults of a field's arguments."""
        declared = self._contract.schema.type_map[type_]
        assert isinstance(declared, GraphQLObjectType)
        node = FieldNode(name=NameNode(value=name))
        values = argument_values(declared.fields[name], node, VariableValues({}, {}))
        return FieldArguments(self._statement, values)

    def _finished(self, text: str) -> str:
        finished = self._statement.finished(text)
        values = finished.clocked(finished.constants, self._clocks)
        return _PLACEHOLDER.sub(
            lambda match: sql.Literal(values[int(match[1]) - 1]).as_string(),
            finished.text.decode(),
        )


def make(
    connection: Connection[Any],
    contract: Contract,
    clocks: dict[str, str],
    schema: str,
    *,
    as_tables: bool,
) -> None:
    """Make everything that the peers serve, in a schema of its own."""
    connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
    connection.execute(f"CREATE SCHEMA {schema}".encode())
    flat = ViewWriter(contract, clocks).projects(FLAT)
    _create(connection, schema, "project", flat, ("id",), as_tables=as_tables)
    for link, fields in CHILDREN.items():
        text = ViewWriter(contract, clocks).children(link, fields)
        key = ("projectId", "place")
        _create(connection, schema, link, text, key, as_tables=as_tables)
    judged = ViewWriter(contract, clocks).projects(JUDGED)
    counted = _counted(f"{schema}.project" if as_tables else f"({judged})")
    _create(connection, schema, "board", counted, ("region",), as_tables=False)
    kept = ViewWriter(contract, clocks).root("board", CELL)
    _create(connection, schema, "keptBoard", kept, ("region",), as_tables=as_tables)
    if as_tables:
        connection.execute(f"CREATE INDEX ON {schema}.project (region, phase, id)".encode())
        connection.execute("ANALYZE")
    elif "settled" in clocks:
        connection.execute(ViewWriter(contract, clocks).index().encode())


def _counted(projects: str) -> str:
    """Count the board from its projects, as everybody has to who keeps none."""
    colours = ", ".join(
        f"count(*) FILTER (WHERE p.colour = '{name.upper()}')::integer AS {name}"
        for name in CELL[1:-1]
    )
    return f"""SELECT p.region, {colours}, count(*)::integer AS total
        FROM {projects} p GROUP BY p.region"""


def _create(
    connection: Connection[Any],
    schema: str,
    name: str,
    text: str,
    key: Sequence[str],
    *,
    as_tables: bool,
) -> None:
    """Make a view or a table, and tell PostGraphile what it cannot see on a view."""
    kind = "TABLE" if as_tables else "VIEW"
    place = f'{schema}."{name}"'
    connection.execute(f"CREATE {kind} {place} AS {text}".encode())
    columns = ", ".join(f'"{column}"' for column in key)
    if as_tables:
        connection.execute(f"ALTER TABLE {place} ADD PRIMARY KEY ({columns})".encode())
    tags = [f"@name {name}"]
    if not as_tables:
        tags.append(f"@primaryKey {','.join(key)}")
    if "projectId" in key:
        tags.append(
            f'@foreignKey ("projectId") references {schema}.project (id)'
            f"|@fieldName parent|@foreignFieldName {name}|@foreignSimpleFieldName {name}"
            "|@behavior +list -connection"
        )
    comment = sql.Literal("\n".join(tags)).as_string()
    connection.execute(f"COMMENT ON {kind} {place} IS {comment}".encode())
