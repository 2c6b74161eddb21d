"""Check the arguments of all that is selected before any of it is executed field by field.

A compiled question is refused as a whole for one wrong argument, wherever it stands, even below
rows of which there are none. So is one that is executed.
"""

from collections.abc import Iterable

from graphql import (
    GraphQLError,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from graphql.execution.collect_fields import GroupedFieldSet
from graphql.execution.values import VariableValues

from api.arguments import argument_values
from api.compiler import Operation
from api.contract import Contract, is_resolved
from api.errors import BAD_INPUT, coded, problem_of
from api.preparation import Refusal


def inspect(contract: Contract, operation: Operation, variables: VariableValues) -> None:
    """Check all arguments of what relations answer. Raises Refusal."""
    root = contract.schema.get_root_type(operation.definition.operation)
    assert root is not None
    try:
        grouped = operation.fields(contract.schema, variables, root)
        _Inspection(contract, operation, variables).fields(root, grouped)
    except GraphQLError as error:
        raise Refusal([coded(problem_of(error), BAD_INPUT)]) from error


class _Inspection:
    """Walks through what an operation selects."""

    def __init__(self, contract: Contract, operation: Operation, variables: VariableValues) -> None:
        self._contract = contract
        self._operation = operation
        self._variables = variables

    def fields(self, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> None:
        """Check the fields that are selected of a type, and all below them."""
        schema = self._contract.schema
        for details in grouped.values():
            node = details[0].node
            field = type_.fields.get(node.name.value)
            if field is None:
                # What every type has, as its name, takes nothing that is ours.
                continue
            if not is_resolved(field):
                argument_values(field, node, self._variables)
            for below in self._types(get_named_type(field.type)):
                asked = self._operation.subfields(schema, self._variables, below, details)
                self.fields(below, asked)

    def _types(self, type_: GraphQLNamedType) -> Iterable[GraphQLObjectType]:
        """Give the types of which objects may stand there."""
        if is_abstract_type(type_):
            return self._contract.schema.get_possible_types(type_)
        return [type_] if is_object_type(type_) else []
