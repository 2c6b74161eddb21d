"""Turn the claims of a token that was found good into what its holder may do."""

from collections.abc import Mapping
from typing import Any, Final
from unicodedata import normalize

from domain.envelope import Actor
from domain.errors import Malformed
from domain.kinds import KINDS
from domain.regions import region_prefix
from intake.grant import Grant
from server.issuers.issuer import EVERYTHING, Issuer

_LONGEST: Final = 200


def grant_from(issuer: Issuer, claims: Mapping[str, Any]) -> Grant | None:
    """Give what the holder of a token may do; None if it does not say who that is.

    What is unknown gives nothing: neither a right nor a region.
    """
    told = issuer.claims
    actor = _text(claims, told.actor)
    if actor is None:
        return None
    rights = frozenset(
        right
        for value in _values(claims, told.rights)
        for right in issuer.rights.get(value, frozenset())
    )
    identifier = f"{issuer.name}:{actor}"
    return Grant(
        Actor(
            id=identifier,
            org=_text(claims, told.org) or issuer.org,
            role=_text(claims, told.role) or issuer.role,
            name=_text(claims, told.name),
        ),
        rights,
        _limited(claims, told.systems, issuer.systems),
        _limited(claims, told.kinds, issuer.kinds, known=KINDS.keys()),
        regions=_regions(claims, told.regions, issuer.regions),
        id=identifier,
        label=identifier,
    )


def _limited(
    claims: Mapping[str, Any],
    claim: str | None,
    otherwise: frozenset[str] | None,
    known: Any = None,
) -> frozenset[str] | None:
    """Give what a claim limits its holder to; what holds for all where no claim is named."""
    if claim is None:
        return otherwise
    values = _values(claims, claim)
    if EVERYTHING in values:
        return None
    return frozenset(value for value in values if known is None or value in known)


def _regions(
    claims: Mapping[str, Any], claim: str | None, otherwise: frozenset[str] | None
) -> frozenset[str] | None:
    """Give the regions of a holder; what is no region is none."""
    values = _limited(claims, claim, otherwise)
    return None if values is None else frozenset(value for value in values if _is_region(value))


def _is_region(value: str) -> bool:
    try:
        region_prefix(value)
    except Malformed:
        return False
    return True


def _values(claims: Mapping[str, Any], claim: str | None) -> list[str]:
    """Read a claim that holds several values: a list, or a text with spaces between them."""
    found = None if claim is None else _found(claims, claim)
    if isinstance(found, str):
        return found.split()
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _text(claims: Mapping[str, Any], claim: str | None) -> str | None:
    """Read a claim that holds one printable text, none that would have to be cut off."""
    found = None if claim is None else _found(claims, claim)
    if not isinstance(found, str) or not found.strip() or not found.isprintable():
        return None
    # Texts are written in one form only, so that nobody is somebody else by another spelling.
    return normalize("NFC", found) if len(found) <= _LONGEST else None


def _found(claims: Mapping[str, Any], claim: str) -> Any:
    """Find a claim by its name, else by a path into objects."""
    if claim in claims:
        return claims[claim]
    found: Any = claims
    for name in claim.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found
