"""Take the names of people out of a fact before its bytes are made."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from domain.canonical import text
from domain.envelope import Actor
from domain.errors import Malformed
from domain.kinds import KINDS, person_names
from domain.kinds.amendments import CORRECTION
from domain.person_name import SealedName, readable_name, seal

PERSON_NAMES: Final = frozenset(name for kind in KINDS for name in person_names(kind))
"""Fields that hold a person's name in any kind, for corrections whose target is not known yet."""


def without_names(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Blank the names of a payload, also of one inside a correction."""
    names = person_names(kind)
    if kind == CORRECTION and "payload" in payload:
        inner = {
            name: None if name in PERSON_NAMES else value
            for name, value in payload["payload"].items()
        }
        return {**payload, "payload": inner}
    if not names:
        return payload
    return {name: None if name in names else value for name, value in payload.items()}


def sealed_payload(
    kind: str, payload: dict[str, Any], salts: Callable[[], bytes]
) -> tuple[dict[str, Any], tuple[SealedName, ...]]:
    """Put commitments where the names of a payload stand."""
    if kind == CORRECTION and "payload" in payload:
        path = ("payload", "payload")
        inner, names = _seal_all(payload["payload"], PERSON_NAMES, path, salts)
        return {**payload, "payload": inner}, names
    fields = person_names(kind)
    if not fields:
        return payload, ()
    return _seal_all(payload, fields, ("payload",), salts)


def _seal_all(
    payload: dict[str, Any],
    fields: Iterable[str],
    path: tuple[str, ...],
    salts: Callable[[], bytes],
) -> tuple[dict[str, Any], tuple[SealedName, ...]]:
    """Seal the named fields of one object."""
    sealed = dict(payload)
    names = []
    for field in fields:
        if field in payload:
            name = _sealed((*path, field), payload[field], salts)
            names.append(name)
            sealed[field] = name.commitment
    return sealed, tuple(names)


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
