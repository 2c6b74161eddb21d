"""Walk the whole schema: every root field, with every field below it, as far as a depth goes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

_BY_TYPE = {
    "Date": "2024-06-30",
    "DateTime": "2025-01-01T00:00:00Z",
    "Decimal": "1",
    "Int": 1,
    "FlexDate": "2024-12",
}
_BY_NAME = {
    ("from", "Date"): "2024-01-01",
    ("to", "Date"): "2025-12-31",
    ("from", "DateTime"): "2020-01-01T00:00:00Z",
    ("to", "DateTime"): "2030-01-01T00:00:00Z",
    ("year", "Int"): 2024,
    ("first", "Int"): 60,
    ("kind", "String"): "colour",
    ("region", "ID"): "32",
    ("period", "FlexDate"): "2024-Q4",
    ("through", "FlexDate"): "2024-12",
    ("through", "String"): "2024-12",
    ("period", "String"): "2024-Q4",
}


@dataclass
class Walk:
    """Writes one question a root field; `names` are values of arguments, by their names.

    With a `region`, whatever can be asked for a region is asked for that one.

    A link that was asked for is asked again only where more can be asked below it.
    """

    schema: GraphQLSchema
    names: Mapping[str, Any]
    depth: int
    region: str | None = None
    visited: dict[tuple[str, str], int] = field(default_factory=dict)

    def root(self, name: str) -> str:
        """Ask a root field for everything."""
        query = self.schema.query_type
        assert query is not None
        return f"{{ {self._field(query, name, self.depth, frozenset(), name)} }}"

    def _field(
        self,
        type_: GraphQLObjectType,
        name: str,
        depth: int,
        above: frozenset[tuple[str, str]],
        key: str,
    ) -> str:
        """Ask one field, with its arguments, under a response key."""
        declared = type_.fields[name]
        if (type_.name, name) in above:
            return ""
        target = get_named_type(declared.type)
        asked = f"{key}: {name}{self._arguments(declared)}"
        if is_leaf_type(target):
            self.visited[type_.name, name] = self.depth
            return asked
        if depth <= 0 or depth <= self.visited.get((type_.name, name), 0):
            return ""
        below = above | {(type_.name, name)}
        if is_interface_type(target):
            kinds = self.schema.get_possible_types(target)
            inner = " ".join(
                f"... on {kind.name} {{ {self._all(kind, depth - 1, below)} }}" for kind in kinds
            )
        else:
            assert isinstance(target, GraphQLObjectType)
            inner = self._all(target, depth - 1, below)
        self.visited[type_.name, name] = depth
        return f"{asked} {{ __typename {inner} }}"

    def _all(self, type_: GraphQLObjectType, depth: int, above: frozenset[tuple[str, str]]) -> str:
        """Ask all fields of a type; keys name the type, so that those of two types never clash."""
        return " ".join(
            self._field(type_, name, depth, above, f"{type_.name}_{name}") for name in type_.fields
        )

    def _arguments(self, declared: GraphQLField) -> str:
        """Give the arguments that are needed, and how many objects are wanted."""
        given = {
            name: self._value(name, argument)
            for name, argument in declared.args.items()
            if _is_needed(argument) or name == "first" or self._is_regional(name, argument)
        }
        if not given:
            return ""
        return f"({', '.join(f'{name}: {value}' for name, value in given.items())})"

    def regional(self) -> list[str]:
        """Name the root fields that can be asked for regions."""
        query = self.schema.query_type
        assert query is not None
        return [
            name
            for name, declared in query.fields.items()
            if any(self._is_regional(*argument) for argument in declared.args.items())
        ]

    def _is_regional(self, name: str, argument: GraphQLArgument) -> bool:
        """Tell whether an argument chooses regions."""
        type_ = get_named_type(argument.type)
        inside = isinstance(type_, GraphQLInputObjectType) and "region" in type_.fields
        chooses = (name == "region" and is_list_type(argument.type)) or inside
        return self.region is not None and chooses

    def _value(self, name: str, argument: GraphQLArgument) -> str:
        """Give a literal for an argument."""
        type_ = get_named_type(argument.type)
        if self._is_regional(name, argument):
            return f'["{self.region}"]' if name == "region" else f'{{region: ["{self.region}"]}}'
        if type_.name == "AsOf":
            value = f'{{on: "{_BY_NAME[name, "Date"]}"}}'
        elif name in self.names:
            value = json.dumps(self.names[name])
        elif isinstance(type_, GraphQLEnumType):
            value = min(type_.values)
        else:
            value = json.dumps(_BY_NAME.get((name, type_.name), _BY_TYPE.get(type_.name, "none")))
        listed = argument.type.of_type if is_non_null_type(argument.type) else argument.type
        return f"[{value}]" if is_list_type(listed) else value


def _is_needed(argument: GraphQLArgument) -> bool:
    """Tell whether an argument has to be given."""
    return is_non_null_type(argument.type) and "Undefined" in repr(argument.default_value)
