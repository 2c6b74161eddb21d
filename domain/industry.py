"""Industries by GB/T 4754: a section letter, a division of two digits, or both together."""

import re

from domain.errors import Malformed

INDUSTRIAL_SECTIONS = frozenset("BCD")
"""Mining, manufacturing, supply of electricity, heat, gas and water."""

FIRST_DIVISION, LAST_DIVISION = "06", "46"

SECTIONS: dict[str, tuple[str, str]] = {
    "A": ("01", "05"),
    "B": ("06", "12"),
    "C": ("13", "43"),
    "D": ("44", "46"),
    "E": ("47", "50"),
    "F": ("51", "52"),
    "G": ("53", "60"),
    "H": ("61", "62"),
    "I": ("63", "65"),
    "J": ("66", "69"),
    "K": ("70", "70"),
    "L": ("71", "72"),
    "M": ("73", "75"),
    "N": ("76", "79"),
    "O": ("80", "82"),
    "P": ("83", "83"),
    "Q": ("84", "85"),
    "R": ("86", "90"),
    "S": ("91", "96"),
    "T": ("97", "97"),
}
"""The first and the last division of each section."""

_LETTERS = "".join(SECTIONS)
_BEGINNING = re.compile(rf"[{_LETTERS}]|[{_LETTERS}]?[0-9]{{2,4}}")


def industry_beginning(value: str) -> str:
    """Read an industry of any width that a question names. Raises Malformed `invalid_value`."""
    if _BEGINNING.fullmatch(value):
        return value
    raise Malformed(
        code="invalid_value",
        value=value,
        cure="Give a section, division or class of GB/T 4754, such as C, C39, 39 or C3985.",
    )


def is_industrial(code: str) -> bool:
    """Say whether a code such as `C3311`, `C` or `33` is an industrial one.

    The section letter decides where there is one; otherwise the first two digits, 06 to 46.
    """
    if code[0].isalpha():
        return code[0] in INDUSTRIAL_SECTIONS
    return FIRST_DIVISION <= code[:2] <= LAST_DIVISION


def within_industry(code: str, wider: str) -> bool:
    """Say whether a code lies in another one of any width, each with or without its letter."""
    if code.startswith(wider):
        return True
    digits, wanted = code.lstrip(_LETTERS), wider.lstrip(_LETTERS)
    if wider in SECTIONS:
        first, last = SECTIONS[wider]
        return code == digits and first <= code[:2] <= last
    return (code == digits or wider == wanted) and digits.startswith(wanted)
