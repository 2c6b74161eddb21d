"""Find the line of a key in a TOML text, so that a mistake can be shown where it was made."""

import re
from itertools import takewhile

HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Give the line of the key at the path, else of the nearest table to it, else 1.

    A number in the path counts the tables of an array from 0. The text is searched line by line,
    not parsed: good enough to point at, never used to judge.
    """
    best, depth = 1, 0
    table: tuple[str | int, ...] = ()
    arrays: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = HEADER.match(line), KEY.match(line)
        if header:
            table = _table(header[1], header[2], arrays)
        here = (*table, key[1]) if key else table
        shared = _shared(here, path)
        if (header or key) and shared > depth:
            best, depth = number, shared
    return best


_OPENED = re.compile(r"^\s*\[\[?\s*([\w.\-]+)")
_BEGUN = re.compile(r"""^\s*["']?([^"'=\[\]{}#,]*[^"'=\[\]{}#,\s])["']?\s*=""")
_MEANT = re.compile(r"^\s*([A-Za-z_][\w\-]*)")


def key_at(text: str, line: int) -> str:
    """Name the key that a line of a text, which may be no TOML, begins or goes on with.

    With the table that it stands in; of a table itself its name; empty where there is neither.
    """
    table = key = ""
    rows = text.split("\n")[:line]
    for row in rows:
        opened, begun = _OPENED.match(row), _BEGUN.match(row)
        if opened:
            table, key = opened[1], ""
        elif begun:
            key = begun[1]
    if not key:
        # A key without its equals sign.
        meant = _MEANT.match(rows[-1])
        key = "" if meant is None else meant[1]
    return ".".join(part for part in (table, key) if part)


def _shared(here: tuple[str | int, ...], path: tuple[str | int, ...]) -> int:
    pairs = zip(here, path, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _table(bracket: str, name: str, arrays: dict[str, int]) -> tuple[str | int, ...]:
    if bracket != "[":
        arrays[name] = arrays.get(name, -1) + 1
    parts: list[str | int] = []
    for part in name.split("."):
        parts.append(part)
        # A table inside one of an array belongs to the last one that began.
        inside = ".".join(str(step) for step in parts if isinstance(step, str))
        if inside in arrays:
            parts.append(arrays[inside])
    return tuple(parts)
