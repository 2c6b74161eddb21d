"""Check JSON Web Tokens, and tell what their holders may do.

Source: RFC 7519 and RFC 8725. The algorithm is never the token's choice: it must be one of those
the issuer is known to use, and fit the key; there is no key that is shared.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import (
    ExpiredTokenError,
    InvalidClaimError,
    JoseError,
    MissingClaimError,
)

from intake.denials import Denials
from intake.grant import Grant
from ledger.clock import utc_now
from server.issuers.claims import grant_from
from server.issuers.issuer import Issuer
from server.issuers.keys import Keys

LONGEST: Final = 16 * 1024
_PARTS: Final = 3
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})


class Disbelieved(Exception):
    """A token is not believed; why is for those who run the ledger, not for who sent it."""

    def __init__(self, *, code: str, issuer: str | None = None) -> None:
        """Carry the reason, and the issuer that the token names."""
        super().__init__(code)
        self.code = code
        self.issuer = issuer


class Issuers:
    """Those who are trusted to say who somebody is."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        denials: Denials,
        now: Callable[[], int] = lambda: int(utc_now().timestamp()),
    ) -> None:
        """Trust issuers; why a token was not believed is noted, for those who run the ledger."""
        self._issuers = {each.issuer: (each, Keys(each)) for each in issuers}
        self._denials = denials
        self._now = now

    def concerns(self, secret: str) -> bool:
        """Tell whether a token may be one of theirs, by its form alone."""
        return bool(self._issuers) and secret.count(".") == _PARTS - 1 and secret.startswith("ey")

    async def grant(self, secret: str) -> Grant | None:
        """Give what a token allows; None if it is not to be believed. Raises IssuerAway."""
        try:
            return await self._believed(secret)
        except Disbelieved as reason:
            self._denials.note("token", reason.code, None, reason.issuer)
            return None

    async def _believed(self, secret: str) -> Grant:
        """Give what a token allows. Raises Disbelieved and IssuerAway."""
        named = _unproved(secret, 1).get("iss") if len(secret) <= LONGEST else None
        known = self._issuers.get(named) if isinstance(named, str) else None
        if known is None:
            raise Disbelieved(code="unknown_issuer")
        issuer, keys = known
        header = _unproved(secret, 0)
        kid = header.get("kid")
        if not isinstance(kid, str | None) or not _is_token(header):
            raise Disbelieved(code="bad_header", issuer=issuer.name)
        if header.get("alg") not in issuer.algorithms:
            raise Disbelieved(code="algorithm_not_accepted", issuer=issuer.name)
        key = await keys.key(kid)
        if key is None:
            raise Disbelieved(code="unknown_key", issuer=issuer.name)
        grant = grant_from(issuer, self._proved(secret, issuer, key))
        if grant is None:
            raise Disbelieved(code="nobody", issuer=issuer.name)
        return grant

    def _proved(self, secret: str, issuer: Issuer, key: Any) -> dict[str, Any]:
        """Check signature and claims of a token with a key. Raises Disbelieved."""
        rules = jwt.JWTClaimsRegistry(
            now=self._now,
            leeway=issuer.clock_skew_seconds,
            iss={"essential": True, "value": issuer.issuer},
            aud={"essential": True, "values": list(issuer.audience)},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(secret, key, algorithms=list(issuer.algorithms)).claims
            rules.validate(claims)
        except ExpiredTokenError as error:
            raise Disbelieved(code="expired", issuer=issuer.name) from error
        except (MissingClaimError, InvalidClaimError) as error:
            raise Disbelieved(code=f"wrong_{error.claim}", issuer=issuer.name) from error
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Disbelieved(code="bad_signature", issuer=issuer.name) from error
        return claims

    async def close(self) -> None:
        """End what runs beside."""
        for _, keys in self._issuers.values():
            await keys.close()


def _is_token(header: dict[str, Any]) -> bool:
    """Tell whether a header is that of a token for access, and asks for nothing unheard of."""
    kind = header.get("typ", "JWT")
    return isinstance(kind, str) and kind.lower() in _TYPES and "crit" not in header


def _unproved(secret: str, part: int) -> dict[str, Any]:
    """Read what a token says before anything of it is proved; nothing if it cannot be read."""
    text = secret.split(".")[part]
    try:
        told = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, UnicodeEncodeError):
        return {}
    return told if isinstance(told, dict) else {}
