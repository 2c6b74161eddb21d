"""Refuse bodies in a form that is not read, before their bytes are taken for something else."""

from starlette.requests import Request

from domain.errors import Refused

_ALPHABETS = frozenset({"utf-8", "utf8", "us-ascii"})


class UnreadForm(Refused):
    """Bodies are not read in the form {value}."""

    code = "unsupported_media_type"


class Compressed(UnreadForm):
    """A body compressed with {value} is not read, since nobody can tell how large it is."""

    field = "content-encoding"
    cure = "Send the body as it is, not compressed."


class OtherLetters(UnreadForm):
    """A text in {value} is not read; parts of it would be taken for other letters of UTF-8."""

    field = "content-type"
    cure = "Send the text encoded as UTF-8."


class OtherType(UnreadForm):
    """Bodies of the type {value} are not read here."""

    field = "content-type"
    cure = "Send {known}."


def check_uncompressed(request: Request) -> None:
    """Raise Compressed for a body that is."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", ""}:
        raise Compressed(value=coding)


def check_letters(request: Request) -> None:
    """Raise OtherLetters for a text that its sender says is not UTF-8."""
    _, *parameters = request.headers.get("content-type", "").lower().split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in _ALPHABETS:
            raise OtherLetters(value=value.strip(' "'))
