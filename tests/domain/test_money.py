from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.money import YUAN_IN, agrees, money, signed_money


@given(st.integers(0, 10**15), st.sampled_from(["元", "万元", "亿元"]), st.integers(0, 4))
def test_a_text_rounded_from_the_amount_agrees_with_it(yuan: int, unit: str, places: int) -> None:
    written = f"{Decimal(yuan) / YUAN_IN[unit]:.{places}f} {unit}"

    assert money({"yuan": yuan, "as_reported": written})["yuan"] == yuan


@given(st.integers(1, 10**10), st.sampled_from(["万元", "亿元"]))
def test_a_slip_of_a_unit_is_found(number: int, unit: str) -> None:
    slipped = number * YUAN_IN[unit] // 10_000

    assert not agrees(f"{number}{unit}", slipped)


@pytest.mark.parametrize(
    ("written", "yuan", "expected"),
    [
        ("475.7 亿元", 47_570_000_000, True),
        ("475.7亿元", 47_574_999_999, True),
        ("475.7亿元", 47_575_000_000, True),
        ("475.7亿元", 47_575_000_001, False),
        ("475.7亿元", 47_564_999_999, False),
        ("475.7亿元", 47_576_000_000, False),
        ("38,000万元", 380_000_000, True),
        ("３．８亿元", 380_000_000, True),
        ("380000000 yuan", 380_000_000, True),
        ("约5亿元", 480_000_000, True),
        ("约5亿元", 48_000, False),
        ("超0亿元", 5, False),
        ("约0元", 0, True),
        ("5000万美元", 355_000_000, True),
        ("未披露", 7, True),
    ],
)
def test_a_reported_text_binds_as_far_as_it_goes(
    written: str, yuan: int, *, expected: bool
) -> None:
    assert agrees(written, yuan) is expected


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        (5, "wrong_type", None),
        ("5亿元", "wrong_type", None),
        ({}, "missing_field", "yuan"),
        ({"as_reported": "5亿元"}, "missing_field", "yuan"),
        ({"wan_yuan": 5}, "wrong_unit", "wan_yuan"),
        ({"yuan": 5, "unit": "万元"}, "extra_field", "unit"),
        ({"yuan": Decimal("475.7")}, "wrong_unit", "yuan"),
        ({"yuan": "5"}, "wrong_type", "yuan"),
        ({"yuan": True}, "wrong_type", "yuan"),
        ({"yuan": 5.0}, "wrong_type", "yuan"),
        ({"yuan": 10**30}, "invalid_value", "yuan"),
        ({"yuan": -1}, "invalid_value", "yuan"),
        ({"yuan": 15, "as_reported": "15万元"}, "wrong_unit", "as_reported"),
        ({"yuan": 15, "as_reported": 15}, "wrong_type", "as_reported"),
        ({"yuan": 15, "as_reported": "元" * 101}, "invalid_value", "as_reported"),
        ({"yuan": 15, "as_reported": "15\0元"}, "invalid_text", "as_reported"),
    ],
)
def test_what_is_no_money_is_refused(value: Any, code: str, field: str | None) -> None:
    with pytest.raises(Malformed) as refused:
        money(value)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_tax_may_be_refunded() -> None:
    assert signed_money({"yuan": -5}) == {"yuan": -5}
