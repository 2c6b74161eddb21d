"""Describe how an operation is answered: one statement a root field, and where its values lie."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import FieldNode, GraphQLField

from api.pace import Pace
from api.statement import Finished


@dataclass(frozen=True, slots=True)
class Slot:
    """A field whose arguments depend on variables, to be coerced again for every request."""

    field: GraphQLField
    node: FieldNode


@dataclass(frozen=True, slots=True)
class RootPlan:
    """How one root field is answered.

    `fixed` is the whole answer where nothing needs to be read. `arguments` are the root field's
    own, unless variables decide them: then they are those of the first slot. `judging` is the plan
    to be run where this one reads spans and they do not tell.
    """

    key: str
    node: FieldNode
    nullable: bool
    fixed: bytes | None = None
    arguments: Mapping[str, object] | None = None
    statement: Finished = field(default_factory=lambda: Finished(b""))
    slots: tuple[Slot, ...] = ()
    pace: Pace = field(default_factory=Pace, compare=False)
    judging: "RootPlan | None" = None

    @property
    def tables(self) -> frozenset[str]:
        """Name the read models that the answer depends on, however it is found."""
        return self.statement.tables if self.judging is None else self.judging.tables

    def can_read(self, known: int, settled: int | None) -> bool:
        """Tell whether the statement may answer at a position, given one that was settled."""
        if self.judging is None:
            return True
        return settled is not None and (settled == known or not self.statement.is_settled)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an operation is answered for variables of one shape."""

    roots: tuple[RootPlan, ...]
    decisive: frozenset[str]
    """Variables whose values, not only their presence, decide the text of the statements."""
