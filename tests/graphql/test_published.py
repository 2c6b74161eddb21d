"""What is published about the contract is so: its costs, its page, and that nothing breaks."""

from pathlib import Path
from typing import Any

import pytest
from api.contract import Contract
from api.preparation import Preparation
from api.reference import reference
from api.schema import sdl
from api.serving import own_contract
from api.weight import Limits
from graphql import (
    FieldNode,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
    find_breaking_changes,
    get_named_type,
    is_composite_type,
    parse,
)

ROOM = Path(__file__).parents[2]
OPERATIONS = sorted((ROOM / "graphql" / "operations").glob("*.graphql"))
BASELINE = ROOM / "graphql" / "baseline.graphql"
CLOSED_LISTS = "2026-11-27: closed lists are enums; the answers are the strings they always were"
ANNOUNCED: dict[str, str] = dict.fromkeys(
    (
        "Field CohortBuild.metric changed type from String! to BuiltOutMetric!.",
        "Field Deviation.severity changed type from String! to Severity!.",
        "Field FunnelStep.phase changed type from String! to FunnelStage!.",
        "Field IndicatorResult.direction changed type from String! to Direction!.",
        "Field LeadTime.precision changed type from String! to DatePrecision!.",
        "Field LoanLine.class changed type from String! to LoanClass!.",
        "Field PerMuGrade.exempt changed type from String to Exemption.",
        "Field PermitState.stage changed type from String to PermitStage.",
        "Field PermitState.voidBy changed type from String to VoidCause.",
        "Field PoolBalance.resource changed type from String! to PoolResource!.",
        "Field QuarantineDecision.decision changed type from String! to QuarantineOutcome!.",
        "Field QuarantineEntry.decision changed type from String to QuarantineOutcome.",
        "Field RequestCase.outcome changed type from String to RequestOutcome.",
    ),
    CLOSED_LISTS,
)
"""Changes that break the baseline, as graphql-core words them, each with the day it was announced.

The baseline is the contract of the last release: `lifecycle schema > graphql/baseline.graphql`.
"""
SCHEMA = build_schema(sdl())


@pytest.fixture(scope="module")
def real_contract() -> Contract:
    return own_contract()


def directive(field: Any, name: str) -> dict[str, Any]:
    """Read what a directive says, from the published text alone."""
    for found in field.ast_node.directives or ():
        if found.name.value == name:
            return {
                argument.name.value: getattr(argument.value, "value", argument.value)
                for argument in found.arguments
            }
    return {}


def cost(node: Any, type_: Any, size: int = 1) -> int:
    """Add up what a selection costs by the published directives; there are no fragments in it."""
    total = 0
    for selection in node.selection_set.selections:
        assert isinstance(selection, FieldNode)
        field = type_.fields.get(selection.name.value)
        if field is None or not is_composite_type(get_named_type(field.type)):
            continue
        given: Any = {part.name.value: part.value for part in selection.arguments or ()}
        listed, own = directive(field, "listSize"), int(directive(field, "cost").get("weight", 1))
        page = 1
        if "slicingArguments" in listed:
            first = given.get("first") or field.args["first"].ast_node.default_value
            page = int(getattr(first, "value", listed.get("assumedSize")))
        times = int(listed.get("assumedSize", 1))
        if "slicingArguments" in listed and "sizedFields" not in listed:
            times = page
        if isinstance(type_, GraphQLObjectType) and type_.name.endswith("Connection"):
            times = size if selection.name.value in {"nodes", "edges"} else times
        inner = cost(selection, get_named_type(field.type), page)
        total += times * inner + max(times, own)
    return total


PLAIN = [path for path in OPERATIONS if "..." not in path.read_text("utf-8")]
"""Those without fragments, which are weighed elsewhere."""


@pytest.mark.parametrize("operation", PLAIN, ids=lambda path: path.stem)
def test_the_published_costs_are_those_that_count(real_contract: Contract, operation: Path) -> None:
    text = operation.read_text("utf-8")
    prepared = Preparation(real_contract, Limits()).prepared(text, None)
    given = {
        definition.variable.name.value: "x"
        for definition in prepared.definition.variable_definitions or ()
    }
    weight = prepared.weight(prepared.variables(given))

    document: Any = parse(text)
    assert weight.cost == cost(document.definitions[0], SCHEMA.query_type)


def test_the_page_about_the_contract_is_the_one_in_force() -> None:
    written = (ROOM / "docs" / "graphql.md").read_text("utf-8")

    assert written == reference(), "run `lifecycle schema --page > docs/graphql.md`"


def test_nothing_breaks_unannounced() -> None:
    baseline = build_schema(BASELINE.read_text("utf-8"))
    changes = {change.description for change in find_breaking_changes(baseline, SCHEMA)}

    assert changes <= ANNOUNCED.keys()


def test_a_change_that_breaks_is_found() -> None:
    written = (ROOM / "graphql" / "schema.graphql").read_text("utf-8")
    changed = written.replace("type Area {", "type Region {").replace("Area", "Region")

    changes = find_breaking_changes(SCHEMA, build_schema(changed))

    assert any(change.description == "Area was removed." for change in changes)


def test_what_is_deprecated_says_since_when_and_what_instead() -> None:
    for type_ in SCHEMA.type_map.values():
        for name, field in getattr(type_, "fields", {}).items():
            reason = getattr(field, "deprecation_reason", None)
            if reason is not None:
                assert any(letter.isdigit() for letter in reason), (type_, name)
                assert "use" in reason.lower(), (type_, name)


def test_every_scalar_of_ours_says_where_it_is_specified() -> None:
    own = [t for t in SCHEMA.type_map.values() if isinstance(t, GraphQLScalarType)]

    unspecified = {t.name for t in own if t.specified_by_url is None}
    assert unspecified == {"Boolean", "Float", "ID", "Int", "String"} & {t.name for t in own}


def test_ids_lists_and_pages_keep_their_word() -> None:
    for type_ in SCHEMA.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        for name, field in type_.fields.items():
            written = str(field.type)
            if "[" in written:
                assert written.rstrip("!").endswith("!]"), f"{type_}.{name}: {written}"
            if type_.name.endswith("Connection"):
                assert {"nodes", "edges", "pageInfo", "totalCount"} <= type_.fields.keys()
                assert written.endswith("!"), f"{type_}.{name}: {written}"
