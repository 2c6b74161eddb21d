"""The national project code: 24 characters, in its present form or the one before it.

Both forms are in use. How the last digit is computed is not published, so it is not checked.
"""

import re
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import PlainValidator, WithJsonSchema

from domain.errors import Malformed
from domain.validation import adapted

_NEW: Final = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")
_OLD: Final = re.compile(r"20[0-9]{2}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}")


class CodeForm(StrEnum):
    """Which of the two forms a code has; 2012 may be the year 2012 or December 2020."""

    NEW = "new"
    OLD = "old"
    EITHER = "either"


def form_of(code: str) -> CodeForm | None:
    """Tell the form of a code; None when it has neither."""
    new, old = _NEW.fullmatch(code) is not None, _OLD.fullmatch(code) is not None
    if new and old:
        return CodeForm.EITHER
    if new:
        return CodeForm.NEW
    return CodeForm.OLD if old else None


def project_code(value: Any) -> str:
    """Read a project code. Raises Malformed `invalid_project_code`."""
    if isinstance(value, str) and form_of(value) is not None:
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
