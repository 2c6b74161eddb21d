"""Read JSON with damaged texts or numbers in it; only the events they are in are refused."""

import json
from decimal import Decimal

from domain.errors import Malformed

LONGEST_INTEGER = 400
"""Digits of the longest integer that is read as one; no fact may have nearly as many."""


def decode_damaged(data: bytes, problem: Malformed) -> object:
    """Decode JSON in which a strict reader met a problem, in the most lenient way.

    Each byte that is not UTF-8 becomes a lone surrogate, as do halves of pairs; numbers of any size
    are read. No canonical form may hold these, so whatever contains one is refused later, and only
    that. Raises the problem when it lies deeper.
    """
    try:
        document: object = json.loads(
            data.decode("utf-8", "surrogateescape"), parse_float=Decimal, parse_int=_integer
        )
    except (ValueError, RecursionError) as error:
        raise problem from error
    if isinstance(document, list):
        return [_whole_or_refused(element) for element in document]
    return _whole_or_refused(document)


def _integer(text: str) -> int | Decimal:
    """Read an integer; one that is far too long in a form that stays cheap to refuse."""
    return int(text) if len(text) <= LONGEST_INTEGER else Decimal(text)


def _whole_or_refused(element: object) -> object:
    """Give an element whose texts are whole as it is, in place of another why it is refused."""
    try:
        json.dumps(element, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as error:
        return Malformed(
            code="invalid_utf8",
            value=ascii(error.object[max(0, error.start - 20) : error.end + 20]),
            cure="Send every text in UTF-8; this event has bytes, or escapes, that are no letters.",
        )
    return element
