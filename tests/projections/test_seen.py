"""At every position exactly one belief about a fact holds."""

from typing import Any

import pytest
from psycopg import Connection

from projections.folding.belief import OPEN
from projections.terms.seen import believed


@pytest.mark.parametrize(("known", "held"), [(0, []), (1, ["first"]), (2, ["second"]), (3, [])])
def test_a_belief_ends_at_the_position_where_the_next_begins(
    read_models: Connection[Any], known: int, held: list[str]
) -> None:
    beliefs = "(VALUES ('first', 1, 2), ('second', 2, 3)) AS b (name, known_from, known_to)"
    condition = believed("b").replace("$known", str(known))

    rows = read_models.execute(f"SELECT name FROM {beliefs} WHERE {condition}".encode()).fetchall()

    assert [name for (name,) in rows] == held


def test_an_open_belief_holds_at_any_later_position(read_models: Connection[Any]) -> None:
    beliefs = f"(VALUES (1, {OPEN})) AS b (known_from, known_to)"
    condition = believed("b").replace("$known", str(10**15))

    row = read_models.execute(f"SELECT count(*) FROM {beliefs} WHERE {condition}".encode())

    assert row.fetchone() == (1,)
