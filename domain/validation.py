"""The seam between our parsers, which raise Malformed, and pydantic, which collects errors.

Inside a payload a parser only knows its own value; pydantic knows the path. One adapter carries
code and cure across, and one table gives pydantic's own errors a stable code and a cure.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from domain.errors import Malformed, shortened

Parser = Callable[[Any], Any]

NOT_BLANK: Final = r"\S"
"""The pattern of a text that says something."""

_BOUNDS: Final = ("less", "greater")
_WRONG_TYPE_ENDINGS: Final = ("_type", "_parsing", "_from_float")


def adapted(parse: Parser) -> Parser:
    """Let a parser that raises Malformed be used as a pydantic validator."""

    def validate(value: Any) -> Any:
        """Parse a value, handing a fault over in pydantic's form."""
        try:
            return parse(value)
        except Malformed as error:
            context = {"cure": error.cure, "at": error.field or "", "shown": error.value}
            raise PydanticCustomError(error.code, "{cure}", context) from error

    return validate


def malformed(error: ValidationError, path: str, names: Iterable[str]) -> Malformed:
    """Turn the first of pydantic's errors into ours; `names` are the fields there could be."""
    details = error.errors(include_url=False)[0]
    context = details.get("ctx", {})
    steps = [path, *(str(step) for step in details["loc"])]
    if context.get("at"):
        steps.append(context["at"])
    value = context["shown"] if "shown" in context else _shown(details)
    code, cure = _code_and_cure(details, names)
    return Malformed(code=code, field=".".join(steps), value=value, cure=cure)


def _shown(details: ErrorDetails) -> str | None:
    """Show the value at fault; a missing field has none, and its parent would only confuse."""
    return None if details["type"] == "missing" else shortened(details["input"])


def _code_and_cure(details: ErrorDetails, names: Iterable[str]) -> tuple[str, str]:
    """Choose the stable code of an error and say what to send instead."""
    kind = details["type"]
    context = details.get("ctx", {})
    if "cure" in context:
        return kind, str(context["cure"])
    if kind == "missing":
        return "missing_field", f'Add the field "{details["loc"][-1]}".'
    if kind == "extra_forbidden":
        return "extra_field", _extra_cure(str(details["loc"][-1]), names)
    if kind == "string_unicode":
        return "invalid_text", "Send complete characters; half of a surrogate pair stands alone."
    code = "wrong_type" if kind.endswith(_WRONG_TYPE_ENDINGS) else "invalid_value"
    return code, _value_cure(details["msg"], context)


def _value_cure(message: str, context: dict[str, Any]) -> str:
    """Put pydantic's description of a good value as a request."""
    if "pattern" in context:
        pattern = context["pattern"]
        blank = pattern == NOT_BLANK
        return "Send text that is not blank." if blank else f"Send text of the form {pattern}."
    if "min_length" in context:
        return "Send at least {min_length} characters.".format_map(context)
    if "max_length" in context:
        return "Send at most {max_length} characters or items.".format_map(context)
    wanted = message.removeprefix("Input should be ")
    return f"Send a number {wanted}." if wanted.startswith(_BOUNDS) else f"Send {wanted}."


def _extra_cure(name: str, names: Iterable[str]) -> str:
    """Name the field that was probably meant."""
    near = get_close_matches(name, list(names), n=1)
    if near:
        return f'Did you mean "{near[0]}"? Otherwise remove "{name}".'
    return f'Remove the field "{name}"; this kind does not have it.'
