"""Coerce the arguments of a field, check their bounds, and tell whether variables decide them."""

import re
from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, get_argument_values

from api.contract import beginning, bounds, pattern
from api.errors import BadInput


def argument_values(
    field: GraphQLField, node: FieldNode, variables: VariableValues
) -> dict[str, Any]:
    """Give the values of a field's arguments, defaults included. Raises BadInput out of bounds."""
    if not field.args:
        return {}
    values = get_argument_values(field, node, variables)
    check_values(field, values)
    return values


def check_values(field: GraphQLField, values: Mapping[str, Any]) -> None:
    """Check coerced arguments against what was declared of them. Raises BadInput."""
    for name, argument in field.args.items():
        if values.get(name) is not None:
            _check(name, argument, values[name])
            _check_beginning(name, argument, values)


def _check(name: str, argument: GraphQLArgument, value: Any) -> None:
    """Refuse a number out of its bounds and a text of another form than was declared."""
    between, wanted = bounds(argument), pattern(argument)
    if between is not None and not between[0] <= value <= between[1]:
        message = f"`{name}` must be between {between[0]} and {between[1]}."
    elif wanted is not None and re.fullmatch(wanted, value) is None:
        message = f"`{name}` must be of this form: {argument.description}."
    else:
        return
    raise BadInput(message, argument=name, value=str(value)[:200])


def _check_beginning(name: str, argument: GraphQLArgument, values: Mapping[str, Any]) -> None:
    """Refuse a text that does not belong to what another argument says, as a month to its year."""
    other = beginning(argument)
    if other is not None and not str(values[name]).startswith(f"{values[other]}-"):
        message = f"`{name}` must lie in the `{other}` {values[other]}."
        raise BadInput(message, argument=name, value=str(values[name]))


def variables_of(node: FieldNode) -> set[str]:
    """Name the variables that the arguments of a field use."""
    found: set[str] = set()
    waiting: list[ValueNode] = [argument.value for argument in node.arguments or ()]
    while waiting:
        match waiting.pop():
            case VariableNode(name=name):
                found.add(name.value)
            case ListValueNode(values=values):
                waiting += values
            case ObjectValueNode(fields=fields):
                waiting += [field.value for field in fields]
            case _:
                pass
    return found
