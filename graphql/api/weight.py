"""Weigh an operation before it runs: its depth, its fields and the objects it may ask for.

Every selection set is weighed once, fragments included, so that the time taken is linear in the
length of the document however often fragments are spread; the numbers themselves may grow large.
"""

from dataclasses import dataclass
from typing import NamedTuple, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)
from graphql.execution.values import VariableValues

from api.arguments import argument_values
from api.contract import Contract, is_paging
from api.errors import TOO_COSTLY, TOO_DEEP, TOO_MANY_FIELDS, Problem

_Composite = GraphQLObjectType | GraphQLInterfaceType
_SHOWN = 10**12

ASSUMED_LENGTH = 10
"""How long a list without a page size is assumed to be."""


PORTFOLIO_WEIGHT = 100
"""What a question costs that looks through all projects before it gives its first object."""
_PORTFOLIO = frozenset({"filter", "year", "region"})


def own_weight(type_: GraphQLNamedType, field: GraphQLField) -> int:
    """Give what the object of a field costs by itself, whatever is asked of it."""
    is_portfolio = type_.name == "Query" and not _PORTFOLIO.isdisjoint(field.args)
    return PORTFOLIO_WEIGHT if is_portfolio and "first" not in field.args else 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one operation may ask for."""

    depth: int = 16
    fields: int = 2_000
    cost: int = 100_000
    tokens: int = 2_000


class Weight(NamedTuple):
    """The depth of a selection, its number of fields and the number of objects it may give."""

    depth: int
    fields: int
    cost: int


class Scales:
    """Weighs one document for given variables."""

    def __init__(
        self,
        contract: Contract,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        """Remember the weight of each fragment once it is known."""
        self._contract = contract
        self._fragments = fragments
        self._variables = variables
        self._known: dict[tuple[str, str, int], Weight] = {}

    def weigh(self, operation: OperationDefinitionNode) -> Weight:
        """Weigh a validated operation. Raises BadInput for arguments out of bounds."""
        root = self._contract.schema.get_root_type(operation.operation)
        assert root is not None
        return self._selections(operation.selection_set, root)

    def _selections(self, selected: SelectionSetNode, type_: _Composite, size: int = 1) -> Weight:
        """Add up selections; `size` is that of the page, if the type is a connection."""
        depth = fields = cost = 0
        for selection in selected.selections:
            match selection:
                case FieldNode():
                    weight = self._field(selection, type_, size)
                case InlineFragmentNode():
                    inner = self._condition(selection, type_)
                    weight = self._selections(selection.selection_set, inner, size)
                case FragmentSpreadNode():
                    weight = self._fragment(selection.name.value, type_, size)
                case _:
                    continue
            depth = max(depth, weight.depth)
            fields += weight.fields
            cost += weight.cost
        return Weight(depth, fields, cost)

    def _fragment(self, name: str, type_: _Composite, size: int) -> Weight:
        known = (name, type_.name, size)
        weight = self._known.get(known)
        if weight is None:
            fragment = self._fragments[name]
            inner = self._condition(fragment, type_)
            weight = self._selections(fragment.selection_set, inner, size)
            self._known[known] = weight
        return weight

    def _condition(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, type_: _Composite
    ) -> _Composite:
        """Give the type that a fragment selects from; validation knows that it is one of ours."""
        condition = fragment.type_condition
        named = condition and self._contract.schema.type_map[condition.name.value]
        return cast("_Composite", named or type_)

    def _field(self, node: FieldNode, type_: _Composite, size: int) -> Weight:
        field = type_.fields.get(node.name.value)
        if field is None or node.selection_set is None:
            return Weight(1, 1, 0)
        target = get_named_type(field.type)
        if not is_object_type(target) and not is_interface_type(target):
            return Weight(1, 1, 1)
        page = self._page(node, field)
        inner = self._selections(node.selection_set, target, page)
        times = 1
        if node.name.value in {"nodes", "edges"} and is_paging(type_):
            times = size
        elif is_list_type(get_nullable_type(field.type)):
            times = page if "first" in field.args else ASSUMED_LENGTH
        cost = times * inner.cost + max(times, own_weight(type_, field))
        return Weight(inner.depth + 1, inner.fields + 1, cost)

    def _page(self, node: FieldNode, field: GraphQLField) -> int:
        """Give the size of the page that a field asks for, or assume one where it may be any."""
        if "first" not in field.args:
            return 1
        size = argument_values(field, node, self._variables)["first"]
        return ASSUMED_LENGTH if size is None else int(size)


def refuse_above(limits: Limits, weight: Weight) -> None:
    """Refuse an operation that asks for too much. Raises Problem."""
    for code, name, asked, allowed in (
        (TOO_DEEP, "levels", weight.depth, limits.depth),
        (TOO_MANY_FIELDS, "fields", weight.fields, limits.fields),
        (TOO_COSTLY, "objects", weight.cost, limits.cost),
    ):
        if asked > allowed:
            # The number itself may have hundreds of digits.
            shown = str(asked) if asked < _SHOWN else "far too many"
            message = f"The operation asks for {shown} {name}; at most {allowed} are allowed."
            raise Problem(message, code, limit=allowed)
