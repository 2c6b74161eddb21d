"""JSON read exactly: a number with a fraction becomes a Decimal from its text, never a float.

Of a repeated key the last value counts. Doors that take facts or questions refuse it
(`intake.repeated`), since nobody knows which was meant.
"""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from domain.errors import Malformed

T = TypeVar("T")
_MARK = b"\xef\xbb\xbf"
"""Some programs begin every text with it; it is no part of what they say."""


def decoder(wanted: type[T]) -> msgspec.json.Decoder[T]:
    """Give a decoder for documents of one form, in which numbers are read as exactly."""
    return msgspec.json.Decoder(wanted, float_hook=Decimal)


_DECODER: msgspec.json.Decoder[Any] = decoder(Any)


def decode(data: bytes | str) -> Any:
    """Read a JSON document. Raises Malformed `invalid_utf8` or `invalid_json`."""
    if isinstance(data, bytes):
        data = data.removeprefix(_MARK)
    try:
        return _DECODER.decode(data)
    except UnicodeError as error:
        raise _not_utf8(data) from error
    except RecursionError as error:
        raise Malformed(
            code="invalid_json",
            value="too many lists or objects within each other",
            cure="Nest no deeper than the schemas do.",
        ) from error
    except msgspec.DecodeError as error:
        if isinstance(data, bytes) and not _is_utf8(data):
            raise _not_utf8(data) from error
        raise Malformed(
            code="invalid_json", value=str(error), cure="Send one well-formed JSON document."
        ) from error


def _is_utf8(data: bytes) -> bool:
    """Tell whether bytes are well-formed UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(data: bytes | str) -> Malformed:
    """Refuse bytes in another encoding, showing how they begin."""
    shown = data[:40]
    return Malformed(
        code="invalid_utf8",
        value=shown if isinstance(shown, str) else shown.decode(errors="backslashreplace"),
        cure="Send the document encoded as UTF-8; GB 18030 text must be converted first.",
    )
