"""Region codes of GB/T 2260, and the pseudo-codes of development zones in the same form.

Zones carry codes that no standard lists (320552 is a bonded zone), so only the form and the
province are checked. A region holds every code that begins with its own significant digits.
"""

import re
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.validation import adapted

_PROVINCES: Final = frozenset(
    str(code)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 82),
    )
    for code in range(first, last + 1)
)
_CODE: Final = re.compile(r"[0-9]{6}")
_PREFIX: Final = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}")
_BEGINNING: Final = re.compile(r"[0-9]{2,12}")


def region_code(value: Any) -> str:
    """Read the six-digit code of a district. Raises Malformed `invalid_region`."""
    if isinstance(value, str) and _CODE.fullmatch(value) and value[:2] in _PROVINCES:
        return value
    raise Malformed(
        code="invalid_region",
        value=value,
        cure="Send the six digits of a GB/T 2260 code or of a zone's own code, such as 320582.",
    )


def region_prefix(value: Any) -> str:
    """Read a region of any size: two digits a province, four a prefecture, six a district."""
    if isinstance(value, str) and _PREFIX.fullmatch(value) and value[:2] in _PROVINCES:
        return value
    raise Malformed(
        code="invalid_region",
        value=value,
        cure="Send two, four or six digits of a GB/T 2260 code, such as 3211 or 320582.",
    )


def region_beginning(value: str) -> str:
    """Read a code that a question names, or its beginning. Raises Malformed `invalid_region`."""
    if _BEGINNING.fullmatch(value) and value[:2] in _PROVINCES:
        return value
    raise Malformed(
        code="invalid_region",
        value=value,
        cure="Give a code of GB/T 2260, such as 110105, or its beginning of two digits or more.",
    )


def significant(region: str) -> str:
    """Cut the zeros that only fill up: 320000 and 32 are the same province."""
    code = region.removesuffix("0000") if region.endswith("0000") else region
    return code.removesuffix("00") if len(code) > len("3211") else code


def lies_in(district: str, region: str) -> bool:
    """Tell whether a district lies in a region."""
    return district.startswith(significant(region))


RegionCode = Annotated[
    str,
    PlainValidator(adapted(region_code)),
    WithJsonSchema({"type": "string", "pattern": r"^\d{6}$"}),
]
"""A district or development zone (GB/T 2260)."""

RegionPrefix = Annotated[
    str,
    PlainValidator(adapted(region_prefix)),
    WithJsonSchema({"type": "string", "pattern": r"^\d{2}(\d{2}){0,2}$"}),
]
"""A region of any size."""
