"""Write rows in the text form of COPY, with what several rows share written once.

The driver looks up value by value how to write it; a batch of facts gives tens of thousands of
rows, and most of their columns are the same in every read model.
"""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from psycopg import Cursor
from psycopg.types.json import Jsonb

NULL = "\\N"
"""What stands for the lack of a value."""
_AT_ONCE = 256
"""Lines sent together: the server stores some while the next are written."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def copy_lines(
    cursor: Cursor[Any], statement: bytes | str, lines: Iterable[str], first: bytes = b""
) -> None:
    """Copy rows, each a line that ends with its line break; those at `first` are one text."""
    remaining = iter(lines)
    some = list(islice(remaining, _AT_ONCE))
    if not some and not first:
        return
    with cursor.copy(statement) as copy:
        if first:
            copy.write(first)
        while some:
            copy.write("".join(some))
            some = list(islice(remaining, _AT_ONCE))


def written(values: Iterable[object]) -> str:
    """Write the values of some columns, with tabs between them."""
    # Texts and gaps are most of all values; asking for their writers would take longer.
    return "\t".join(
        [
            (value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES))
            if type(value) is str
            else NULL
            if value is None
            else _WRITERS.get(type(value), _other)(value)
            for value in values
        ]
    )


class Written(str):
    """The values of one or several columns as COPY reads them, with tabs between them."""

    __slots__ = ()


def text(value: str) -> str:
    """Write a text; few hold anything that must be escaped."""
    if value.isprintable() and "\\" not in value:
        return value
    return value.translate(_ESCAPES)


def _flag(value: object) -> str:
    return "t" if value else "f"


def _json(value: Jsonb) -> str:
    return text(json.dumps(value.obj))


def _array(values: Iterable[object]) -> str:
    """Write an array of texts or numbers."""
    return text(f"{{{','.join(map(_element, values))}}}")


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    return f'"{value.translate(_QUOTED)}"' if isinstance(value, str) else str(value)


def _other(value: object) -> str:
    """Write a value whose type is derived from a known one, such as a member of an enumeration."""
    for known, write in _WRITERS.items():
        if isinstance(value, known):
            return write(value)
    message = f"no column holds a {type(value).__name__}"
    raise TypeError(message)


_WRITERS: dict[type, Callable[[Any], str]] = {
    Written: str.__str__,
    str: text,
    bool: _flag,
    int: int.__repr__,
    Decimal: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    Jsonb: _json,
    list: _array,
    tuple: _array,
}
