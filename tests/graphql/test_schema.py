"""The contract is published, complete and described."""

from pathlib import Path

import pytest
from api.contract import Unmapped, contract
from api.schema import executable_schema, sdl
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    parse,
    validate,
)

from projections.answers.followed import FOLLOWED
from projections.relations import RELATIONS, ROOTS
from projections.terms.relation import Many, One, Page, Relation, Value

ROOM = Path(__file__).parents[2] / "graphql"
OPERATIONS = sorted((ROOM / "operations").glob("*.graphql"))
SCHEMA = executable_schema()
BUILT_IN = {"Int", "String", "Boolean", "ID", "Float"}
OWN = [
    type_
    for name, type_ in SCHEMA.type_map.items()
    if not name.startswith("__") and name not in BUILT_IN
]


def test_the_published_schema_is_the_one_in_force() -> None:
    published = (ROOM / "schema.graphql").read_text("utf-8")

    assert published == sdl(), "run `lifecycle schema > graphql/schema.graphql`"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda path: path.stem)
def test_the_sample_operations_are_valid(operation: Path) -> None:
    assert validate(SCHEMA, parse(operation.read_text("utf-8"))) == []


def is_described(description: str | None) -> bool:
    """In English, and with a Chinese term."""
    text = description or ""
    return any("a" <= letter.lower() <= "z" for letter in text) and any(
        "\u4e00" <= letter <= "\u9fff" for letter in text
    )


@pytest.mark.parametrize("type_", OWN, ids=lambda type_: type_.name)
def test_everything_is_described(type_: GraphQLNamedType) -> None:
    assert is_described(type_.description) or type_.name in {"Query", "Mutation"}
    if isinstance(type_, GraphQLEnumType):
        assert all(value.description for value in type_.values.values())
    if isinstance(type_, GraphQLInputObjectType):
        assert all(is_described(part.description) for part in type_.fields.values())
    if isinstance(type_, GraphQLObjectType):
        for field in type_.fields.values():
            assert is_described(field.description), field
            assert all(is_described(given.description) for given in field.args.values()), field


@pytest.mark.parametrize("name", ["Date", "DateTime", "Decimal", "JSON"])
def test_scalars_with_a_specification_name_it(name: str) -> None:
    scalar = SCHEMA.type_map[name]

    assert isinstance(scalar, GraphQLScalarType)
    assert scalar.specified_by_url


ABOUT_THE_LEDGER = {"ledger", "integrity", "proof", "consistency"}
"""Questions about the stored events themselves, which are the same at every clock."""


def test_every_root_field_takes_both_clocks_and_a_position() -> None:
    query = SCHEMA.query_type
    assert query is not None
    for name, field in query.fields.items():
        if name in ABOUT_THE_LEDGER:
            continue
        pairs = {arg for arg, part in field.args.items() if "AsOf" in str(part.type)}
        assert pairs in ({"asOf"}, {"from", "to"}), name
        assert "atLeast" in field.args, name


def test_every_read_field_has_something_behind_it() -> None:
    joined = contract(SCHEMA, RELATIONS, ROOTS, FOLLOWED)

    assert joined.field("Project", "title") is not None


def test_nothing_is_read_that_nobody_can_ask_for() -> None:
    joined = contract(SCHEMA, RELATIONS, ROOTS, FOLLOWED)
    shown = {
        (type_.name, name)
        for type_ in OWN
        if isinstance(type_, GraphQLObjectType)
        for name in type_.fields
    }

    assert set(joined.fields) <= shown


def nothing(_: object) -> str:
    return "SELECT 1 AS id"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Query.board: no relation maps it"),
        ({"project": Many("Project", nothing, "id")}, "one and many are mixed up"),
        ({"project": One("Event", nothing)}, "it leads to Event"),
        ({"project": One("Nobody", nothing)}, "no relation for the type Nobody"),
        ({"projects": Page("Project", nothing, ("size",))}, "its order needs size"),
    ],
)
def test_a_start_with_unmapped_fields_fails_by_name(
    wrong: dict[str, One | Many | Page], said: str
) -> None:
    roots = {} if not wrong else {**ROOTS, **wrong}

    with pytest.raises(Unmapped, match=said):
        contract(SCHEMA, RELATIONS, roots, FOLLOWED)


def test_a_value_of_the_wrong_kind_fails_by_name() -> None:
    odd = Relation("Area", {"mu": "numeric"}, {"value": Value("$self.mu", "texts")})

    with pytest.raises(Unmapped, match=r"Area\.value: a texts value"):
        contract(SCHEMA, (*RELATIONS, odd), ROOTS, FOLLOWED)
