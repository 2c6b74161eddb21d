"""Say what is wrong with a row, in which of its cells, and what helps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_LETTERS = 26


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, and in which of its cells."""

    code: str
    cure: str
    place: int | None = None
    title: str | None = None
    value: str | None = None


def as_json(faults: Sequence[Fault], number: int) -> list[dict[str, Any]]:
    """Write the faults of a row for programs, each with its cell as it is called in a workbook."""
    return [
        {
            "row_no": number,
            "cell": None if fault.place is None else f"{letters(fault.place)}{number}",
            "column": fault.title,
            "code": fault.code,
            "value": fault.value,
            "cure": fault.cure,
        }
        for fault in faults
    ]


def place_of(column: str) -> int:
    """Give the place of a column, from 0, that is called by letters."""
    place = 0
    for letter in column:
        place = place * _LETTERS + ord(letter) - ord("A") + 1
    return place - 1


def letters(place: int) -> str:
    """Give the letters of a column: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, _LETTERS)
        name = chr(ord("A") + rest) + name
    return name
