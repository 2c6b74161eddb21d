"""Hold the public keys of an issuer: fetched when needed, kept while it is away."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx2
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.errors import Malformed
from ledger.unavailable import Unavailable
from server.issuers.issuer import Issuer, safe_address

FRESH_SECONDS: Final = 600.0
"""How long keys are taken as they are; then they are looked at again, without anybody waiting."""
AGAIN_SECONDS: Final = 10.0
"""An unknown key, or an issuer that is away, is asked about no more often than this."""
STALE_SECONDS: Final = 24 * 3600.0
"""So long keys are believed of an issuer that cannot be reached."""
_ANSWER_SECONDS = 5.0
_LARGEST = 512 * 1024
_TYPES = frozenset({"RSA", "EC", "OKP"})
_DISCOVERY = "/.well-known/openid-configuration"
_log = logging.getLogger(__name__)


class IssuerAway(Unavailable):
    """The keys of {value} cannot be fetched."""

    code = "issuer_unavailable"
    cure = "Try again in a while; nobody can tell meanwhile whether the token is good."


class Unreadable(Exception):
    """What an issuer answered are no keys."""


class Keys:
    """The keys of one issuer, by their ids."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float] = monotonic) -> None:
        """Fetch nothing yet."""
        self._issuer = issuer
        self._clock = clock
        self._found: Mapping[str | None, Any] | None = None
        self._fetched_at = 0.0
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> Any | None:
        """Give a key; None if the issuer has none of that id. Raises IssuerAway.

        A token without an id is checked with the only key of an issuer that has but one.
        """
        now = self._clock()
        if self._found is None or now - self._fetched_at > STALE_SECONDS:
            await self._fetch_once(now)
        elif now - self._fetched_at > FRESH_SECONDS and self._may_try(now):
            self._refresh(now)
        key = self._known(kid)
        if key is None and kid is not None and self._may_try(self._clock()):
            # The issuer may have begun to sign with another key just now.
            await self._fetch_once(self._clock())
            key = self._known(kid)
        if self._found is None or self._clock() - self._fetched_at > STALE_SECONDS:
            raise IssuerAway(value=self._issuer.issuer)
        return key

    def _known(self, kid: str | None) -> Any | None:
        """Give a key that was fetched."""
        found = self._found or {}
        if kid is not None:
            return found.get(kid)
        return next(iter(found.values())) if len(found) == 1 else None

    def _may_try(self, now: float) -> bool:
        """Tell whether the issuer may be asked again."""
        return self._tried_at is None or now - self._tried_at >= AGAIN_SECONDS

    def _refresh(self, now: float) -> None:
        """Look again, and let nobody wait for it."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._fetch_once(now))

    async def _fetch_once(self, asked_at: float) -> None:
        """Fetch the keys for all who wait; keep those there are if they cannot be had."""
        async with self._lock:
            if not self._may_try(asked_at):
                return
            self._tried_at = self._clock()
            try:
                self._found = await self._fetched()
                self._fetched_at = self._clock()
            except (OSError, httpx2.HTTPError, httpx2.InvalidURL, Unreadable, Malformed) as error:
                _log.warning("keys of %s: %s", self._issuer.issuer, error)

    async def _fetched(self) -> Mapping[str | None, Any]:
        """Read the keys from where they are. Raises OSError, HTTPError, Unreadable, Malformed."""
        place = self._issuer.jwks
        if place is not None and "://" not in place:
            return read_keys(await asyncio.to_thread(_read, place))
        async with httpx2.AsyncClient(
            timeout=_ANSWER_SECONDS, follow_redirects=False, trust_env=False
        ) as http:
            if place is None:
                place = await self._discovered(http)
            return read_keys(await _body(http, place))

    async def _discovered(self, http: httpx2.AsyncClient) -> str:
        """Ask the issuer where its keys are. Source: OpenID Connect Discovery 1.0, section 4."""
        told = _json(await _body(http, self._issuer.issuer.rstrip("/") + _DISCOVERY))
        if told.get("issuer") != self._issuer.issuer:
            message = f"the discovery document is of {told.get('issuer')!r}"
            raise Unreadable(message)
        return safe_address(str(told.get("jwks_uri")))

    async def close(self) -> None:
        """End what runs beside."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)


def read_keys(data: bytes) -> Mapping[str | None, Any]:
    """Read a JSON Web Key Set, of it the public keys that sign. Raises Unreadable."""
    listed = _json(data).get("keys")
    if not isinstance(listed, list):
        message = "there is no list of keys"
        raise Unreadable(message)
    found: dict[str | None, Any] = {}
    for each in listed:
        if not isinstance(each, dict) or each.get("kty") not in _TYPES or each.get("use") == "enc":
            continue
        try:
            [key] = KeySet.import_key_set({"keys": [each]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            # One key of a kind that nobody here knows must not hide the others.
            continue
        found[each.get("kid")] = key
    return found


def _read(place: str) -> bytes:
    """Read a file of keys. Raises OSError."""
    return Path(place).expanduser().read_bytes()


async def _body(http: httpx2.AsyncClient, address: str) -> bytes:
    """Read an answer within bounds. Raises HTTPError and Unreadable."""
    async with http.stream("GET", address) as answer:
        if answer.status_code != httpx2.codes.OK:
            message = f"{address} answered {answer.status_code}"
            raise Unreadable(message)
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > _LARGEST:
                message = f"{address} answered too much"
                raise Unreadable(message)
    return body


def _json(data: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises Unreadable."""
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(told, dict):
        message = "that is no JSON object"
        raise Unreadable(message)
    return told
