"""Rewrite a query for one of its root fields, with clocks and place of a page as variables."""

from graphql import (
    ArgumentNode,
    FieldNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeNode,
    VariableDefinitionNode,
    VariableNode,
    print_ast,
)
from graphql.execution.collect_fields import FieldDetailsList

from api.preparation import Prepared
from api.pruning import fragments_behind, variables_in

AFTER, AS_OF, FIRST, PLACE = "exportAfter", "exportAsOf", "exportFirst", "exportPlace"
"""The names under which the house adds variables and the place of a page to a query."""
_SELECTED = "pageInfo"


def alone(
    details: FieldDetailsList, prepared: Prepared, *, is_clocked: bool, is_paged: bool
) -> tuple[str, set[str]]:
    """Write the query anew with this field alone; name the variables of its own it needs."""
    definition = prepared.definition
    added: list[tuple[str, str, TypeNode]]
    added = [("asOf", AS_OF, _type("AsOf"))] if is_clocked else []
    if is_paged:
        added += [
            ("first", FIRST, NonNullTypeNode(type=_type("Int"))),
            ("after", AFTER, _type("String")),
        ]
    asked = [(name, variable) for name, variable, _ in added]
    field = _rewritten(details, asked, is_paged=is_paged)
    own = [VariableDefinitionNode(variable=_variable(name), type=type_) for _, name, type_ in added]
    behind = fragments_behind(field, prepared.compilable.fragments)
    used = variables_in([field, *behind])
    kept = [
        each for each in definition.variable_definitions or () if each.variable.name.value in used
    ]
    operation = OperationDefinitionNode(
        operation=definition.operation,
        name=definition.name,
        variable_definitions=(*kept, *own),
        directives=(),
        selection_set=SelectionSetNode(selections=(field,)),
    )
    return "\n".join(print_ast(each) for each in [operation, *behind]), used


def _rewritten(
    details: FieldDetailsList, added: list[tuple[str, str]], *, is_paged: bool
) -> FieldNode:
    """Give the root field once, with the arguments of the house in place of its own."""
    node = details[0].node
    names = {name for name, _ in added}
    arguments = [each for each in node.arguments or () if each.name.value not in names] + [
        ArgumentNode(name=NameNode(value=name), value=_variable(variable))
        for name, variable in added
    ]
    selections = [
        selection
        for each in details
        if each.node.selection_set is not None
        for selection in each.node.selection_set.selections
    ]
    if is_paged:
        selections.append(_page_info())
    return FieldNode(
        alias=node.alias,
        name=node.name,
        arguments=tuple(arguments),
        directives=(),
        selection_set=SelectionSetNode(selections=tuple(selections)) if selections else None,
    )


def _page_info() -> FieldNode:
    """Ask for the place of a page."""
    names = ("hasNextPage", "endCursor")
    selections = tuple(
        FieldNode(name=NameNode(value=name), arguments=(), directives=()) for name in names
    )
    return FieldNode(
        alias=NameNode(value=PLACE),
        name=NameNode(value=_SELECTED),
        arguments=(),
        directives=(),
        selection_set=SelectionSetNode(selections=selections),
    )


def _variable(name: str) -> VariableNode:
    return VariableNode(name=NameNode(value=name))


def _type(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))
