"""What can be wrong, as one tree of errors that every door can answer with.

Each error carries a stable code, the field and value at fault and a cure in one sentence, so that a
receipt, a GraphQL error and a command line message all say the same.
"""

from functools import partial
from inspect import cleandoc
from json import dumps
from typing import Any, Self

_SHOWN_CHARACTERS = 200


def shortened(value: object) -> str:
    """Show a value in at most 200 characters that any answer can carry: surrogates escaped.

    What came as JSON is shown as JSON, since its sender knows no other form.
    """
    try:
        is_json = value is None or isinstance(value, bool | list | dict)
        text = dumps(value, ensure_ascii=False, default=str) if is_json else str(value)
    except (RecursionError, ValueError):
        # Too deeply nested, or a number of thousands of digits: there is nothing short to show.
        text = f"({type(value).__name__})"
    text = text[: _SHOWN_CHARACTERS + 1].encode(errors="backslashreplace").decode()
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return text[: _SHOWN_CHARACTERS - 1] + "…"


class LedgerError(Exception):
    """The ledger cannot do this."""

    code: str = "ledger_error"
    field: str | None = None
    value: str | None = None
    cure: str = "Read the message and try again."

    def __init__(self, **facts: object) -> None:
        """Fill the first paragraph of the docstring, and the cure, with the facts."""
        self.facts = facts
        if facts.get("field") is not None:
            self.field = str(facts["field"])
        if facts.get("value") is not None:
            self.value = shortened(facts["value"])
        message, _, _ = cleandoc(type(self).__doc__ or "").partition("\n\n")
        shown = {name: shortened(fact) for name, fact in facts.items()}
        self.cure = self.cure.format_map(shown)
        super().__init__(message.replace("\n", " ").format_map(shown))

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process be told: the error is made anew there from the same facts."""
        return partial(type(self), **self.facts), ()

    def as_value(self) -> Self:
        """Give the error to be kept, without the calls that it went through.

        They would stay in memory with it, and all that they had at hand.
        """
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


class Refused(LedgerError):
    """A rule forbids this."""

    code = "refused"


class NotFound(LedgerError):
    """There is no {what} {value}."""

    code = "not_found"
    cure = "Check the identifier; it may be written in another form."


class Conflict(LedgerError):
    """Somebody else was faster."""

    code = "conflict"
    cure = "Read the present state and try again."


class Malformed(Refused):
    """Something was sent in a form that cannot be kept.

    The only error whose code is chosen by the raiser: parsing has too many rules for a class each.
    """

    def __init__(self, *, code: str, cure: str, field: str = "", value: object = None) -> None:
        """Keep code, cure, field and value as given; a value that is None is not shown."""
        super().__init__(code=code, cure=cure, field=field or None, value=value)
        self.code = code
        self.cure = cure
        self.args = (f"{field or 'document'}: {cure}",)

    def within(self, path: str) -> "Malformed":
        """Give the same error with its field placed under a path: `yuan` becomes `payload.yuan`."""
        field = f"{path}.{self.field}" if self.field else path
        return Malformed(code=self.code, cure=self.cure, field=field, value=self.value)


class UnknownFormat(LedgerError):
    """Format {value} of the stored bytes is not known to this program."""

    code = "unknown_format"
    cure = "Read this ledger with a newer version of the program."
