from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.quantity import area_mu, decimal_text, non_negative, plain

DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12
)


@given(DECIMALS)
def test_a_decimal_keeps_its_value_however_it_is_sent(value: Decimal) -> None:
    assert Decimal(decimal_text(value)) == value
    assert decimal_text(f"{value:f}") == decimal_text(value)


@given(DECIMALS)
def test_equal_decimals_are_written_alike(value: Decimal) -> None:
    written = decimal_text(value)

    assert decimal_text(value.normalize()) == written
    assert decimal_text(written) == written
    assert "E" not in written


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("007.50", "7.5"),
        ("-0.00", "0"),
        (Decimal("-0"), "0"),
        (Decimal("1.50E+3"), "1500"),
        (12, "12"),
        ("1220.1000", "1220.1"),
        ("-1.20", "-1.2"),
        (Decimal("0E-20"), "0"),
    ],
)
def test_superfluous_zeros_go(sent: Any, written: str) -> None:
    assert decimal_text(sent) == written


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.5, "wrong_type"),
        (True, "wrong_type"),
        (None, "wrong_type"),
        ("", "wrong_type"),
        ("about ten", "wrong_type"),
        ("53.3 亩", "wrong_unit"),
        ("85%", "wrong_unit"),
        (Decimal("Infinity"), "invalid_value"),
        (Decimal("1e99999999"), "invalid_value"),
        (Decimal("1e-99999999"), "invalid_value"),
        (10**60, "invalid_value"),
    ],
)
def test_what_is_no_exact_decimal_is_refused(value: Any, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        decimal_text(value)

    assert refused.value.code == code


def test_an_area_has_four_places_and_is_not_negative() -> None:
    assert area_mu("1220.1000") == "1220.1"
    for wrong in ("0.00001", "-1"):
        with pytest.raises(Malformed) as refused:
            area_mu(wrong)
        assert refused.value.code == "invalid_value"
    assert non_negative("0") == plain(Decimal(0))
