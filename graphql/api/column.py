"""Know the columns of a table and the way from an answer to its cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList

Kind = Literal["text", "int", "float", "boolean", "decimal", "date", "datetime", "json"]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way to a column: its type's name, its own name, its meaning, its unit."""

    holder: str
    name: str
    description: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what it holds, and the fields that lead to it from the root.

    `holds_names` is true where a cell may hold the name of a person; `words` say what the values of
    an enumeration mean. `depth` is how many fields lead to it from its row.
    """

    name: str
    kind: Kind
    steps: tuple[Step, ...] = ()
    holds_names: bool = False
    words: Mapping[str, str] | None = None
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value to be told: its place below the object that holds it.

    `names` says where names of persons stand inside the cell; it is None where there are none.
    """

    path: Path
    kind: Kind
    steps: tuple[Step, ...]
    names: tuple[Path, ...] | None = None
    words: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of objects, which may become rows or one cell."""

    path: Path
    type: GraphQLObjectType
    details: tuple[FieldDetailsList, ...]
    steps: tuple[Step, ...]


Entry = Leaf | Listed


@dataclass(frozen=True, slots=True)
class Level:
    """The values of one object: those before and after the list that becomes rows, if one does."""

    before: tuple[Leaf, ...]
    inner: "tuple[Path, Level] | None" = None
    after: tuple[Leaf, ...] = ()
    keeps: bool = False
    """Whether an object whose list is empty is a row all the same, for the values beside it."""

    def leaves(self) -> Iterator[Leaf]:
        """Give the values in the order of the columns."""
        yield from self.before
        if self.inner is not None:
            yield from self.inner[1].leaves()
        yield from self.after


def rows_in(level: Level, value: Mapping[str, Any], *, with_names: bool) -> Iterator[list[Any]]:
    """Give the rows in a value; what stands beside their list is repeated in each."""
    before = [_cell(leaf, value, with_names=with_names) for leaf in level.before]
    after = [_cell(leaf, value, with_names=with_names) for leaf in level.after]
    if level.inner is None:
        yield before + after
        return
    path, inner = level.inner
    items = _reached(value, path)
    if items == [] and level.keeps:
        yield [*before, *(None for _ in inner.leaves()), *after]
    for item in items or ():
        if item is not None:
            for row in rows_in(inner, item, with_names=with_names):
                yield [*before, *row, *after]


def _reached(value: Any, path: Path) -> Any:
    for part in path:
        if value is None:
            return None
        value = value.get(part)
    return value


def _cell(leaf: Leaf, value: Mapping[str, Any], *, with_names: bool) -> Any:
    found = _reached(value, leaf.path)
    if leaf.names is not None and not with_names:
        for path in leaf.names:
            found = _without(found, path)
    if found is None or leaf.kind != "json":
        return found
    return orjson.dumps(found).decode()


def _without(value: Any, path: Path) -> Any:
    """Give a value without what stands at a path; lists on the way are gone through."""
    if not path:
        return None
    if isinstance(value, list):
        return [_without(item, path) for item in value]
    if isinstance(value, dict) and path[0] in value:
        return value | {path[0]: _without(value[path[0]], path[1:])}
    return value
