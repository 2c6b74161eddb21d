"""Hold a query with everything that its request makes of it, so that it can be asked again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError
from graphql.execution.values import VariableValues

from api.arguments import argument_values
from api.errors import BAD_INPUT, coded, problem_of
from api.named_policies import NamedPolicy
from api.plan import RootPlan
from api.preparation import Prepared, Refusal
from api.request import Request
from api.statement import Wire
from domain.errors import LedgerError

if TYPE_CHECKING:
    from api.cache import Key
    from api.database import Position
    from api.standing import Standing


class Asked(NamedTuple):
    """A root field of a plan with the values of one request; the clocks are still missing."""

    plan: RootPlan
    times: Mapping[str, Any]
    values: list[Wire]


def asked_of(plan: RootPlan, variables: VariableValues) -> Asked:
    """Coerce what depends on variables. Raises BadInput or what graphql-core raises."""
    slots = [argument_values(slot.field, slot.node, variables) for slot in plan.slots]
    times = slots[0] if plan.arguments is None and slots else plan.arguments or {}
    return Asked(plan, times, plan.statement.bound(slots))


@dataclass(eq=False)
class Question:
    """A prepared query with what one request makes of it.

    What is found out about it once holds whenever it is asked again. `standing` is what it came to
    when it was asked last, `placed` the position and the key under which that was kept.
    """

    request: Request
    prepared: Prepared
    variables: VariableValues
    cost: int
    standing: "Standing | None" = field(default=None, init=False, repr=False)
    placed: "tuple[Position, Key] | None" = field(default=None, init=False, repr=False)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Give the root fields with their values. Raises Refusal."""
        variables, is_limited = self.variables, self.request.reach is not None
        try:
            plan = self.prepared.plan(variables, limited=is_limited)
            return tuple(asked_of(root, variables) for root in plan.roots)
        except (GraphQLError, LedgerError) as error:
            raise Refusal([coded(problem_of(error), BAD_INPUT)]) from error

    @cached_property
    def wanted(self) -> int:
        """Give the position that the read models must have reached for all fields."""
        return max((root.times.get("atLeast") or 0 for root in self.asked), default=0)

    @cached_property
    def policies(self) -> tuple[NamedPolicy, ...]:
        """Give the policies that are named, wherever in it."""
        return self.prepared.policies(self.variables)

    @cached_property
    def tables(self) -> frozenset[str]:
        """Name the read models that the answer depends on."""
        return frozenset[str]().union(*(root.plan.tables for root in self.asked))

    @cached_property
    def is_fixed(self) -> bool:
        """Tell whether nothing is read to answer it."""
        return all(root.plan.fixed is not None for root in self.asked)

    @cached_property
    def moves(self) -> bool:
        """Tell whether the answer changes without the position moving, so that none is kept."""
        with suppress(Refusal):
            return any(root.plan.statement.moves for root in self.asked)
        return False

    @cached_property
    def words(self) -> tuple[str, str | None, str, str, str]:
        """Give what is asked, by whom it may be seen and in which language."""
        request = self.request
        # Equal texts mean equal values of equal types, which their hashes would not.
        variables = repr(request.variables)
        text = self.prepared.text
        return text, request.operation_name, variables, request.scope, request.language
