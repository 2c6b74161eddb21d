"""Take the names of people out of a fact before its bytes are made."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from domain.canonical import text
from domain.envelope import Actor
from domain.errors import Malformed
from domain.kinds import KINDS, person_names
from domain.kinds.amendments import CORRECTION
from domain.person_name import SealedName, readable_name, seal, with_names

PERSON_NAMES: Final = tuple(sorted({place for kind in KINDS for place in person_names(kind)}))
"""Places that hold a person's name in any kind, for corrections whose target is not known yet."""

HOLDING_NAMES: Final = frozenset({CORRECTION, *(kind for kind in KINDS if person_names(kind))})
"""The kinds whose payload may hold a person's name."""


def sealed_payload(
    kind: str, payload: dict[str, Any], salts: Callable[[], bytes]
) -> tuple[dict[str, Any], tuple[SealedName, ...]]:
    """Put commitments where the names of a payload stand."""
    if kind == CORRECTION and "payload" in payload:
        path = ("payload", "payload")
        inner, names = _seal_all(payload["payload"], PERSON_NAMES, path, salts)
        return {**payload, "payload": inner}, names
    places = person_names(kind)
    if not places:
        return payload, ()
    return _seal_all(payload, places, ("payload",), salts)


def _seal_all(
    payload: dict[str, Any],
    places: Iterable[Sequence[str]],
    within: tuple[str, ...],
    salts: Callable[[], bytes],
) -> tuple[dict[str, Any], tuple[SealedName, ...]]:
    """Seal the names of one object."""
    names: list[SealedName] = []

    def sealed(path: tuple[str, ...], value: object) -> str:
        """Seal one name and remember where it stood."""
        names.append(_sealed((*within, *path), value, salts))
        return names[-1].commitment

    return with_names(payload, places, sealed), tuple(names)


def sealed_actor(
    actor: Actor, names: tuple[SealedName, ...], salts: Callable[[], bytes]
) -> tuple[Actor, tuple[SealedName, ...]]:
    """Seal the name of whoever stands for the fact."""
    if actor.name is None:
        return actor, names
    name = _sealed(("actor", "name"), actor.name, salts)
    return msgspec.structs.replace(actor, name=name.commitment), (*names, name)


def _sealed(path: tuple[str, ...], value: object, salts: Callable[[], bytes]) -> SealedName:
    """Seal one name."""
    if not isinstance(value, str):
        raise Malformed(
            code="wrong_type", field=".".join(path), value=value, cure="Send the name as text."
        )
    try:
        name = readable_name(text(value))
    except Malformed as error:
        raise error.within(".".join(path)) from error
    salt = salts()
    return SealedName(path, seal(name, salt), salt, name)
