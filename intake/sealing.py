"""Take the names of persons out of a delivery that is kept, and put them back."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from domain.person_name import SealedName
from intake.delivery import Delivery

_DECODER = msgspec.json.Decoder(Delivery)


def sealed(delivery: Delivery, names: Iterable[SealedName]) -> bytes:
    """Write a delivery as JSON with its persons' names left out."""
    document = msgspec.to_builtins(delivery, builtin_types=())
    for name in names:
        _set(document, name.path, None)
    if document["actor"]:
        document["actor"].pop("name", None)
    return msgspec.json.encode(document)


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
