from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from domain.canonical import LARGEST_INTEGER, canonical_bytes, exact_bytes, normalised
from domain.errors import Malformed

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(normalised(value))


@given(VALUES)
def test_the_fast_way_gives_the_same_bytes(value: Any) -> None:
    assert exact_bytes(value) == canonical_bytes(value)


@given(VALUES)
def test_a_normalised_value_is_already_normal(value: Any) -> None:
    assert normalised(normalised(value)) == normalised(value)


def test_text_is_composed() -> None:
    assert canonical_bytes({"a": "e\u0301"}) == '{"a":"é"}'.encode()
    assert exact_bytes({"a": "e\u0301"}) == '{"a":"é"}'.encode()


def test_an_escaped_backslash_is_no_nul() -> None:
    assert exact_bytes({"a": "\\u0000"}) == b'{"a":"\\\\u0000"}'


def test_a_decimal_is_written_as_plain_text() -> None:
    assert canonical_bytes({"a": Decimal("1.50E+3")}) == b'{"a":"1500"}'


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        ({"a": {"b": 1.0}}, "wrong_type", "a.b"),
        ({"a": [2**53]}, "invalid_value", "a.0"),
        ({"a": -(2**53)}, "invalid_value", "a"),
        ({"a": "x\0"}, "invalid_text", "a"),
        ({"a": ["", "\ud800"]}, "invalid_text", "a.1"),
        ({"a": {"面积": 1}}, "invalid_key", "a"),
        ({"a": {1: 1}}, "invalid_key", "a"),
        ({"a": Decimal("NaN")}, "invalid_value", "a"),
        ({"a": Decimal("1e999999999")}, "invalid_value", "a"),
        ({"a": b"bytes"}, "wrong_type", "a"),
    ],
)
def test_what_has_no_exact_form_is_refused_by_its_field(value: Any, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        canonical_bytes(value)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_fast_way_refuses_a_lone_surrogate_by_its_field() -> None:
    with pytest.raises(Malformed) as refused:
        exact_bytes({"a": "\ud800"})

    assert (refused.value.code, refused.value.field) == ("invalid_text", "a")
