"""The table of mechanisms names only kinds, policies and questions that there are."""

import re
from pathlib import Path

import pytest
from api.schema import executable_schema
from graphql import GraphQLObjectType

from domain.kinds import KINDS
from domain.policy import parse
from domain.policy_rules import SECTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "mechanisms.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [A-E]-M[0-9]{2} \|", line)
]
FIELDS = {
    name if type_.name == "Query" else f"{type_.name}.{name}"
    for type_ in executable_schema().type_map.values()
    if isinstance(type_, GraphQLObjectType)
    for name in type_.fields
}
PARTS = {name.partition(".")[2] for name in FIELDS}


def named(cell: str) -> list[str]:
    """Give the names in a cell without their arguments, and without what stands in brackets."""
    names = re.findall(r"`([^`]+)`", re.sub(r"\(`[^)]*\)", "", cell))
    return [name.partition("(")[0] for name in names]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_what_there_is(row: list[str]) -> None:
    _, _, kinds, policies, questions = row
    first, further = named(questions)[:1], named(questions)[1:]

    assert {kind for kind in named(kinds) if kind[0].isupper()} <= set(KINDS)
    assert set(named(policies)) <= set(SECTIONS)
    assert set(first) <= FIELDS
    assert set(further) <= FIELDS | PARTS


def test_no_mechanism_is_told_twice() -> None:
    ids = [row[0] for row in ROWS]

    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize("body", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_the_sample_policies_are_valid(body: str) -> None:
    assert parse(body).rules
