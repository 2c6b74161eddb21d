"""Publish the contract with what each field may cost, in directives that gateways read.

Source: GraphQL Cost Directive Specification (IBM), `@cost` and `@listSize`.
"""

import re
from collections.abc import Mapping

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    NullValueNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from api.weight import ASSUMED_LENGTH, own_weight

DIRECTIVES = '''"""What the object that a field gives costs; without it one point · 成本"""
directive @cost(
  """Points · 点数"""
  weight: String!
) on FIELD_DEFINITION

"""How long a list may be · 列表长度"""
directive @listSize(
  """How long it is taken to be · 假定长度"""
  assumedSize: Int

  """Whether one of the arguments must be given · 是否必须给出"""
  requireOneSlicingArgument: Boolean = true

  """The fields of a connection that are so long · 适用字段"""
  sizedFields: [String!]

  """The arguments that give its length · 长度参数"""
  slicingArguments: [String!]
) on FIELD_DEFINITION

'''
_PAGE = (
    '@listSize(requireOneSlicingArgument: false, sizedFields: ["edges", "nodes"],'
    ' slicingArguments: ["first"])'
)
_SLICED = '@listSize(requireOneSlicingArgument: false, slicingArguments: ["first"])'
_ANY_SLICE = (
    f"@listSize(assumedSize: {ASSUMED_LENGTH}, requireOneSlicingArgument: false,"
    ' slicingArguments: ["first"])'
)
_LIST = f"@listSize(assumedSize: {ASSUMED_LENGTH})"

_QUOTES = '"""'
_TYPE = re.compile(r"(?:type|interface|input|enum) (\w+)")
_FIELD = re.compile(r"  (\w+)[(:]")
_ENDED = re.compile(r"  (\w+(\(.*\))?|\)): \S+$")


def costs(schema: GraphQLSchema) -> Mapping[tuple[str, str], str]:
    """Give the directives of every field whose cost is not simply one point."""
    return {
        (type_.name, name): written
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name, field in type_.fields.items()
        if (written := _directives(type_, name, field))
    }


def _directives(type_: GraphQLObjectType, name: str, field: GraphQLField) -> str:
    parts = []
    weight = own_weight(type_, field)
    if weight != 1 and is_composite_type(get_named_type(field.type)):
        parts.append(f'@cost(weight: "{weight}")')
    is_list = is_list_type(get_nullable_type(field.type))
    if "first" in field.args and is_list:
        parts.append(_ANY_SLICE if _is_optional(field.args["first"]) else _SLICED)
    elif "first" in field.args:
        parts.append(_PAGE)
    elif (
        is_list and is_composite_type(get_named_type(field.type)) and name not in {"nodes", "edges"}
    ):
        parts.append(_LIST)
    return " ".join(parts)


def _is_optional(argument: GraphQLArgument) -> bool:
    """Tell whether an argument of a contract that was read is null unless it is given."""
    node = argument.ast_node
    return node is not None and isinstance(node.default_value, NullValueNode)


def with_costs(text: str, schema: GraphQLSchema) -> str:
    """Write the directives behind the fields of a contract that was printed from the schema.

    The text is changed line by line, because writing it anew from its parts would lose its form.
    """
    written = costs(schema)
    lines, type_name, field_name, is_described = [DIRECTIVES.rstrip(), ""], "", "", False
    for line in text.splitlines():
        quotes = line.count(_QUOTES)
        if quotes or is_described:
            is_described ^= quotes == 1
            lines.append(line)
            continue
        opened = _TYPE.match(line)
        type_name = opened[1] if opened else type_name
        field = _FIELD.match(line)
        field_name = field[1] if field else field_name
        directives = written.get((type_name, field_name)) if _ENDED.match(line) else None
        lines.append(f"{line} {directives}" if directives else line)
    return "\n".join(lines)
