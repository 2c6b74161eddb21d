"""Read JSON with damaged texts or numbers in it; only the events they are in are refused."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal

from domain.errors import Malformed
from domain.exact_json import decode
from intake.repeated import noting, repetition_in

LONGEST_INTEGER = 400
"""Digits of the longest integer that is read as one; no fact may have nearly as many."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)
"""A whole text, or a mark that opens, closes or parts."""


def decode_damaged(data: bytes, problem: Malformed) -> object:
    """Decode JSON in which a strict reader met a problem, in the most lenient way.

    Each byte that is not UTF-8 becomes a lone surrogate, as do halves of pairs; numbers of any size
    are read. No canonical form may hold these, so whatever contains one is refused later, and only
    that. Raises the problem when it lies deeper.
    """
    try:
        document: object = json.loads(
            data.decode("utf-8", "surrogateescape"),
            parse_float=Decimal,
            parse_int=_integer,
            object_pairs_hook=noting,
        )
    except RecursionError as error:
        elements = elements_of(data)
        if not elements:
            raise problem from error
        return [_read_alone(element) for element in elements]
    except ValueError as error:
        raise problem from error
    if isinstance(document, list):
        return [_whole_or_refused(element) for element in document]
    return _whole_or_refused(document)


def _read_alone(element: bytes) -> object:
    """Read one event of an array in which another is nested too deeply to be read with it."""
    try:
        return decode(element)
    except Malformed as problem:
        # What is itself an array is no event, and is not taken apart once more.
        if element.startswith(b"["):
            return problem.as_value()
        try:
            return decode_damaged(element, problem)
        except Malformed as refused:
            return refused.as_value()


def elements_of(array: bytes) -> list[bytes]:
    """Cut an array at the commas of its own level, without reading what lies between them.

    What is no array, or one that does not end, has no elements.
    """
    array = array.strip()
    depth, start = 0, 0
    found: list[bytes] = []
    if not array.startswith(b"["):
        return found
    for token in _TOKEN.finditer(array):
        mark = token[0]
        if mark in b"[{":
            depth += 1
            start = token.end() if depth == 1 else start
        elif mark in b"]}":
            depth -= 1
        if (depth, mark) == (1, b",") or (depth, mark) == (0, b"]"):
            if element := array[start : token.start()].strip():
                found.append(element)
            start = token.end()
    return found if depth == 0 and start == len(array) else []


def _integer(text: str) -> int | Decimal:
    """Read an integer; one that is far too long in a form that stays cheap to refuse."""
    return int(text) if len(text) <= LONGEST_INTEGER else Decimal(text)


def _whole_or_refused(event: object) -> object:
    """Give an event whose texts are whole as it is, in place of another why it is refused."""
    for path, text in _texts(event):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            return Malformed(
                code="invalid_utf8",
                field=path.replace("data.", "payload.", 1) if path.startswith("data.") else path,
                value=text[max(0, error.start - 20) : error.end + 20],
                cure="Send every text in UTF-8; this one has bytes or escapes that are no letters.",
            )
    return repetition_in(event) or event


def _texts(event: object) -> Iterator[tuple[str, str]]:
    """Give all texts of an event, names of fields included, each with its path."""
    waiting = [("", event)]
    # A loop, because what is nested too deeply for recursion must be refused, not fail.
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            yield from ((path, name) for name in value)
            waiting += [(f"{path}.{name}" if path else name, of) for name, of in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}.{at}", item) for at, item in enumerate(value)]
