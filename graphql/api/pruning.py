"""Find out what a part of a document needs of the rest: its fragments and its variables."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails


class _Named(Visitor):
    """Notes the fragments and variables that a node names."""

    def __init__(self) -> None:
        super().__init__()
        self.spreads: list[str] = []
        self.variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.spreads.append(node.name.value)

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.variables.add(node.name.value)

    def enter_variable_definition(self, *_: object) -> Any:
        # A definition is no use.
        return self.SKIP


def _named(node: Node) -> _Named:
    found = _Named()
    visit(node, found)
    return found


def fragments_behind(
    node: Node, fragments: Mapping[str, FragmentDetails]
) -> list[FragmentDefinitionNode]:
    """Give the fragments that a node spreads, and those that they spread, each once."""
    found: dict[str, FragmentDefinitionNode] = {}
    waiting = _named(node).spreads
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = fragments[name].definition
            waiting += _named(found[name]).spreads
    return list(found.values())


def variables_in(nodes: Iterable[Node]) -> set[str]:
    """Name the variables that nodes use."""
    return {name for node in nodes for name in _named(node).variables}
