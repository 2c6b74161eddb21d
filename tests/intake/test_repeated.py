"""Nothing may be said twice under one key: nobody knows which of the two was meant."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.exact_json import decode
from domain.receipt import refusal
from intake.cloudevents import read_binary, read_document, read_lines
from intake.delivery import Delivery
from intake.masking import receipt_without_persons
from intake.repeated import may_repeat, refused_where_repeating
from tests.intake.events import event

WHOLE = json.dumps(event("LandDelivered", "w", {"a": [{"b": 1}], "c": {"d": "x"}, "e": 2.5}))
FORMS = (
    {"separators": (",", ":")},
    {"separators": (", ", ": ")},
    {"separators": (" ,", " : "), "ensure_ascii": False},
    {"indent": 2},
)

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(0.25),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("once", "twice", "field", "shown"),
    [
        ('"e": 2.5', '"e": 2.5, "e": 2.5', "payload.e", "2.5, then 2.5"),
        ('"e": 2.5', '"e": 2.5, "\\u0065" : 3', "payload.e", "2.5, then 3"),
        ('"d": "x"', '"d": "x","d": null', "payload.c.d", "x, then null"),
        ('{"b": 1}', '{"b": 1, "b": [2]}', "payload.a.0.b", None),
        (
            '"data": ',
            '"type": "LandDelivered", "data": ',
            "type",
            "LandDelivered, then LandDelivered",
        ),
        ('"data": ', '"data": {}, "data": ', "data", None),
    ],
)
def test_what_is_said_twice_is_refused_by_its_key_at_every_door(
    once: str, twice: str, field: str, shown: str | None
) -> None:
    text = WHOLE.replace(once, twice)
    assert text != WHOLE
    (from_document,) = read_document(text.encode())
    (from_line,) = read_lines([text.encode()])
    (neighbour, from_array) = read_document(f"[{WHOLE}, {text}]".encode())

    for refused in (from_document, from_line, from_array):
        assert isinstance(refused, Malformed), refused
        assert (refused.code, refused.field) == ("repeated_key", field)
        assert refused.value == shown
        assert f'"{field.rpartition(".")[2]}"' in refused.cure
    assert isinstance(neighbour, Delivery)


def test_the_receipt_of_a_repeated_name_does_not_keep_it() -> None:
    text = WHOLE.replace('"e": 2.5', '"officer": "Wang Fang", "officer": "Li Wei"')
    (refused,) = read_document(text.encode())
    assert isinstance(refused, Malformed)

    kept = receipt_without_persons(refusal(refused))

    assert (kept.field, kept.value) == ("payload.officer", None)
    assert "Li Wei" not in str(kept)


def test_damage_elsewhere_hides_nothing() -> None:
    text = WHOLE.replace('"e": 2.5', '"e": 2.5, "e": 3')
    damaged = WHOLE.encode().replace(b'"x"', b'"\xff"')

    twice, spoilt = read_document(b"[%b, %b]" % (text.encode(), damaged))

    assert isinstance(twice, Malformed)
    assert isinstance(spoilt, Malformed)
    assert (twice.code, spoilt.code) == ("repeated_key", "invalid_utf8")


def test_a_body_alone_is_looked_at_as_well() -> None:
    headers = {f"ce-{name}": value for name, value in json.loads(WHOLE).items() if name != "data"}

    refused = read_binary(headers, b'{"a": 1, "b": {"c": 1, "c": 2}}')

    assert isinstance(refused, Malformed)
    assert (refused.code, refused.field) == ("repeated_key", "payload.b.c")


@given(objects, st.sampled_from(FORMS))
def test_what_says_everything_once_is_read_however_it_is_written(
    said: dict[str, Any], form: dict[str, Any]
) -> None:
    text = json.dumps(said, **form).encode()
    document = decode(text)

    assert refused_where_repeating(text, document) is document


@given(objects, st.sampled_from(FORMS), st.data())
def test_whatever_is_repeated_is_found(
    said: dict[str, Any], form: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(said)))
    form = form | {"ensure_ascii": True}
    text = json.dumps(said | {"another one": data.draw(values)}, **form)
    text = text.replace('"another one"', json.dumps(key))

    assert may_repeat(text.encode(), decode(text))
    assert isinstance(refused_where_repeating(text.encode(), decode(text)), Malformed)
