"""The national project code: 24 characters, in its present form or the one before it.

The present form begins with year and month, the older one with the year; both are in use. How the
last digit is computed is not published, so it is not checked.
"""

import re
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.validation import adapted

_PRESENT: Final = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")
_OLDER: Final = re.compile(r"20[0-9]{2}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")


def is_project_code(text: str) -> bool:
    """Tell whether a text has one of the two forms."""
    return _PRESENT.fullmatch(text) is not None or _OLDER.fullmatch(text) is not None


def project_code(value: Any) -> str:
    """Read a project code. Raises Malformed `invalid_project_code`."""
    if isinstance(value, str) and is_project_code(value):
        return value
    raise Malformed(
        code="invalid_project_code",
        value=value,
        cure="Send 24 characters such as 2407-320582-89-01-729324: year and month (or a year from "
        "2000), region, two parts of two digits, six digits.",
    )


ProjectCode = Annotated[
    str,
    PlainValidator(adapted(project_code)),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{6}-\d{2}-\d{2}-\d{6}$"}),
]
"""A national project code (项目代码)."""
