"""Read one root field of a query whole: page by page, as known and judged at one moment.

Every page is a question like any other, so that rights, limits and clocks are those of GraphQL. The
first page fixes the clocks for all that follow, and for the fields that are read after it.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson
from graphql import (
    FieldNode,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues

from api.arguments import argument_values
from api.contract import bounds, is_paging
from api.engine import Engine
from api.errors import BAD_REQUEST, TIMEOUT, TOO_COSTLY, TOO_FAST, Problem
from api.request import Request
from api.rewriting import AFTER, AS_OF, FIRST, PLACE, alone
from api.scalars import Moment

_SMALLER = frozenset({TOO_COSTLY, TIMEOUT})
_ROWS = frozenset({"nodes", "edges"})
_CUTS = frozenset({"known", "knownPosition"})


class At(NamedTuple):
    """The clocks of a reading as they were resolved: a position and a day."""

    known: int
    on: date


@dataclass(frozen=True, slots=True)
class Root:
    """One root field of a query, with the key under which its value comes."""

    key: str
    details: FieldDetailsList
    variables: VariableValues


def roots_of(engine: Engine, request: Request) -> dict[str, Root]:
    """Give the root fields of a query by key. Raises Refusal or Problem."""
    prepared = engine.prepared(request)
    if not prepared.is_query or prepared.introspects:
        message = "Only a query of facts can be exported."
        raise Problem(message, BAD_REQUEST)
    variables = prepared.variables(dict(request.variables))
    query = engine.contract.schema.query_type
    assert query is not None
    fields = prepared.compilable.fields(engine.contract.schema, variables, query)
    return {key: Root(key, details, variables) for key, details in fields.items()}


class Extraction:
    """Reads one root field page by page.

    `clocks` are those that a caller asks for instead of the document's own: `known`,
    `knownPosition` and `on` as `asOf` takes them.
    """

    def __init__(
        self, engine: Engine, request: Request, root: Root, clocks: Mapping[str, Any] | None = None
    ) -> None:
        """Rewrite the query for this field alone. Raises GraphQLError for bad arguments."""
        self._engine = engine
        query = engine.contract.schema.query_type
        assert query is not None
        self._key = root.key
        self._query: GraphQLObjectType = query
        node = root.details[0].node
        self._field = query.fields[node.name.value]
        values = argument_values(self._field, node, root.variables)
        self._is_paged = (
            is_paging(get_named_type(self._field.type))
            and not _ROWS.isdisjoint(_selected(root.details))
            and "after" in self._field.args
        )
        self._as_of = _cut(_as_of(values.get("asOf")), clocks or {})
        prepared = engine.prepared(request)
        text, used = alone(
            root.details,
            prepared,
            is_clocked="asOf" in self._field.args,
            is_paged=self._is_paged,
        )
        self._request = replace(
            request,
            query=text,
            document_id=None,
            operation_name=None,
            is_own=True,
            variables={name: each for name, each in request.variables.items() if name in used},
        )
        self.at: At | None = None
        self.position = 0

    async def pages(self, fixed: At | None = None) -> AsyncGenerator[Any]:
        """Give the value of the field, page by page; the first is always there.

        Raises Problem, and what was read before it is then worth nothing.
        """
        size, after = self._largest(), None
        self.at = fixed
        while True:
            body, size = await self._page(size, after)
            value = body["data"][self._key]
            yield value
            place = value.get(PLACE) if self._is_paged and value is not None else None
            if place is None or not place["hasNextPage"]:
                return
            after = place["endCursor"]

    async def _page(self, size: int, after: str | None) -> tuple[dict[str, Any], int]:
        """Ask for one page, for a smaller one if that is too much, later if that is too fast."""
        while True:
            variables = {**self._request.variables, **self._place(size, after)}
            answer = await self._engine.answer(replace(self._request, variables=variables))
            body: dict[str, Any] = orjson.loads(answer.body)
            errors = body.get("errors")
            if not errors:
                self._remember(body.get("extensions", {}))
                return body, size
            first = errors[0]["extensions"]
            code = first["code"]
            if code in _SMALLER and self._is_paged and size > 1:
                size //= 2
            elif code == TOO_FAST and after is not None:
                await asyncio.sleep(first["retryAfterSeconds"])
            else:
                facts = {name: fact for name, fact in first.items() if name != "code"}
                raise Problem(errors[0]["message"], code, **facts)

    def _place(self, size: int, after: str | None) -> dict[str, Any]:
        """Give the variables that are ours."""
        clocks = self._as_of if self.at is None else self._fixed(self.at)
        ours = {AS_OF: clocks or None} if "asOf" in self._field.args else {}
        return {**ours, FIRST: size, AFTER: after} if self._is_paged else ours

    @staticmethod
    def _fixed(at: At) -> dict[str, Any]:
        return {"knownPosition": at.known, "on": at.on.isoformat()}

    def _remember(self, extensions: Mapping[str, Any]) -> None:
        """Stay at the clocks of the first answer."""
        self.position = extensions.get("position") or self.position
        clocks = extensions.get("asOf", {}).get(self._key)
        if self.at is None and clocks is not None:
            self.at = At(clocks["known"], date.fromisoformat(clocks["on"]))

    def _largest(self) -> int:
        """Give the largest page that the field allows."""
        between = bounds(self._field.args["first"]) if self._is_paged else None
        return between[1] if between else 1


def _selected(details: FieldDetailsList) -> set[str]:
    """Name what is selected of a field, fragments aside unless they hide the rows themselves."""
    return {
        found
        for each in details
        if each.node.selection_set is not None
        for found in _names(each.node.selection_set)
    }


def _names(selected: SelectionSetNode) -> set[str]:
    found: set[str] = set()
    for selection in selected.selections:
        if isinstance(selection, FieldNode):
            found.add(selection.name.value)
        elif isinstance(selection, InlineFragmentNode):
            found |= _names(selection.selection_set)
        else:
            # What a fragment selects of a connection is found out by asking for its rows.
            found |= _ROWS
    return found


def _as_of(value: object) -> dict[str, Any]:
    """Write coerced clocks as a variable holds them."""
    if not isinstance(value, Mapping):
        return {}
    return {name: _clock(each) for name, each in value.items() if each is not None}


def _clock(value: object) -> object:
    match value:
        case Moment():
            return value.isoformat(timespec="seconds" if value.whole_second else "microseconds")
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def _cut(clocks: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Put the clocks asked for in place of a document's; either cut of the past replaces both."""
    dropped = _CUTS if not _CUTS.isdisjoint(asked) else frozenset[str]()
    kept = {name: value for name, value in clocks.items() if name not in dropped}
    return kept | dict(asked)
