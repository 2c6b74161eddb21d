"""Take the names of persons out of a delivery that is kept, and put them back."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from domain.person_name import SealedName, seal
from intake.delivery import Delivery
from intake.identifiers import new_salt
from intake.masking import NAMED

_DECODER = msgspec.json.Decoder(Delivery)


def sealed(delivery: Delivery, names: Iterable[SealedName]) -> bytes:
    """Write a delivery as JSON with its persons' names left out."""
    document = msgspec.to_builtins(delivery, builtin_types=())
    for name in names:
        _set(document, name.path, None)
    if document["actor"]:
        document["actor"].pop("name", None)
    return msgspec.json.encode(document)


def stray_names(delivery: Delivery, names: Iterable[SealedName]) -> list[SealedName]:
    """Seal the names that stand where no kind has them, as in a correction that makes no sense."""
    known = {name.path for name in names}
    strays = []
    for path, value in _named(delivery.payload, ("payload",), inside=False):
        if path not in known:
            salt = new_salt()
            strays.append(SealedName(path, seal(value, salt), salt, value))
    return strays


def _named(
    value: Any, path: tuple[str, ...], *, inside: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give the texts in or below a field that holds the name of a person in some kind."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _named(inner, (*path, name), inside=inside or name in NAMED)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _named(inner, (*path, str(at)), inside=inside)
    elif inside and isinstance(value, str):
        yield path, value


def opened(
    data: bytes, names: Iterable[tuple[Sequence[str], str | None]]
) -> tuple[Delivery, str | None]:
    """Read a delivery back, and the name of its actor; an erased name stays away."""
    document = msgspec.json.decode(data)
    actor_name = None
    for path, value in names:
        if tuple(path) == ("actor", "name"):
            actor_name = value
        else:
            _set(document, path, value)
    return _DECODER.decode(msgspec.json.encode(document)), actor_name


def _set(document: Any, path: Sequence[str], value: str | None) -> None:
    """Set the value at a path, if the document has the place."""
    *steps, last = path
    for step in steps:
        document = document[int(step)] if isinstance(document, list) else document.get(step)
        if document is None:
            return
    if isinstance(document, list):
        document[int(last)] = value
    elif last in document:
        document[last] = value
