"""Lay the answer of a query out as rows and columns, by what it selects and not by what came.

One list of the answer becomes the rows. Values beside it, of the objects that hold the list, are
repeated in each row; other lists stay together in one cell, as JSON.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_subfields

from api.arguments import argument_values
from api.column import Column, Entry, Kind, Leaf, Level, Listed, Path, Step, rows_in
from api.contract import is_paging
from api.engine import Engine
from api.errors import BAD_REQUEST, Problem
from api.extraction import Root
from api.preparation import Prepared

_KINDS: dict[str, Kind] = {
    "Int": "int",
    "Float": "float",
    "Boolean": "boolean",
    "Decimal": "decimal",
    "Date": "date",
    "DateTime": "datetime",
    "JSON": "json",
}
_PERSONS = frozenset(
    {("Actor", "name"), ("Issue", "responsiblePerson"), ("MilestoneState", "responsiblePerson")}
)
"""Fields that hold the name of a person."""
_PAYLOADS = frozenset({("Event", "payload")})
"""Fields in whose JSON names of persons may stand."""
_ROWS = ("nodes", "edges")


class Layout:
    """The columns of one root field, and the way from its value to rows."""

    def __init__(
        self, engine: Engine, prepared: Prepared, root: Root, rows: str | None = None
    ) -> None:
        """Look through the selection; `rows` names the list that becomes rows, as a dotted path.

        Raises Problem where there is no such list.
        """
        self._schema = engine.contract.schema
        self._prepared = prepared
        self._variables = root.variables
        self._key = root.key
        query = self._schema.query_type
        assert query is not None
        entries = list(self._entry(query, root.key, [root.details], (), ()))
        wanted = None if rows is None else [part for part in rows.split(".") if part]
        if wanted and wanted[0] == root.key:
            wanted = wanted[1:]
        self._level = self._level_of(entries, wanted, is_root=True)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Give the columns in the order of the selection, each with a name of its own."""
        leaves = list(self._level.leaves())
        short = [".".join(_shown(leaf.path, self._key)) for leaf in leaves]
        seen: dict[str, int] = {}
        columns = []
        for name, leaf in zip(short, leaves, strict=True):
            full = name if short.count(name) == 1 else ".".join(_ways(leaf.steps))
            seen[full] = number = seen.get(full, 0) + 1
            own = full if number == 1 else f"{full} ({number})"
            holds_names = leaf.names is not None
            depth = len(_shown(leaf.path, self._key))
            columns.append(Column(own, leaf.kind, leaf.steps, holds_names, leaf.words, depth))
        return tuple(columns)

    def rows(self, value: Any, *, with_names: bool = True) -> Iterator[list[Any]]:
        """Give the rows in a value of the root field, each with a cell a column."""
        if value is None:
            return iter(())
        return rows_in(self._level, {self._key: value}, with_names=with_names)

    def _level_of(
        self, entries: Sequence[Entry], wanted: Sequence[str] | None, *, is_root: bool
    ) -> Level:
        """Choose the list that becomes rows; what else there is becomes cells."""
        chosen = _chosen(entries, wanted, is_root=is_root)
        if chosen is None:
            return Level(tuple(map(self._cell, entries)))
        place = next(number for number, entry in enumerate(entries) if entry is chosen)
        inner = list(self._entries(chosen.type, chosen.details, (), chosen.steps))
        left = None if wanted is None else wanted[len(_told(chosen.path, is_root=is_root)) :]
        level = self._level_of(inner, left, is_root=False) if left else None
        if level is None:
            level = Level(tuple(map(self._cell, inner)))
        before, after = entries[:place], entries[place + 1 :]
        return Level(
            tuple(map(self._cell, before)),
            (chosen.path, level),
            tuple(map(self._cell, after)),
            # A list that nobody asked for by name must not take along what stands beside it.
            keeps=wanted is None and len(entries) > 1,
        )

    def _cell(self, entry: Entry) -> Leaf:
        """Keep a list together in one cell."""
        if isinstance(entry, Leaf):
            return entry
        inside = self._entries(entry.type, entry.details, (), entry.steps)
        names = [
            (*leaf.path, *path)
            for leaf in map(self._cell, inside)
            for path in (leaf.names or () if leaf.names is not None else ())
        ]
        return Leaf(entry.path, "json", entry.steps, tuple(names) if names else None)

    def _entries(
        self,
        type_: GraphQLObjectType,
        details: Sequence[FieldDetailsList],
        path: Path,
        steps: tuple[Step, ...],
    ) -> Iterator[Entry]:
        """Give what is selected of the objects of a type, objects in it opened."""
        types = self._schema.get_possible_types(type_) if is_abstract_type(type_) else (type_,)
        seen: set[str] = set()
        for each in types:
            for key, selected in self._grouped(each, details).items():
                name = selected[0].node.name.value
                if key in seen or name == "__typename":
                    continue
                seen.add(key)
                yield from self._entry(each, key, [selected], path, steps)

    def _entry(
        self,
        type_: GraphQLObjectType,
        key: str,
        details: Sequence[FieldDetailsList],
        path: Path,
        steps: tuple[Step, ...],
    ) -> Iterator[Entry]:
        """Give what one field of a type adds."""
        node = details[0][0].node
        field = type_.fields[node.name.value]
        target = get_named_type(field.type)
        here = (*path, key)
        unit = argument_values(field, node, self._variables).get("unit")
        step = Step(
            type_.name, node.name.value, field.description or "", getattr(unit, "name", None)
        )
        walked = (*steps, step)
        is_list = is_list_type(get_nullable_type(field.type))
        if is_leaf_type(target):
            kind: Kind = "text" if is_enum_type(target) else _KINDS.get(target.name, "text")
            words = _words(target) if is_enum_type(target) and not is_list else None
            yield Leaf(here, "json" if is_list else kind, walked, _names_in(step), words)
        elif is_list:
            yield Listed(here, cast("GraphQLObjectType", target), tuple(details), walked)
        elif is_paging(target) and target.name != "PageInfo":
            yield from self._connection(cast("GraphQLObjectType", target), details, here, walked)
        else:
            yield from self._entries(cast("GraphQLObjectType", target), details, here, walked)

    def _connection(
        self,
        type_: GraphQLObjectType,
        details: Sequence[FieldDetailsList],
        path: Path,
        steps: tuple[Step, ...],
    ) -> Iterator[Entry]:
        """Give the rows of a connection; without any selected, what else is selected of it."""
        grouped = self._grouped(type_, details)
        listed = [
            (key, selected)
            for key, selected in grouped.items()
            if selected[0].node.name.value in _ROWS
        ]
        for key, selected in listed:
            field = type_.fields[selected[0].node.name.value]
            target = cast("GraphQLObjectType", get_named_type(field.type))
            yield Listed((*path, key), target, (selected,), steps)
        if not listed:
            yield from self._entries(type_, details, path, steps)

    def _grouped(
        self, type_: GraphQLObjectType, details: Sequence[FieldDetailsList]
    ) -> GroupedFieldSet:
        """Merge what several selections ask of the objects of a type."""
        return collect_subfields(
            self._schema,
            self._prepared.compilable.fragments,
            self._variables,
            self._prepared.definition,
            type_,
            [each for selected in details for each in selected],
        ).grouped_field_set


def _words(enum: GraphQLEnumType) -> dict[str, str]:
    """Say what each value of an enumeration means."""
    return {name: value.description or "" for name, value in enum.values.items()}


def _names_in(step: Step) -> tuple[Path, ...] | None:
    """Tell where names of persons stand in the value of a field: in all of it, or nowhere."""
    return ((),) if (step.holder, step.name) in _PERSONS | _PAYLOADS else None


def _ways(steps: Sequence[Step]) -> Path:
    """Name the fields on the way from the root."""
    return tuple(step.name for step in steps)


def _visible(path: Path) -> Path:
    """Leave out what only connections are made of."""
    last = len(path) - 1
    return tuple(
        part
        for place, part in enumerate(path)
        if part not in _ROWS and (part != "node" or place == last)
    )


def _shown(path: Path, root: str) -> Path:
    """Name a column without the root field, which all of them have in common."""
    visible = _visible(path)
    return visible[1:] if len(visible) > 1 and visible[0] == root else visible


def _told(path: Path, *, is_root: bool) -> Path:
    """Give the parts of a path that a caller names; the root field itself need not be."""
    return _visible(path)[1 if is_root else 0 :]


def _chosen(
    entries: Sequence[Entry], wanted: Sequence[str] | None, *, is_root: bool
) -> Listed | None:
    """Find the list that becomes rows: the one named, else the only one. Raises Problem."""
    lists = [entry for entry in entries if isinstance(entry, Listed)]
    if wanted is None:
        return lists[0] if len(lists) == 1 else None
    for each in lists:
        told = _told(each.path, is_root=is_root)
        if tuple(wanted[: len(told)]) == told:
            return each
    names = ", ".join(".".join(_told(each.path, is_root=is_root)) for each in lists) or "none"
    message = f"There is no list {'.'.join(wanted)!r} in what is asked; there are: {names}."
    cure = f"Give one of: {names}." if lists else "Leave `rows` out."
    raise Problem(message, BAD_REQUEST, field="rows", value=".".join(wanted), cure=cure)
