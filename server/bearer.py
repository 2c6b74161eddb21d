"""Find out who is calling from the bearer token of a request, and let in who may come in."""

from typing import Any

import psycopg
from api.errors import AWAY, UNAUTHENTICATED, UNAVAILABLE
from api.exchange import language_of
from api.wording import worded
from psycopg_pool import PoolTimeout
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import LedgerError
from intake.grant import Grant, Right
from ledger.unavailable import Unavailable
from server.house import House
from server.loopback import is_loopback
from server.problems import RETRY_AFTER, problem, unavailable
from server.settings import Settings

ALWAYS_OPEN = frozenset({("GET", "/health"), ("POST", "/events"), ("POST", "/registers")})
"""What looks after itself: health tells no facts, deliveries need a token anyway."""
_AWAY = (psycopg.Error, PoolTimeout, Unavailable)
_GRANT = "lifecycle.grant"


async def granted(request: HTTPConnection, secret: str | None = None) -> Grant | None:
    """Give what the caller may do now; None without a token, or with one that is not valid.

    A token that came another way than in the headers is given beside them. Raises Unavailable while
    nobody can tell.
    """
    secret = secret or secret_of(request)
    if secret is None:
        return None
    house: House = request.app.state.house
    return await house.recognition.grant(secret)


def admitted_grant(request: HTTPConnection) -> Grant | None:
    """Give what the caller who was let in may do; None for anybody, who sent no token."""
    grant: Grant | None = request.scope.get(_GRANT)
    return grant


def secret_of(request: HTTPConnection) -> str | None:
    """Give the bearer token that a request carries."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return (secret.strip() or None) if scheme.lower() == "bearer" else None


def unauthorized(path: str = "", language: str = "en") -> Response:
    """Answer that a valid token is needed, at the path of GraphQL as its clients read it."""
    cure = "Send a valid token: Authorization: Bearer <token>."
    answer: dict[str, Any] = {"code": "unauthorized", "field": "authorization", "cure": cure}
    if path == "/graphql":
        answer["errors"] = [
            {"message": worded(cure, language), "extensions": {"code": UNAUTHENTICATED}}
        ]
    return JSONResponse(answer, 401, headers={"WWW-Authenticate": "Bearer"})


def away(request: HTTPConnection, error: Exception) -> Response:
    """Answer that nobody can tell who calls, at the path of GraphQL as its clients read it."""
    answer = unavailable(error)
    if request.scope["path"] != "/graphql":
        return answer
    why = worded(AWAY, _language(request))
    if isinstance(error, LedgerError):
        why = f"{error} {error.cure}"
    told = {"message": why, "extensions": {"code": UNAVAILABLE}}
    return JSONResponse({"errors": [told]}, answer.status_code, headers=RETRY_AFTER)


def refused_whole(request: HTTPConnection, action: str) -> Response | None:
    """Refuse who is limited to regions what belongs to no region; None for everybody else."""
    grant = admitted_grant(request)
    if grant is None or grant.reach is None:
        return None
    house: House = request.app.state.house
    house.denials.note(action, "forbidden", grant)
    cure = "This is about the whole ledger; use a token without regions."
    return problem(403, "forbidden", cure, field="authorization")


class OpenOnLoopbackOnly:
    """Let everybody on this machine read; elsewhere reading needs a token that may.

    Whoever sends a token is held to it, also on this machine: one that is not valid opens nothing,
    and one that is limited shows no more than it may.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard an application that listens where the settings say."""
        self._app = app
        self._is_open = is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer that it needs a token."""
        if scope["type"] == "http" and _called(scope) not in ALWAYS_OPEN:
            refusal = await self._refusal(HTTPConnection(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refusal(self, request: HTTPConnection) -> Response | None:
        """Find out who calls; give the answer to who may not come in."""
        house: House = request.app.state.house
        method, path = _called(request.scope)
        try:
            grant = await granted(request)
        except _AWAY as error:
            return away(request, error)
        may_read = grant is not None and Right.READ in grant.rights
        if may_read or (self._is_open and (grant is not None or secret_of(request) is None)):
            request.scope[_GRANT] = grant
            return None
        house.denials.note("request", "unauthorized", grant, f"{method} {path}")
        return unauthorized(path, _language(request))


def _language(request: HTTPConnection) -> str:
    """Give the language in which GraphQL would answer."""
    return language_of(request.scope, dict(request.scope["headers"]))


def _called(scope: Scope) -> tuple[str, str]:
    """Give the method and path of a request; who asks for headers only asks for the same."""
    return scope["method"].replace("HEAD", "GET"), scope["path"]
