"""Make up questions over a schema: any selection, arguments as literals or variables, fragments."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.contract import bounds
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from hypothesis import strategies as st

Pools = Mapping[str, Sequence[Any]]
"""Values to choose from, by the name of an argument or else of a scalar."""


@dataclass
class Question:
    """A question in the making."""

    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    fragments: list[str] = field(default_factory=list)
    names: int = 0

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"


class Asker:
    """Draws questions from a schema."""

    def __init__(self, schema: GraphQLSchema, pools: Pools, draw: st.DrawFn) -> None:
        self.schema = schema
        self.pools = pools
        self.draw = draw
        self.question = Question()

    def ask(self, roots: Sequence[str], depth: int) -> tuple[str, dict[str, Any]]:
        query = self.schema.query_type
        assert query is not None
        chosen = self.draw(st.lists(st.sampled_from(roots), min_size=1, max_size=2))
        fields = " ".join(self.field(name, query.fields[name], depth) for name in chosen)
        declared = f"({', '.join(self.question.declared)})" if self.question.declared else ""
        text = " ".join([f"query Q{declared} {{ {fields} }}", *self.question.fragments])
        return text, self.question.variables

    def field(self, name: str, field_: GraphQLField, depth: int) -> str:
        wanted = {key: part for key, part in field_.args.items() if self.wanted(part)}
        if "knownPosition" in wanted:
            # The past is cut by a time or by a position.
            wanted.pop("known", None)
        arguments = [f"{key}: {self.value(key, argument)}" for key, argument in wanted.items()]
        asked = self.question.name("f") + ": " + name
        if arguments:
            asked += f"({', '.join(arguments)})"
        asked += self.directive()
        target = get_named_type(field_.type)
        if is_object_type(target):
            asked += f" {{ {self.selections(target, depth - 1)} }}"
        elif is_interface_type(target):
            asked += f" {{ {self.of_any(target, depth - 1)} }}"
        return asked

    def wanted(self, argument: GraphQLArgument) -> bool:
        needed = is_non_null_type(argument.type) and argument.default_value is None
        required = "Undefined" in repr(argument.default_value) and is_non_null_type(argument.type)
        return needed or required or self.draw(st.booleans())

    def directive(self) -> str:
        kind = self.draw(st.sampled_from(["", "", "", "", "@skip", "@include"]))
        if not kind:
            return ""
        truth = self.draw(st.booleans())
        if self.draw(st.booleans()):
            return f" {kind}(if: ${self.variable('Boolean!', truth)})"
        return f" {kind}(if: {str(truth).lower()})"

    def selections(self, type_: GraphQLObjectType, depth: int) -> str:
        names = [
            name
            for name, field_ in type_.fields.items()
            if depth > 0 or is_leaf_type(get_named_type(field_.type))
        ]
        if type_.name.endswith("Connection"):
            names = names if depth > 0 else ["totalCount"]
        chosen = self.draw(
            st.lists(st.sampled_from([*names, "__typename"]), min_size=1, max_size=5)
        )
        parts = [
            f"{self.question.name('t')}: __typename"
            if name == "__typename"
            else self.field(name, type_.fields[name], depth)
            for name in chosen
        ]
        cut = self.draw(st.integers(0, len(parts)))
        inner = " ".join(parts[:cut])
        outer = " ".join(parts[cut:])
        if not inner:
            return outer
        if self.draw(st.booleans()):
            fragment = self.question.name("F")
            self.question.fragments.append(f"fragment {fragment} on {type_.name} {{ {inner} }}")
            return f"...{fragment}{self.directive()} {outer} ...{fragment}"
        return f"... on {type_.name}{self.directive()} {{ {inner} }} {outer}"

    def of_any(self, interface: GraphQLInterfaceType, depth: int) -> str:
        """Ask some of the types behind an interface, and what all of them have."""
        possible = sorted(self.schema.get_possible_types(interface), key=lambda type_: type_.name)
        chosen = self.draw(st.lists(st.sampled_from(possible), max_size=2))
        parts = [f"... on {type_.name} {{ {self.selections(type_, depth)} }}" for type_ in chosen]
        shared = " ".join(self.draw(st.lists(st.sampled_from(["__typename", "id"]), min_size=1)))
        return f"{shared} ... on {interface.name} {{ {shared} }} {' '.join(parts)}"

    def value(self, name: str, argument: GraphQLArgument) -> str:
        value = self.plain(name, argument.type, bounds(argument))
        if self.draw(st.booleans()):
            return f"${self.variable(str(argument.type), value)}"
        return literal(value)

    def variable(self, type_: str, value: Any) -> str:
        name = self.question.name("v")
        self.question.declared.append(f"${name}: {type_}")
        self.question.variables[name] = as_json(value)
        return name

    def plain(self, name: str, type_: Any, between: tuple[int, int] | None) -> Any:
        if is_non_null_type(type_):
            return self.plain(name, type_.of_type, between)
        value: Any
        if is_list_type(type_):
            length = self.draw(st.integers(0, 2))
            value = [self.plain(name, type_.of_type, None) for _ in range(length)]
        elif isinstance(type_, GraphQLEnumType):
            value = Name(self.draw(st.sampled_from(sorted(type_.values))))
        elif isinstance(type_, GraphQLInputObjectType):
            value = {
                key: self.plain(key, part.type, None)
                for key, part in type_.fields.items()
                if not key.startswith("known") and self.draw(st.integers(0, 3)) == 0
            }
        elif name not in self.pools and between is not None:
            value = self.draw(st.integers(max(between[0], 0), min(between[1], 6)))
        else:
            pool = self.pools[name if name in self.pools else type_.name]
            value = self.draw(st.sampled_from(list(pool)))
        return value


class Name(str):
    """The name of an enum value, written without quotes."""

    __slots__ = ()


def literal(value: Any) -> str:
    """Write a value as a GraphQL literal."""
    match value:
        case Name():
            text = str(value)
        case list():
            text = "[" + ", ".join(literal(item) for item in value) + "]"
        case dict():
            text = "{" + ", ".join(f"{key}: {literal(item)}" for key, item in value.items()) + "}"
        case _:
            # A JSON value that is neither list nor object is a GraphQL literal too.
            text = json.dumps(value, ensure_ascii=False)
    return text


def as_json(value: Any) -> Any:
    """Give a value as a variable carries it."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return str(value) if isinstance(value, Name) else value


@st.composite
def questions(
    draw: st.DrawFn, schema: GraphQLSchema, pools: Pools, roots: Sequence[str], depth: int
) -> tuple[str, dict[str, Any]]:
    """Draw a question and its variables."""
    return Asker(schema, pools, draw).ask(roots, depth)


def order(value: Any) -> Any:
    """Give the keys of an answer in their order."""
    if isinstance(value, dict):
        return [(key, order(item)) for key, item in value.items()]
    return [order(item) for item in value] if isinstance(value, list) else None
