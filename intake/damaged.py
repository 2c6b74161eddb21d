"""Read JSON in which some bytes are not UTF-8, so that only the events they are in are refused."""

import json
from decimal import Decimal

from domain.errors import Malformed


def decode_damaged(data: bytes) -> object:
    """Decode JSON exactly, leaving each undecodable byte as a lone surrogate.

    No canonical text may hold a lone surrogate, so whatever contains one is refused later, and only
    that. Raises Malformed when the rest is no JSON either.
    """
    try:
        document: object = json.loads(data.decode("utf-8", "surrogateescape"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Malformed(
            code="invalid_utf8",
            value=None,
            cure="Send UTF-8; these bytes are neither UTF-8 nor JSON.",
        ) from error
    if isinstance(document, list):
        return [_whole_or_refused(element) for element in document]
    return _whole_or_refused(document)


def _whole_or_refused(element: object) -> object:
    """Give an element that is all UTF-8 as it is, in place of another why it is refused."""
    try:
        json.dumps(element, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        return Malformed(
            code="invalid_utf8",
            value=ascii(error.object[max(0, error.start - 20) : error.end + 20]),
            cure="Send every text in UTF-8; this event has bytes that are not.",
        )
    return element
