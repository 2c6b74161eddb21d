"""Industries are compared alike in Python and in SQL, with and without the section letter."""

from itertools import product
from typing import Any

import pytest
from psycopg import Connection

from domain.industry import within_industry
from projections.terms.industries import in_industries
from tests.projections.asking import Given

CODES = ("C", "C39", "C3985", "39", "3985", "G53", "53", "H", "4412")
WANTED = ("", "C", "C3", "C39", "C3985", "3", "39", "3985", "D", "G", "G5", "H", "Z", "z", "53")


@pytest.mark.parametrize(
    ("code", "wider", "within"),
    [
        ("C3985", "39", True),
        ("C3985", "C39", True),
        ("3985", "C39", True),
        ("3985", "C", True),
        ("3985", "D", False),
        ("C3985", "G39", False),
        ("C", "39", False),
        ("C39", "C3985", False),
    ],
)
def test_the_section_letter_may_be_left_out(code: str, wider: str, *, within: bool) -> None:
    """A sender may write C3985 or 3985; a question finds both either way."""
    assert within_industry(code, wider) is within


def test_sql_compares_as_python_does(read_models: Connection[Any]) -> None:
    """Every pair of some codes."""
    for code, wider in product(CODES, WANTED):
        condition = in_industries(
            f"'{code}'", Given(read_models, {"industry": [wider]}), "industry"
        )
        (answer,) = read_models.execute(f"SELECT {condition}".encode()).fetchone() or (None,)
        assert answer is within_industry(code, wider), (code, wider)
