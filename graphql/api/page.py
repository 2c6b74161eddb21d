"""Compile Relay connections: a keyset page of rows, its edges, its place and the count of all."""

from typing import TYPE_CHECKING, cast

from graphql import GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet

from api.cursor import cursor_sql
from api.leaf import Fixed, json_object, or_null
from api.statement import FieldArguments
from projections.terms.relation import Page

if TYPE_CHECKING:
    from api.compiler import Compiler

NUMBER = '"#"'
"""The column that numbers the rows of a page; no source can have one of this name by accident."""
CURSOR = '"#cursor"'


def page_sql(
    compiler: "Compiler",
    page: Page,
    selected: tuple[GraphQLObjectType, FieldDetailsList],
    sources: tuple[str, str],
    arguments: FieldArguments,
) -> str:
    """Give the SQL that writes a connection; what was not asked for is not computed.

    Of the two sources the first holds all rows, the second at least those of the page and one more.
    """
    source, first_rows = sources
    connection, details = selected
    grouped = compiler.subfields(connection, details)
    names = {key: selections[0].node.name.value for key, selections in grouped.items()}
    shared = ""
    if page.is_dear and "totalCount" in names.values():
        found = compiler.statement.row()
        shared = f"WITH {found} AS MATERIALIZED ({source}) "
        source = first_rows = f"SELECT * FROM {found}"
    count = f"(SELECT count(*)::text FROM ({source}) {compiler.statement.row()})"
    known = None if compiler.statement.limited else page.count(arguments)
    if known is not None:
        count = f"({compiler.statement.placed(known)})::text"
    members: list[tuple[str, str]] = []
    if {"nodes", "edges", "pageInfo"}.isdisjoint(names.values()):
        for key, name in names.items():
            members.append((key, Fixed(f'"{connection.name}"') if name == "__typename" else count))
        return f"({shared}SELECT {json_object(members)})"
    size = arguments.bind("first", "bigint")
    row = compiler.statement.row()
    place = cursor_sql(key_columns(page, row), arguments.order)
    columns = [f"{place} AS {CURSOR}"]
    for number, (key, name) in enumerate(names.items()):
        match name:
            case "__typename":
                text: str = Fixed(f'"{connection.name}"')
            case "totalCount":
                text = count
            case "pageInfo":
                text = _page_info(compiler, connection, grouped[key], size, arguments)
            case _:
                written = _entry(compiler, connection, grouped[key], row, place)
                columns.append(f'CASE WHEN {NUMBER} <= {size} THEN {written} END AS "#{number}"')
                listed = f"string_agg(\"#{number}\", ',' ORDER BY {NUMBER})"
                text = f"'[' || coalesce({listed}, '') || ']'"
        members.append((key, text))
    rows = page_rows(page, compiler.key_types(page), first_rows, arguments, (row, size))
    joins = compiler.joined(page.type, row, arguments.carried)
    # HAVING makes one row of all rows, even where nothing that was asked for is an aggregate.
    return (
        f"({shared}SELECT {json_object(members)} FROM (SELECT {NUMBER}, {', '.join(columns)}"
        f" FROM ({rows}) {row}{joins}) {row} HAVING true)"
    )


def _entry(
    compiler: "Compiler",
    connection: GraphQLObjectType,
    selections: FieldDetailsList,
    row: str,
    place: str,
) -> str:
    """Give the SQL that writes one node or one edge; `place` is the cursor of its row."""
    field = connection.fields[selections[0].node.name.value]
    target = cast("GraphQLObjectType", get_named_type(field.type))
    if selections[0].node.name.value == "nodes":
        return compiler.object(target, selections, row)
    members: list[tuple[str, str]] = []
    for key, parts in compiler.subfields(target, selections).items():
        match parts[0].node.name.value:
            case "__typename":
                members.append((key, Fixed(f'"{target.name}"')))
            case "cursor":
                members.append((key, f"'\"' || {place} || '\"'"))
            case _:
                node = cast("GraphQLObjectType", get_named_type(target.fields["node"].type))
                members.append((key, compiler.object(node, parts, row)))
    return json_object(members)


def _page_info(
    compiler: "Compiler",
    connection: GraphQLObjectType,
    selections: FieldDetailsList,
    size: str,
    arguments: FieldArguments,
) -> str:
    """Give the SQL that writes where the page lies, from the rows of the page and one more."""
    target = cast("GraphQLObjectType", get_named_type(connection.fields["pageInfo"].type))
    grouped: GroupedFieldSet = compiler.subfields(target, selections)
    members: list[tuple[str, str]] = []
    for key, parts in grouped.items():
        match parts[0].node.name.value:
            case "__typename":
                text: str = Fixed(f'"{target.name}"')
            case "hasNextPage":
                text = f"(count(*) > {size})::text"
            case "hasPreviousPage":
                text = Fixed("true" if arguments.given("after") else "false")
            case "startCursor":
                first = f"max({CURSOR}) FILTER (WHERE {NUMBER} = 1)"
                text = or_null(f"'\"' || {first} || '\"'", nullable=True)
            case _:
                within = f"FILTER (WHERE {NUMBER} <= {size})"
                last = f"(array_agg({CURSOR} ORDER BY {NUMBER} DESC) {within})[1]"
                text = or_null(f"'\"' || {last} || '\"'", nullable=True)
        members.append((key, text))
    return json_object(members)


def key_columns(page: Page, row: str) -> list[str]:
    """Give the ordering columns of a row."""
    return [f"{row}.{key.removeprefix('-')}" for key in page.order]


def page_rows(
    page: Page,
    types: list[str],
    source: str,
    arguments: FieldArguments,
    names: tuple[str, str],
) -> str:
    """Select the rows of a page and one more, numbered in their order.

    `names` are the alias of the rows and the placeholder of the page's size.
    """
    row, size = names
    columns = key_columns(page, row)
    ways = ["DESC" if key.startswith("-") else "ASC" for key in page.order]
    order = ", ".join(f"{column} {way}" for column, way in zip(columns, ways, strict=True))
    after = ""
    if arguments.given("after"):
        keys = [
            arguments.bind_key("after", number, len(types), type_)
            for number, type_ in enumerate(types)
        ]
        after = f" WHERE {_beyond(columns, ways, keys)}"
    return (
        f"SELECT {row}.*, row_number() OVER (ORDER BY {order}) AS {NUMBER} FROM (SELECT * FROM"
        f" ({source}) {row}{after} ORDER BY {order} LIMIT {size} + 1) {row}"
    )


def _beyond(columns: list[str], ways: list[str], keys: list[str]) -> str:
    """Give the condition that a row comes after the row of a cursor."""
    if len(set(ways)) == 1:
        sign = ">" if ways[0] == "ASC" else "<"
        # A row comparison can be answered by an index, alternatives cannot.
        return f"({', '.join(columns)}) {sign} ({', '.join(keys)})"
    alternatives = []
    for place, (column, way, key) in enumerate(zip(columns, ways, keys, strict=True)):
        sign = ">" if way == "ASC" else "<"
        same = [f"{columns[earlier]} = {keys[earlier]}" for earlier in range(place)]
        alternatives.append(" AND ".join([*same, f"{column} {sign} {key}"]))
    return "(" + " OR ".join(f"({alternative})" for alternative in alternatives) + ")"
