"""Find the policies by which a question wants to be judged, at its root fields and below them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)
from graphql.execution.values import VariableValues, get_directive_values

_JUDGED_BY = {"board": "colour", "colour": "colour", "recomputedUnder": "post-evaluation"}
"""The kind of policy that a field judges by; other fields count by whichever kind decides."""


class NamedPolicy(NamedTuple):
    """A policy that a field names, the kind that it must be of, and where in the answer it is."""

    path: tuple[str, ...]
    policy: str
    kind: str | None


def named_policies(
    selection: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
    path: tuple[str, ...] = (),
) -> Iterator[NamedPolicy]:
    """Give the named policies of everything that is selected, in the order of the document."""
    for node in selection.selections:
        if not _is_included(node, variables):
            continue
        inner: SelectionSetNode | None
        where = path
        match node:
            case FieldNode():
                where = (*path, node.alias.value if node.alias else node.name.value)
                yield from _named_by(node, where, variables)
                inner = node.selection_set
            case InlineFragmentNode():
                inner = node.selection_set
            case FragmentSpreadNode():
                inner = fragments[node.name.value].selection_set
            case _:
                inner = None
        if inner is not None:
            yield from named_policies(inner, fragments, variables, where)


def _named_by(
    node: FieldNode, path: tuple[str, ...], variables: VariableValues
) -> Iterator[NamedPolicy]:
    """Give the policy that the arguments of one field name, if they do."""
    for argument in node.arguments or ():
        if argument.name.value == "policy":
            policy = value_from_ast_untyped(argument.value, variables.coerced)
            if policy is not None:
                yield NamedPolicy(path, str(policy), _JUDGED_BY.get(node.name.value))


def _is_included(node: SelectionNode, variables: VariableValues) -> bool:
    """Tell whether neither `@skip` nor `@include` leaves a selection out."""
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
