from decimal import Decimal

import pytest

from domain.errors import Malformed
from domain.exact_json import decode


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"1.10", Decimal("1.10")),
        (b"0.1", Decimal("0.1")),
        (b"1e3", Decimal("1E+3")),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        ('{"a": ["五", true, null]}', {"a": ["五", True, None]}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
    ],
)
def test_json_is_read_exactly(written: bytes | str, read: object) -> None:
    assert decode(written) == read
    assert str(decode(written)) == str(read)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (b'{"a": "\xff"}', "invalid_utf8"),
        ("项目".encode("gb18030"), "invalid_utf8"),
        (b"NaN", "invalid_json"),
        (b"Infinity", "invalid_json"),
        (b'"\\ud800"', "invalid_json"),
        (b"{", "invalid_json"),
        (b"", "invalid_json"),
        (b"{} {}", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        ('"\ud800"', "invalid_utf8"),
    ],
)
def test_what_is_no_exact_json_is_refused(written: bytes | str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(written)

    assert refused.value.code == code
    assert refused.value.cure


@pytest.mark.parametrize("document", ["[" * 5000 + "]" * 5000, '{"a":' * 5000 + "1" + "}" * 5000])
def test_what_is_nested_too_deeply_is_told_from_what_is_no_json(document: str) -> None:
    with pytest.raises(Malformed) as refused:
        decode(document)

    assert refused.value.code == "invalid_json"
    assert refused.value.value == "too many lists or objects within each other"
    assert "Nest" in refused.value.cure
