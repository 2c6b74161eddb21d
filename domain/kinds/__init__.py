"""The catalogue of facts: every kind, its payload, its names and its place."""

from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from domain.errors import Malformed
from domain.kinds import (
    administration,
    amendments,
    assessment,
    construction,
    finance,
    identities,
    interruption,
    investment,
    issues,
    judgements,
    land,
    lists,
    milestone_plans,
    permits,
    policies,
    quotas,
    rankings,
    registration,
    requests,
    stewards,
)
from domain.kinds.payload import Payload, person_name_paths
from domain.person_name import with_names

__all__ = [
    "KINDS",
    "THEMES",
    "Payload",
    "catalogue_rank",
    "fits",
    "json_schema",
    "kind_of",
    "person_names",
    "upcast",
    "validate_payload",
]

THEMES: Final = (
    administration,
    registration,
    investment,
    interruption,
    assessment,
    land,
    permits,
    lists,
    milestone_plans,
    construction,
    finance,
    quotas,
    rankings,
    stewards,
    requests,
    issues,
    policies,
    identities,
    judgements,
    amendments,
)
"""The modules that define kinds; a new kind in one of them is known at once."""

KINDS: Final[dict[str, type[Payload]]] = {
    payload.kind: payload
    for payload in sorted(Payload.__subclasses__(), key=lambda payload: payload.number)
}
"""Every kind by its stored name, in the order of the catalogue."""

_LAST: Final = 999
_NEWEST: Final = {kind: payload.schema_version for kind, payload in KINDS.items()}


def catalogue_rank(kind: str) -> int:
    """Give the place of a kind among facts of one moment; unknown kinds come last."""
    payload = KINDS.get(kind)
    return _LAST if payload is None else payload.number


def kind_of(name: str) -> type[Payload]:
    """Find a kind by its stored name. Raises Malformed `unknown_kind`."""
    payload = KINDS.get(name)
    if payload is None:
        raise Malformed(
            code="unknown_kind",
            field="kind",
            value=name,
            cure=f"Give one of the kinds that GET /schemas lists, such as {_like(name)}.",
        )
    return payload


def _like(name: str) -> str:
    """Give the kind whose name comes closest to one that is none, or an example."""
    return next(iter(get_close_matches(name, KINDS, n=1)), "ConstructionStarted")


def validate_payload(kind: str, data: object, path: str = "payload") -> dict[str, Any]:
    """Check a payload against its kind and give it as plain JSON. Raises Malformed."""
    return kind_of(kind).validated(data, path)


def fits(kind: str, payload: dict[str, Any]) -> bool:
    """Tell whether a stored payload, its names already sealed, could be one of a kind."""
    known = KINDS.get(kind)
    if known is None:
        return False
    try:
        known.validated(with_names(payload, person_name_paths(known), lambda *_: "…"))
    except Malformed:
        return False
    return True


def person_names(kind: str) -> tuple[tuple[str, ...], ...]:
    """Give the places of a kind's payload that hold the name of a person."""
    return person_name_paths(kind_of(kind))


def upcast(kind: str, schema_version: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Bring a stored payload to today's version of its kind; kinds that are not ours stay."""
    if schema_version == _NEWEST.get(kind, schema_version):
        return payload
    return KINDS[kind].upcast(schema_version, payload)


@cache
def json_schema(kind: str) -> dict[str, Any]:
    """Describe the payload of a kind as JSON Schema."""
    payload = kind_of(kind)
    schema = payload.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = payload.kind
    schema["examples"] = [payload.example]
    return schema
