"""Join the schema and the relations: which SQL stands behind which field of which type."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.utils.str_converters import to_camel_case

from api.declaration import DEMANDS, Demands
from projections.terms.relation import (
    AsOf,
    Field,
    Link,
    Many,
    One,
    OneOf,
    Page,
    Relation,
    Stream,
    Value,
)

CONNECTION = "Connection"


class Unmapped(Exception):
    """Fields of the schema that nothing can answer."""

    def __init__(self, problems: Iterable[str]) -> None:
        """List them, one a line."""
        super().__init__("the schema and the relations disagree:\n" + "\n".join(problems))


@dataclass(frozen=True, slots=True)
class Contract:
    """The schema with the relations of its types and the links of its root fields."""

    schema: GraphQLSchema
    relations: Mapping[str, Relation]
    fields: Mapping[tuple[str, str], Field]

    @property
    def resolved(self) -> frozenset[str]:
        """Name the questions that are not read from relations but have resolvers of their own."""
        query = self.schema.query_type
        fields = {} if query is None else query.fields
        return frozenset(name for name, field in fields.items() if is_resolved(field))

    def field(self, type_name: str, field_name: str) -> Field | None:
        """Give what stands behind a field, by its GraphQL name."""
        return self.fields.get((type_name, field_name))


def contract(
    schema: GraphQLSchema,
    relations: Iterable[Relation],
    roots: Mapping[str, Field],
    followed: Mapping[str, Field] | None = None,
) -> Contract:
    """Join schema and relations. Raises Unmapped if a read field has nothing behind it."""
    by_type = {relation.type: relation for relation in relations}
    fields: dict[tuple[str, str], Field] = {
        (relation.type, to_camel_case(name)): field
        for relation in by_type.values()
        for name, field in relation.fields.items()
    }
    query = schema.query_type
    if query is None:
        raise Unmapped(["there is no query type"])
    fields |= {(query.name, to_camel_case(name)): link for name, link in roots.items()}
    reached, subscription = [query], schema.subscription_type
    if subscription is not None:
        reached.append(subscription)
        fields |= {
            (subscription.name, to_camel_case(name)): field
            for name, field in (followed or {}).items()
        }
    joined = Contract(schema, by_type, fields)
    problems = sorted(_problems(joined, reached))
    if problems:
        raise Unmapped(problems)
    return joined


def _problems(joined: Contract, roots: Iterable[GraphQLObjectType]) -> Iterable[str]:
    """Compare the fields of every type that can be reached with what stands behind them."""
    waiting = list(roots)
    seen = {root.name for root in waiting}
    while waiting:
        type_ = waiting.pop()
        for name, field in type_.fields.items():
            if is_resolved(field):
                continue
            reached = get_named_type(field.type)
            found = (
                joined.schema.get_possible_types(reached)
                if is_abstract_type(reached)
                else [reached]
            )
            for each in found:
                if is_object_type(each) and each.name not in seen:
                    seen.add(each.name)
                    waiting.append(each)
            if not is_paging(type_):
                problem = _problem(joined, joined.field(type_.name, name), field)
                if problem is not None:
                    yield f"  {type_.name}.{name}: {problem}"


def is_resolved(field: GraphQLField) -> bool:
    """Tell whether a field has a resolver of its own, so that no relation stands behind it."""
    declared = field.extensions.values()
    return any(getattr(each, "base_resolver", None) is not None for each in declared)


def is_paging(type_: GraphQLNamedType) -> bool:
    """Tell whether a type belongs to the connections, whose fields the engine answers itself."""
    return type_.name == "PageInfo" or type_.name.endswith((CONNECTION, "Edge"))


def _problem(joined: Contract, mapped: Field | None, field: GraphQLField) -> str | None:
    """Say how a field and what stands behind it disagree."""
    if mapped is None:
        return "no relation maps it"
    inner = field.type.of_type if is_non_null_type(field.type) else field.type
    if isinstance(mapped, Value):
        named = get_named_type(field.type)
        is_right = (
            is_leaf_type(named)
            and is_list_type(inner) == (mapped.kind == "texts")
            and is_enum_type(named) == (mapped.kind in {"enum", "code"})
        )
        return None if is_right else f"a {mapped.kind} value cannot be a {field.type}"
    if isinstance(mapped, OneOf):
        return _one_of_problem(joined, mapped, get_named_type(field.type))
    if mapped.type not in joined.relations:
        return f"there is no relation for the type {mapped.type}"
    return _link_problem(joined.relations[mapped.type], mapped, field, inner)


def _one_of_problem(joined: Contract, mapped: OneOf, interface: GraphQLNamedType) -> str | None:
    """Say how a field of several types disagrees with what its interface promises."""
    if not is_abstract_type(interface):
        return f"it holds one of several types, the schema says {interface.name}"
    possible = {type_.name for type_ in joined.schema.get_possible_types(interface)}
    found = {option.type for option in mapped.options}
    if found != possible:
        return (
            f"it leads to {', '.join(sorted(found))}, the schema to {', '.join(sorted(possible))}"
        )
    return None


def _link_problem(
    relation: Relation, mapped: Link | AsOf | Stream, field: GraphQLField, inner: GraphQLOutputType
) -> str | None:
    """Say how a field that leads to other rows disagrees with its link."""
    wanted = mapped.type + CONNECTION if isinstance(mapped, Page) else mapped.type
    if get_named_type(field.type).name != wanted:
        return f"it leads to {wanted}, the schema says {field.type}"
    if isinstance(mapped, Page):
        missing = {key.removeprefix("-") for key in mapped.order} - set(relation.row)
        return f"its order needs {', '.join(sorted(missing))} in the row" if missing else None
    if isinstance(mapped, Stream) and "position" not in relation.row:
        return "what is followed needs a position in the row"
    if isinstance(mapped, Many) != is_list_type(inner):
        return f"one and many are mixed up: {field.type}"
    if isinstance(mapped, Many) and not _is_list_of_non_null(inner):
        return "the items of a list are never null"
    return None


def _is_list_of_non_null(type_: GraphQLOutputType) -> bool:
    return is_list_type(type_) and is_non_null_type(type_.of_type)


def bounds(argument: GraphQLArgument) -> tuple[int, int] | None:
    """Give the bounds that an argument was declared with."""
    return demands(argument).between


def demands(argument: GraphQLArgument | GraphQLInputField) -> Demands:
    """Give what the declaration of an argument, or of a part of an input, demands of its value."""
    declared = argument.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    found = getattr(declared, "metadata", _NOTHING).get(DEMANDS)
    return found if isinstance(found, Demands) else _NONE


_NOTHING: Mapping[str, object] = {}
_NONE = Demands()


__all__ = [
    "CONNECTION",
    "Contract",
    "Many",
    "One",
    "Unmapped",
    "bounds",
    "contract",
    "demands",
    "is_paging",
    "is_resolved",
]
