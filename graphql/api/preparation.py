"""Prepare documents once: parse, validate, weigh and plan them, and remember the result."""

import re
from collections import OrderedDict
from difflib import get_close_matches
from enum import Enum
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.values import VariableValues, get_variable_values

from api.compiler import Operation, compiled
from api.contract import Contract
from api.errors import (
    BAD_INPUT,
    BAD_REQUEST,
    INTROSPECTION,
    PARSE_FAILED,
    TOO_LONG,
    VALIDATION_FAILED,
    BadInput,
    Problem,
    coded,
)
from api.named_policies import NamedPolicy, named_policies
from api.plan import Plan
from api.scalars import written
from api.weight import Limits, Scales, Weight, refuse_above

_MOST_SHAPES = 256
_MOST_SURPLUS = 50
_LONGEST_NAME = 100
_ALIKE = 0.8
_NOTHING = re.compile(r"(?:[\s,\ufeff]|#[^\r\n]*)*")
"""A document of which nothing is left but white space and comments."""

_NO_OPERATION = (
    "The document holds no operation; begin one with `{`, `query`, `mutation` or `subscription`."
)


class Refusal(Exception):
    """A request that is refused before anything runs."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        """Carry the errors to answer with."""
        super().__init__()
        self.errors = errors


class Prepared:
    """One operation of a valid document, with the plans made for it so far."""

    def __init__(
        self,
        contract: Contract,
        text: str,
        document: DocumentNode,
        definition: OperationDefinitionNode,
    ) -> None:
        """Look through the document once."""
        self.text = text
        self.document = document
        self.definition = definition
        self.name = definition.name.value if definition.name else ""
        self.kind = definition.operation.value
        self.is_query = definition.operation is OperationType.QUERY
        self.is_subscription = definition.operation is OperationType.SUBSCRIPTION
        self._contract = contract
        self._fragments = {
            part.name.value: part
            for part in document.definitions
            if isinstance(part, FragmentDefinitionNode)
        }
        self._declared = {
            declared.variable.name.value for declared in definition.variable_definitions or ()
        }
        self.compilable = Operation(
            definition,
            {name: FragmentDetails(fragment) for name, fragment in self._fragments.items()},
        )
        looked = _Looked(contract.resolved)
        visit(document, looked)
        self.introspects = looked.introspects
        self.is_executed = looked.is_executed
        self._names_policies = looked.names_policies
        self._slicing = sorted(looked.slicing)
        self._decisive: frozenset[str] = frozenset()
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._weights: dict[tuple[object, ...], Weight] = {}

    def variables(self, given: dict[str, Any]) -> VariableValues:
        """Coerce the variables of a request. Raises Refusal."""
        values = self._coerced(given)
        self._refuse_misspelt(given)
        if isinstance(values, list):
            # Coerced again for the messages, which happens to what is wrong alone.
            told = self._coerced(written(given))
            errors = told if isinstance(told, list) else values
            raise Refusal([coded(error, BAD_INPUT) for error in errors])
        return values

    def _refuse_misspelt(self, given: dict[str, Any]) -> None:
        """Refuse a variable that nobody declared in place of one that was meant. Raises Refusal.

        What is like no other may be there: some clients send more than each operation wants.
        """
        for name in list(given.keys() - self._declared)[:_MOST_SURPLUS]:
            missing = self._declared - given.keys()
            near = get_close_matches(name[:_LONGEST_NAME], missing, n=1, cutoff=_ALIKE)
            if near:
                message = (
                    f"Variable '${name}' is not declared by the operation."
                    f" Did you mean '${near[0]}'?"
                )
                raise Refusal([BadInput(message, variable=name)])

    def _coerced(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """Coerce variables, or say what is wrong with them."""
        return get_variable_values(
            self._contract.schema,
            self.definition.variable_definitions or (),
            given,
            max_errors=20,
        )

    def policies(self, variables: VariableValues) -> tuple[NamedPolicy, ...]:
        """Give the policies that the operation names, each place once."""
        if not self._names_policies:
            return ()
        found = named_policies(self.definition.selection_set, self._fragments, variables)
        return tuple(dict.fromkeys(found))

    def weight(self, variables: VariableValues) -> Weight:
        """Weigh the operation for a request's variables."""
        key = tuple(variables.coerced.get(name) for name in self._slicing)
        weight = self._weights.get(key)
        if weight is None:
            weight = Scales(self._contract, self._fragments, variables).weigh(self.definition)
            if len(self._weights) >= _MOST_SHAPES:
                self._weights.clear()
            self._weights[key] = weight
        return weight

    def plan(self, variables: VariableValues, *, limited: bool = False) -> Plan:
        """Give the plan for variables of this shape, compiling it the first time.

        The plan of a `limited` caller is another one, which all those share who are limited.
        """
        key = (limited, *self._shape(variables.coerced))
        plan = self._plans.get(key)
        if plan is None:
            plan = compiled(self._contract, self.compilable, variables, limited=limited)
            if not plan.decisive <= self._decisive:
                # From now on the values of these variables are part of every key.
                self._decisive |= plan.decisive
                self._plans.clear()
            if len(self._plans) >= _MOST_SHAPES:
                self._plans.clear()
            self._plans[limited, *self._shape(variables.coerced)] = plan
        return plan

    def _shape(self, coerced: dict[str, Any]) -> tuple[object, ...]:
        """Say what of the variables may decide the text of a statement."""
        if not coerced:
            return ()
        return tuple(
            (name, repr(value) if name in self._decisive else shape(value))
            for name, value in coerced.items()
        )


def shape(value: object) -> object:
    """Tell whether a value is there; of enums, booleans and input objects also what is in them."""
    if value is None or isinstance(value, bool | Enum):
        return value
    if isinstance(value, dict):
        return tuple((name, shape(item)) for name, item in value.items())
    return 1


class _Looked(Visitor):
    """Finds what cannot be compiled, what sizes pages, and whether policies are named."""

    def __init__(self, resolved: frozenset[str]) -> None:
        super().__init__()
        self.introspects = False
        self.is_executed = False
        self.names_policies = False
        self._resolved = resolved
        self.slicing: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value in {"__schema", "__type"}:
            self.introspects = True
        # By name alone: a field of that name elsewhere is executed too, to the same answer.
        if self.introspects or node.name.value in self._resolved:
            self.is_executed = True
        for argument in node.arguments or ():
            if argument.name.value == "policy":
                self.names_policies = True
            if argument.name.value == "first" and isinstance(argument.value, VariableNode):
                self.slicing.add(argument.value.name.value)


class Preparation:
    """Remembers prepared operations, those used last, within a bound on the text they hold."""

    def __init__(
        self,
        contract: Contract,
        limits: Limits,
        *,
        introspects: bool = True,
        characters: int = 8_000_000,
    ) -> None:
        """Start empty."""
        self._introspects = introspects
        self._contract = contract
        self._limits = limits
        self._known: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()
        self._characters = characters
        self._held = 0

    def prepared(self, text: str, operation_name: str | None) -> Prepared:
        """Give the operation, preparing it the first time. Raises Refusal."""
        key = (text, operation_name)
        prepared = self._known.get(key)
        if prepared is not None:
            self._known.move_to_end(key)
            return prepared
        prepared = self._prepare(text, operation_name)
        self._known[key] = prepared
        self._held += len(text)
        while self._held > self._characters:
            (oldest, _), _ = self._known.popitem(last=False)
            self._held -= len(oldest)
        return prepared

    def refuse_heavy(self, prepared: Prepared, variables: VariableValues) -> Weight:
        """Weigh an operation and refuse it above the limits. Raises Refusal."""
        try:
            weight = prepared.weight(variables)
            refuse_above(self._limits, weight)
        except GraphQLError as error:
            raise Refusal([coded(error, BAD_INPUT)]) from error
        return weight

    def _prepare(self, text: str, operation_name: str | None) -> Prepared:
        try:
            document = parse(text, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLError as error:
            if _NOTHING.fullmatch(text):
                raise Refusal([Problem(_NO_OPERATION, PARSE_FAILED)]) from error
            is_long = "Document contains more than" in error.message
            raise Refusal([coded(error, TOO_LONG if is_long else PARSE_FAILED)]) from error
        if all(isinstance(part, FragmentDefinitionNode) for part in document.definitions):
            raise Refusal([Problem(_NO_OPERATION, VALIDATION_FAILED)])
        errors = validate(self._contract.schema, document, max_errors=20)
        if errors:
            raise Refusal([coded(error, VALIDATION_FAILED) for error in errors])
        prepared = Prepared(self._contract, text, document, _chosen(document, operation_name))
        if prepared.introspects and not self._introspects:
            message = "Introspection is switched off here; the schema is at /schema.graphql."
            raise Refusal([Problem(message, INTROSPECTION)])
        return prepared


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Choose the operation to run. Raises Refusal if the choice is not clear."""
    operations = [
        part for part in document.definitions if isinstance(part, OperationDefinitionNode)
    ]
    if name is None and len(operations) == 1:
        return operations[0]
    for operation in operations:
        if name is not None and operation.name is not None and operation.name.value == name:
            return operation
    held = ", ".join(each.name.value for each in operations if each.name) or "one without a name"
    message = (
        f"The document holds several operations; say which in operationName: {held}."
        if name is None
        else f'The document holds no operation "{name}"; it holds {held}.'
    )
    raise Refusal([Problem(message, BAD_REQUEST)])
