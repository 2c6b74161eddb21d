"""The one way a value is written as bytes: RFC 8785, on values for which it is trivial.

No floats, decimals as strings, integers within ±(2⁵³ - 1), ASCII keys and NFC strings. On these
values sorted compact JSON is already canonical, so a fast ordinary writer gives the right bytes.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from unicodedata import is_normalized, normalize

import orjson

from domain.errors import Malformed
from domain.quantity import plain

LARGEST_INTEGER: Final = 2**53 - 1
DEEPEST: Final = 50


def canonical_bytes(value: Any, path: str = "") -> bytes:
    """Write a JSON value as canonical bytes. Raises Malformed naming the field at fault."""
    return orjson.dumps(normalised(value, path), option=orjson.OPT_SORT_KEYS)


def exact_bytes(value: Any, path: str = "") -> bytes:
    """Write a value known to hold neither floats nor huge integers, which is several times faster.

    The finished text tells whether all its strings are in the profile; the rare one that is not
    goes the careful way, which brings it into form or names the field at fault, below the path.
    """
    try:
        written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return canonical_bytes(value, path)
    if b"\\u0000" in written:
        return canonical_bytes(value, path)
    if written.isascii() or is_normalized("NFC", written.decode()):
        return written
    return canonical_bytes(value, path)


def quoted(value: str, path: str = "") -> bytes:
    """Write a text as `exact_bytes` would; a plain one at once, as names and numbers mostly are."""
    if value.isascii() and value.isprintable():
        return orjson.dumps(value)
    return exact_bytes(value, path)


def normalised(value: Any, path: str = "") -> Any:
    """Bring a JSON value into the profile: NFC strings, decimals as plain strings.

    Raises Malformed for what has no exact, portable form: floats, huge integers, lone surrogates,
    NUL, keys outside ASCII, deep nesting.
    """
    return _normalised(value, path, 0)


def _normalised(value: Any, path: str, depth: int) -> Any:
    """Bring one level of a value into the profile, then those below it."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return text(value, path)
    if isinstance(value, int):
        return _integer(value, path)
    if isinstance(value, Mapping):
        below = _deeper(path, depth)
        return {
            _key(key, path): _normalised(item, _under(path, key), below)
            for key, item in value.items()
        }
    if isinstance(value, Decimal):
        return _decimal(value, path)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        below = _deeper(path, depth)
        return [_normalised(item, _under(path, index), below) for index, item in enumerate(value)]
    raise Malformed(
        code="wrong_type",
        field=path,
        value=value,
        cure="Send JSON text, integers and exact decimals; floats have no exact form.",
    )


def text(value: str, path: str = "") -> str:
    """Bring a text into NFC; refuse NUL and lone surrogates, which no store keeps faithfully."""
    if "\x00" in value:
        raise Malformed(
            code="invalid_text", field=path, cure="Remove the NUL character (U+0000) from the text."
        )
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed(
            code="invalid_text",
            field=path,
            cure="Send complete Unicode characters; half of a surrogate pair stands alone.",
        ) from error
    return value if is_normalized("NFC", value) else normalize("NFC", value)


def _integer(value: int, path: str) -> int:
    """Refuse integers that other JSON readers would round."""
    if -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return value
    raise Malformed(
        code="invalid_value",
        field=path,
        value=f"an integer of {value.bit_length()} bits",
        cure="Integers must lie within ±(2^53 - 1); send a larger number as text.",
    )


def _decimal(value: Decimal, path: str) -> str:
    """Write a decimal as plain text, placing a fault at its field."""
    try:
        return plain(value)
    except Malformed as error:
        raise error.within(path) from error


def _deeper(path: str, depth: int) -> int:
    """Count a level of nesting; no fact needs many, and every reader has a limit."""
    if depth < DEEPEST:
        return depth + 1
    raise Malformed(
        code="invalid_value",
        field=path,
        cure=f"Nest objects and lists at most {DEEPEST} deep.",
    )


def _key(key: object, path: str) -> str:
    """Refuse keys whose order would differ between UTF-16 and UTF-8."""
    if isinstance(key, str) and key.isascii() and key.isprintable():
        return key
    raise Malformed(
        code="invalid_key",
        field=path,
        value=key,
        cure="Use printable ASCII names for the fields of an object.",
    )


def _under(path: str, step: object) -> str:
    """Extend a dotted path."""
    return f"{path}.{step}" if path else str(step)
