"""Industries by GB/T 4754: a section letter, a division of two digits, or both together."""

INDUSTRIAL_SECTIONS = frozenset("BCD")
"""Mining, manufacturing, supply of electricity, heat, gas and water."""

FIRST_DIVISION, LAST_DIVISION = "06", "46"


def is_industrial(code: str) -> bool:
    """Say whether a code such as `C3311`, `C` or `33` is an industrial one.

    The section letter decides where there is one; otherwise the first two digits, 06 to 46.
    """
    if code[0].isalpha():
        return code[0] in INDUSTRIAL_SECTIONS
    return FIRST_DIVISION <= code[:2] <= LAST_DIVISION
