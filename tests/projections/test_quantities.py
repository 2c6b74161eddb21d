"""Quotients and units come out of SQL exactly as the domain defines them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.ratio import half_up as rounded
from projections.terms.quantities import cut, half_up
from tests.projections.asking import Row
from tests.projections.relations_of import RELATIONS, reader

decimals = st.decimals(-(10**15), 10**15, places=4)
on_one_database = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def computed(connection: Connection[Any], expression: str, *values: Any) -> Any:
    names = ", ".join(f"%s::numeric AS v{place}" for place, _ in enumerate(values))
    statement = f"SELECT ({expression})::text FROM (SELECT {names}) AS given".encode()
    return connection.execute(statement, values).fetchone()[0]


@on_one_database
@given(above=decimals, below=decimals.filter(bool), digits=st.integers(0, 6))
def test_a_quotient_is_rounded_half_up_once(
    read_models: Connection[Any], above: Decimal, below: Decimal, digits: int
) -> None:
    shown = computed(read_models, half_up("v0", "v1", str(digits)), above, below)

    assert shown == f"{rounded(Fraction(above) / Fraction(below), digits):f}"


@pytest.mark.parametrize(
    ("above", "below", "percent"),
    [("1", "8", "12.5"), ("125", "10000", "1.3"), ("-125", "10000", "-1.3"), ("2", "3", "66.7")],
)
def test_a_tie_goes_away_from_zero(
    read_models: Connection[Any], above: str, below: str, percent: str
) -> None:
    assert computed(read_models, half_up("(v0 * 100)", "v1", "1"), above, below) == percent


def test_nothing_is_divided_by_zero(read_models: Connection[Any]) -> None:
    assert computed(read_models, half_up("v0", "v1", "1"), 5, 0) is None


@on_one_database
@given(parts=st.lists(st.tuples(decimals, decimals.filter(bool)), min_size=1, max_size=8))
def test_shares_add_up_before_they_are_rounded(
    read_models: Connection[Any], parts: list[tuple[Decimal, Decimal]]
) -> None:
    rows = ", ".join("(%s::numeric, %s::numeric)" for _ in parts)
    flat = [value for part in parts for value in part]
    total = read_models.execute(
        f"SELECT round(round(sum({cut('v.a', 'v.b')}), 25), 6)::text"
        f" FROM (VALUES {rows}) v (a, b)".encode(),
        flat,
    ).fetchone()

    exact = sum((Fraction(above) / Fraction(below) for above, below in parts), Fraction())
    assert total == (f"{rounded(exact, 6):f}",)


@pytest.mark.parametrize(
    ("unit", "amount"),
    [(None, "38320.5"), ("yuan", "383205000"), ("wan_yuan", "38320.5"), ("yi_yuan", "3.83205")],
)
def test_money_is_exact_in_every_unit(
    read_models: Connection[Any], unit: str | None, amount: str
) -> None:
    money = Row(reader(read_models, "2024-12-31"), RELATIONS["Money"], {"yuan": "383205000"})

    assert money("amount", unit=unit) == amount


@pytest.mark.parametrize(
    ("unit", "value"), [(None, "1220.1"), ("hectare", "81.34"), ("square_metre", "813400")]
)
def test_land_in_other_units(read_models: Connection[Any], unit: str | None, value: str) -> None:
    land = Row(reader(read_models, "2024-12-31"), RELATIONS["Area"], {"mu": "1220.1"})

    assert land("value", unit=unit) == value
