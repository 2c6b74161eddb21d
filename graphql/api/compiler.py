"""Compile a validated operation into one SQL statement a root field that returns finished JSON."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple, cast

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues

from api.arguments import argument_values, variables_of
from api.contract import Contract
from api.leaf import ABSENT, Fixed, json_object, json_text, or_null, unless_moved
from api.page import page_sql
from api.plan import Plan, RootPlan, Slot
from api.statement import FieldArguments, Statement
from projections.terms.relation import AsOf, Many, One, OneOf, Page, Stream, Value


class Operation(NamedTuple):
    """What compiling needs to know of a document: one operation and all fragments."""

    definition: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]

    def fields(
        self, schema: GraphQLSchema, variables: VariableValues, root: GraphQLObjectType
    ) -> GroupedFieldSet:
        """Merge what is asked of the root, by response key."""
        return collect_fields(
            schema, self.fragments, variables, root, self.definition
        ).grouped_field_set

    def subfields(
        self,
        schema: GraphQLSchema,
        variables: VariableValues,
        type_: GraphQLObjectType,
        details: FieldDetailsList,
    ) -> GroupedFieldSet:
        """Merge what several selections of one response key ask of its objects."""
        return collect_subfields(
            schema, self.fragments, variables, self.definition, type_, details
        ).grouped_field_set


def compiled(
    contract: Contract, operation: Operation, variables: VariableValues, *, limited: bool = False
) -> Plan:
    """Plan a query for variables of the given shape. Raises BadInput out of bounds.

    A `limited` plan is for callers who may not see everything.
    """
    query = cast("GraphQLObjectType", contract.schema.query_type)
    grouped = operation.fields(contract.schema, variables, query)
    decisive: set[str] = set()
    roots: list[RootPlan] = []
    for key, details in grouped.items():
        if details[0].node.name.value == "__typename":
            name = f'"{query.name}"'.encode()
            roots.append(RootPlan(key, details[0].node, nullable=False, fixed=name))
            continue
        compiler = Compiler(contract, operation, variables, spans=True, limited=limited)
        root = compiler.root(key, query, details)
        decisive |= compiler.decisive()
        if compiler.statement.reads_spans:
            compiler = Compiler(contract, operation, variables, limited=limited)
            root = replace(root, judging=compiler.root(key, query, details))
            decisive |= compiler.decisive()
        roots.append(root)
    return Plan(tuple(roots), frozenset(decisive))


def followed(
    contract: Contract, operation: Operation, variables: VariableValues, *, limited: bool = False
) -> RootPlan:
    """Plan a subscription, which has one root field. Raises BadInput out of bounds."""
    root = cast("GraphQLObjectType", contract.schema.subscription_type)
    ((key, details),) = operation.fields(contract.schema, variables, root).items()
    return Compiler(contract, operation, variables, limited=limited).followed(key, root, details)


class Compiler:
    """Compiles one root field."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        variables: VariableValues,
        *,
        spans: bool = False,
        limited: bool = False,
    ) -> None:
        """Start a statement without parameters, which may read spans if that is said.

        One for a caller who is `limited` shows no more than that caller may see.
        """
        self.contract = contract
        self.statement = Statement(spans=spans, limited=limited)
        self._operation = operation
        self._variables = variables
        self._slots: list[Slot] = []

    def root(self, key: str, query: GraphQLObjectType, details: FieldDetailsList) -> RootPlan:
        """Compile the root field under a response key."""
        node = details[0].node
        field = query.fields[node.name.value]
        # Coerced first, so that the first slot is the root field's own if there is one.
        arguments = self._arguments(field, details)
        written = self._field(query, details, row="", arguments=arguments)
        text = unless_moved(written, self.statement.placed("$seen"))
        return RootPlan(
            key=key,
            node=node,
            nullable=not is_non_null_type(field.type),
            arguments=None if variables_of(node) else arguments.values,
            statement=self.statement.finished(f"SELECT {text}"),
            slots=tuple(self._slots),
        )

    def followed(self, key: str, root: GraphQLObjectType, details: FieldDetailsList) -> RootPlan:
        """Compile the root field of a subscription: a line an answer, its position before it."""
        node = details[0].node
        field = root.fields[node.name.value]
        arguments = self._arguments(field, details)
        mapped = self.contract.field(root.name, node.name.value)
        if isinstance(mapped, Stream):
            row = self.statement.row()
            source = self.statement.source(mapped.type, mapped.source(arguments))
            target = cast("GraphQLObjectType", get_named_type(field.type))
            line = f"{row}.position || ' ' || {self.object(target, details, row)}"
            rows = f"(SELECT * FROM ({source}) {row} ORDER BY {row}.position) {row}"
            text = f"string_agg({line}, E'\\n' ORDER BY {row}.position) FROM {rows}"
        else:
            value = self._field(root, details, row="", arguments=arguments)
            text = self.statement.placed(f"$known || ' ' || {value}")
        return RootPlan(
            key=key,
            node=node,
            nullable=not is_non_null_type(field.type),
            arguments=None if variables_of(node) else arguments.values,
            statement=self.statement.finished(f"SELECT {text}"),
            slots=tuple(self._slots),
        )

    def decisive(self) -> set[str]:
        """Name the variables whose values decided the text."""
        return {
            name
            for number in self.statement.chosen
            for name in variables_of(self._slots[number].node)
        }

    def subfields(self, type_: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        """Merge what several selections of one response key ask of its objects."""
        return self._operation.subfields(self.contract.schema, self._variables, type_, details)

    def object(self, type_: GraphQLObjectType, details: FieldDetailsList, row: str) -> str:
        """Give the SQL that writes one object of a type from its row."""
        members: list[tuple[str, str]] = []
        for key, selections in self.subfields(type_, details).items():
            if selections[0].node.name.value == "__typename":
                members.append((key, Fixed(f'"{type_.name}"')))
            else:
                members.append((key, self._field(type_, selections, row)))
        text = json_object(members)
        found = self.statement.found(row)
        return text if found is None else f"CASE WHEN {found} THEN {text} ELSE {ABSENT} END"

    def joined(self, type_: str, row: str, carried: AbstractSet[str] = frozenset()) -> str:
        """Give the joins for what the fields of a written row look up, or its source carried."""
        relation = self.contract.relations[type_]
        lookups = relation.lookups | {name: relation.carried[name] for name in carried}
        return self.statement.joined(row, lookups)

    def _field(
        self,
        type_: GraphQLObjectType,
        details: FieldDetailsList,
        row: str,
        arguments: FieldArguments | None = None,
    ) -> str:
        """Give the SQL that writes the value of one field of a row."""
        node = details[0].node
        field = type_.fields[node.name.value]
        mapped = self.contract.field(type_.name, node.name.value)
        nullable = not is_non_null_type(field.type)
        arguments = arguments or self._arguments(field, details)
        if isinstance(mapped, Value):
            sql = mapped.sql if isinstance(mapped.sql, str) else mapped.sql(arguments)
            text = json_text(mapped.kind, self.statement.placed(sql, row=row))
            return or_null(text, nullable=nullable)
        if isinstance(mapped, OneOf):
            return or_null(self._one_of(mapped, details, row, arguments), nullable=nullable)
        if isinstance(mapped, AsOf):
            return or_null(self._as_of(mapped, details, row, arguments), nullable=nullable)
        # Joining schema and relations has made sure that whatever is no value is a link.
        assert isinstance(mapped, One | Many | Page)
        source = self.statement.source(
            mapped.type, mapped.source(arguments), parent=row, single=isinstance(mapped, One)
        )
        target = cast("GraphQLObjectType", get_named_type(field.type))
        inner = self.statement.row()
        if isinstance(mapped, Page):
            rows, ahead = source, None if self.statement.limited else mapped.ahead(arguments)
            if ahead is not None:
                rows = self.statement.source(mapped.type, ahead, parent=row)
                arguments.carried.clear()
            return page_sql(self, mapped, (target, details), (source, rows), arguments)
        # The inner SELECT with its LIMIT or ORDER BY keeps the planner from writing the columns of
        # the source out once for every field that uses them.
        written = self.object(target, details, inner)
        if isinstance(mapped, One):
            rows = f"(SELECT * FROM ({source}) {inner} LIMIT 1) {inner}"
            rows += self.joined(mapped.type, inner)
            return or_null(f"(SELECT {written} FROM {rows})", nullable=nullable)
        order = self.statement.placed(mapped.order, row=inner)
        rows = f"(SELECT * FROM ({source}) {inner} ORDER BY {order}) {inner}"
        rows += self.joined(mapped.type, inner)
        return self._list(mapped, written, rows, row, arguments)

    def _list(
        self, mapped: Many, written: str, rows: str, row: str, arguments: FieldArguments
    ) -> str:
        """Give the SQL that writes a list, or that marks it as absent."""
        text = f"(SELECT '[' || coalesce(string_agg({written}, ','), '') || ']' FROM {rows})"
        absent = mapped.absent(arguments)
        if absent is None:
            return text
        return (
            f"CASE WHEN {self.statement.placed(absent, parent=row)} THEN {ABSENT} ELSE {text} END"
        )

    def _one_of(
        self, mapped: OneOf, details: FieldDetailsList, row: str, arguments: FieldArguments
    ) -> str:
        """Give the SQL that writes the object of the first type that has a row, or NULL."""
        texts = []
        for option in mapped.options:
            source = self.statement.source(
                option.type, option.source(arguments), parent=row, single=True
            )
            inner = self.statement.row()
            written = self.object(self._type(option.type), details, inner)
            rows = f"(SELECT * FROM ({source}) {inner} LIMIT 1) {inner}"
            rows += self.joined(option.type, inner)
            texts.append(f"(SELECT {written} FROM {rows})")
        return f"coalesce({', '.join(texts)})"

    def _as_of(
        self, mapped: AsOf, details: FieldDetailsList, row: str, arguments: FieldArguments
    ) -> str:
        """Give the SQL that writes an object under the clocks that the arguments give, or NULL."""
        known, on = (self.statement.placed(sql, parent=row) for sql in mapped.clocks(arguments))
        clocks, inner = self.statement.row(), self.statement.row()
        with self.statement.under(clocks):
            source = self.statement.source(mapped.type, mapped.source(arguments), parent=row)
            written = self.object(self._type(mapped.type), details, inner)
        # OFFSET keeps the clocks from being computed again wherever they are used.
        moved = f'(SELECT {known} AS "known", {on} AS "on" OFFSET 0) {clocks}'
        rows = f"LATERAL (SELECT * FROM ({source}) {inner} LIMIT 1) {inner}"
        return f"(SELECT {written} FROM {moved} CROSS JOIN {rows})"

    def _type(self, name: str) -> GraphQLObjectType:
        return cast("GraphQLObjectType", self.contract.schema.type_map[name])

    def key_types(self, page: Page) -> list[str]:
        """Give the SQL types of the columns that order a page."""
        row = self.contract.relations[page.type].row
        return [row[key.removeprefix("-")] for key in page.order]

    def _arguments(self, field: GraphQLField, details: FieldDetailsList) -> FieldArguments:
        """Coerce a field's arguments, and remember to do so again if variables decide them."""
        node = details[0].node
        values = argument_values(field, node, self._variables)
        if not variables_of(node):
            return FieldArguments(self.statement, values)
        self._slots.append(Slot(field, node))
        return FieldArguments(self.statement, values, len(self._slots) - 1)
