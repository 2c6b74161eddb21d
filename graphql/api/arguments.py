"""Coerce the arguments of a field, check their bounds, and tell whether variables decide them."""

import re
from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from api.contract import demands
from api.declaration import Demands
from api.errors import BadInput
from api.statement import storable
from domain.errors import Malformed, shortened


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
    _check_each(field.args, values, "")


def _check_each(
    declared: Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField],
    values: Mapping[str, Any],
    place: str,
) -> None:
    """Check the values that stand at a place: the arguments, or the parts of one of them."""
    for name, argument in declared.items():
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, dict):
            type_ = get_nullable_type(argument.type)
            # What is no input but a scalar of any shape says itself what it takes.
            if isinstance(type_, GraphQLInputObjectType):
                _check_each(type_.fields, value, f"{place}{name}.")
            continue
        wanted = demands(argument)
        for each in value if isinstance(value, list) else (value,):
            _check(f"{place}{name}", wanted, argument, each)
        _check_beginning(f"{place}{name}", wanted.beginning, value, values)


def _check(
    name: str, wanted: Demands, argument: GraphQLArgument | GraphQLInputField, value: Any
) -> None:
    """Refuse a number out of its bounds, and a text that says nothing or of another form."""
    if isinstance(value, str):
        _refuse_what_cannot_be_kept(name, value)
    cure, between = None, wanted.between
    if between is not None and not between[0] <= value <= between[1]:
        message = f"`{name}` must be between {between[0]} and {between[1]}."
    elif isinstance(value, str) and not value.strip() and not wanted.may_be_empty:
        cure = "Say what you mean."
        if not is_non_null_type(argument.type):
            cure = "Leave it out, or say what you mean."
        message = f"`{name}` must not be empty. {cure}"
    elif wanted.pattern is not None and re.fullmatch(wanted.pattern, value) is None:
        message = f"`{name}` must be of this form: {argument.description}."
    elif wanted.check is not None and (cure := _fault(wanted, value)) is not None:
        message = f"`{name}` cannot be {shortened(value)}. {cure}"
    else:
        return
    facts = {} if cure is None else {"cure": cure}
    raise BadInput(message, argument=name, value=shortened(value), **facts)


def _refuse_what_cannot_be_kept(name: str, value: str) -> None:
    """Say of which argument a text has letters that no database keeps. Raises BadInput."""
    try:
        storable(value)
    except BadInput as error:
        message = f"`{name}`: {error.message}"
        raise BadInput(message, argument=name, value=shortened(value)) from error


def _fault(wanted: Demands, value: str) -> str | None:
    """Say what to give instead of a text that means nothing."""
    assert wanted.check is not None
    try:
        wanted.check(value)
    except Malformed as error:
        return error.cure
    return None


def _check_beginning(name: str, other: str | None, value: Any, values: Mapping[str, Any]) -> None:
    """Refuse a text that does not belong to what another argument says, as a month to its year."""
    if other is not None and not str(value).startswith(f"{values[other]}-"):
        message = f"`{name}` must lie in the `{other}` {values[other]}."
        raise BadInput(message, argument=name, value=str(value))


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
