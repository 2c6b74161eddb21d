"""Read whom the ledger trusts to say who somebody is, and what of that it believes.

Everything has to be said: a claim that is named and missing gives nothing, and "everywhere" is a
word of its own, so that no forgotten line opens the ledger.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from domain.errors import Malformed, Refused
from domain.regions import region_prefix
from intake.grant import Right
from server.loopback import is_loopback

EVERYTHING: Final = "*"
"""Says of regions, systems or kinds that all are meant."""
ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures with two keys; nothing that a public key could be the secret of, and never none."""
USUAL: Final = ("RS256", "PS256", "ES256", "EdDSA")
_MOST_SKEW_SECONDS: Final = 300
_PLAIN: Final = frozenset({Right.READ, Right.APPEND, Right.CORRECT})
"""Rights that a claim may name itself; the others only come by a table."""


class BadIssuers(Refused):
    """The file {value} does not describe issuers: {reason}."""

    code = "bad_issuers"
    field = "LIFECYCLE_ISSUERS"
    cure = "See docs/access.md for an example."


@dataclass(frozen=True, slots=True)
class Claims:
    """Which claim says what; dots reach into objects. None where no claim says it."""

    actor: str = "sub"
    name: str | None = "name"
    org: str | None = None
    role: str | None = None
    rights: str | None = None
    systems: str | None = None
    kinds: str | None = None
    regions: str | None = None


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody who signs tokens, and what holders of them may do.

    `name` stands before the ids of its actors, so that they are nobody else's. `jwks` is the
    address or the file of its keys; without it they are discovered. `rights` says which rights a
    value of the claim gives; `systems`, `kinds` and `regions` hold where no claim says so, and None
    is everything.
    """

    name: str
    issuer: str
    audience: tuple[str, ...]
    jwks: str | None
    algorithms: tuple[str, ...]
    clock_skew_seconds: int
    org: str
    role: str
    claims: Claims
    rights: Mapping[str, frozenset[Right]]
    systems: frozenset[str] | None
    kinds: frozenset[str] | None
    regions: frozenset[str] | None


def issuers_in(path: Path | None) -> tuple[Issuer, ...]:
    """Read the file of issuers; without one nobody is trusted. Raises BadIssuers."""
    if path is None:
        return ()
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadIssuers(value=str(path), reason=str(error)) from error
    try:
        issuers = tuple(_issuer(each) for each in _tables(told))
        if len({each.name for each in issuers}) < len(issuers):
            raise _wrong(reason="each issuer has a name of its own")
        if len({each.issuer for each in issuers}) < len(issuers):
            raise _wrong(reason="each issuer is described once")
    except Malformed as problem:
        raise BadIssuers(value=str(path), reason=str(problem.cure)) from problem
    return issuers


def safe_address(address: str) -> str:
    """Give an address that keys may come from: https, or http on this machine. Raises Malformed."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return address
    if parts.scheme == "http" and is_loopback(host):
        return address
    raise _wrong(reason=f"{address} is no https address (http only on this machine)")


def _tables(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the tables of issuers. Raises Malformed."""
    issuers = told.get("issuer")
    if told.keys() - {"issuer"} or not isinstance(issuers, list) or not issuers:
        raise _wrong(reason="it holds one table [[issuer]] or several, and nothing else")
    if not all(isinstance(each, dict) for each in issuers):
        raise _wrong(reason="write [[issuer]] with two brackets")
    return issuers


def _issuer(told: Mapping[str, Any]) -> Issuer:
    """Read one issuer. Raises Malformed."""
    known = {field.name for field in fields(Issuer)}
    unknown = told.keys() - known
    if unknown:
        raise _wrong(reason=f"{min(unknown)} is not known; there are {', '.join(sorted(known))}")
    claims = _claims(told.get("claims", {}))
    algorithms = _texts(told, "algorithms") or USUAL
    refused = set(algorithms) - ALGORITHMS
    if refused:
        raise _wrong(
            reason=f"{min(refused)} is not accepted; there are {', '.join(sorted(ALGORITHMS))}"
        )
    skew = told.get("clock_skew_seconds", 60)
    if not isinstance(skew, int) or not 0 <= skew <= _MOST_SKEW_SECONDS:
        raise _wrong(reason=f"clock_skew_seconds is a whole number from 0 to {_MOST_SKEW_SECONDS}")
    regions = _fixed(told, "regions", claims.regions)
    for region in regions or ():
        region_prefix(region)
    return Issuer(
        name=_text(told, "name"),
        issuer=_text(told, "issuer"),
        audience=_texts(told, "audience", needed=True),
        jwks=_keys_from(told),
        algorithms=tuple(algorithms),
        clock_skew_seconds=skew,
        org=_text(told, "org"),
        role=told.get("role", "user"),
        claims=claims,
        rights=_rights(told.get("rights", {})),
        systems=_fixed(told, "systems", claims.systems),
        kinds=_fixed({"kinds": EVERYTHING, **told}, "kinds", claims.kinds),
        regions=regions,
    )


def _keys_from(told: Mapping[str, Any]) -> str | None:
    """Read where the keys are; the issuer itself is asked if that is not said. Raises Malformed."""
    jwks = told.get("jwks")
    if jwks is None:
        safe_address(_text(told, "issuer"))
        return None
    if not isinstance(jwks, str) or not jwks:
        raise _wrong(reason="jwks is the address or the path of a key set")
    return safe_address(jwks) if "://" in jwks else jwks


def _claims(told: object) -> Claims:
    """Read which claim says what. Raises Malformed."""
    known = {field.name for field in fields(Claims)}
    if not isinstance(told, dict) or told.keys() - known:
        raise _wrong(reason=f"[issuer.claims] may hold {', '.join(sorted(known))}")
    if not all(isinstance(claim, str) and claim for claim in told.values()):
        raise _wrong(reason="a claim is named by a text")
    return Claims(**told)


def _rights(told: object) -> dict[str, frozenset[Right]]:
    """Read which rights the values of the claim give. Raises Malformed."""
    if not isinstance(told, dict):
        raise _wrong(reason="[issuer.rights] is a table")
    if not told:
        return {right.value: frozenset({right}) for right in _PLAIN}
    try:
        return {value: frozenset(map(Right, rights)) for value, rights in told.items()}
    except (TypeError, ValueError) as error:
        raise _wrong(reason=f"rights are {', '.join(Right)}") from error


def _fixed(told: Mapping[str, Any], name: str, claim: str | None) -> frozenset[str] | None:
    """Read what holds for all tokens; it must be said unless a claim says it. Raises Malformed."""
    if told.get(name) == EVERYTHING:
        return None
    given = _texts(told, name)
    if not given and claim is None:
        raise _wrong(reason=f'name the claim of the {name}, or say {name} = ["…"] or {name} = "*"')
    return frozenset(given)


def _text(told: Mapping[str, Any], name: str) -> str:
    """Read a text that must be there. Raises Malformed."""
    value = told.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(reason=f"{name} is missing or no text")
    return value


def _texts(told: Mapping[str, Any], name: str, *, needed: bool = False) -> tuple[str, ...]:
    """Read a text or a list of them. Raises Malformed."""
    value = told.get(name, ())
    listed = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(each, str) and each for each in listed) or (needed and not listed):
        raise _wrong(reason=f"{name} is a text or a list of texts")
    return listed


def _wrong(*, reason: str) -> Malformed:
    """Say what is wrong with the file."""
    return Malformed(code="bad_issuers", field="LIFECYCLE_ISSUERS", cure=reason)
