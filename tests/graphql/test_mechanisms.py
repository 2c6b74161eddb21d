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
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_what_there_is(row: list[str]) -> None:
    _, _, kinds, policies, questions = row
    first, *further = named(questions)

    assert any(kind in KINDS for kind in named(kinds))
    assert all(kind in KINDS for kind in named(kinds) if kind[0].isupper())
    assert set(named(policies)) <= set(SECTIONS)
    assert first in FIELDS
    assert all(name in FIELDS or name in PARTS for name in further)


def test_no_mechanism_is_told_twice() -> None:
    ids = [row[0] for row in ROWS]

    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize("body", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_the_sample_policies_are_valid(body: str) -> None:
    assert parse(body).rules
