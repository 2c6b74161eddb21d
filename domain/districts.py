"""The districts of Jiangsu by GB/T 2260, and how development zones are told from them.

Of other provinces only the form of a code is known here. Codes that were abolished stay, since
facts of earlier years bear them.
"""

from typing import Final

_COUNTIES: Final[dict[str, str]] = {
    "3201": "02 04 05 06 11 13 14 15 16 17 18 24 25",
    "3202": "05 06 11 13 14 81 82",
    "3203": "02 03 05 11 12 21 22 23 24 81 82",
    "3204": "02 04 05 11 12 13 81 82",
    "3205": "05 06 07 08 09 81 82 83 84 85",
    "3206": "02 11 12 13 14 21 23 81 82 83 84 85",
    "3207": "03 05 06 07 21 22 23 24",
    "3208": "02 03 04 11 12 13 26 29 30 31",
    "3209": "02 03 04 21 22 23 24 25 28 81 82",
    "3210": "02 03 11 12 23 81 84 88",
    "3211": "02 11 12 81 82 83",
    "3212": "02 03 04 81 82 83 84",
    "3213": "02 11 21 22 23 24",
}
"""The last two digits of the counties of each prefecture."""

KNOWN_PROVINCE: Final = "32"
"""The province whose districts are all known here."""

_ZONES: Final = range(50, 80)
"""The last two digits that zones give themselves (320552, 320270); no county has one of them."""


def is_known(code: str) -> bool:
    """Tell whether a well-formed code may be a district, a zone or what they lie in."""
    if not code.startswith(KNOWN_PROVINCE) or code == f"{KNOWN_PROVINCE}0000":
        return True
    counties = _COUNTIES.get(code[:4])
    if counties is None:
        return False
    return code[4:] == "00" or code[4:] in counties.split() or int(code[4:]) in _ZONES
