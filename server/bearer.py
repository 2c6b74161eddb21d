"""Find out who is calling from the bearer token of a request."""

from ipaddress import ip_address

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from intake.grant import Grant, Right
from server.house import House
from server.settings import Settings

ALWAYS_OPEN = frozenset({("GET", "/health"), ("POST", "/events"), ("POST", "/registers")})
"""What looks after itself: health tells no facts, deliveries need a token anyway."""


async def granted(request: HTTPConnection, secret: str | None = None) -> Grant | None:
    """Give what the caller may do; None without a token, or with one that is not valid.

    A token that came another way than in the headers is given beside them.
    """
    secret = secret or secret_of(request)
    if secret is None:
        return None
    house: House = request.app.state.house
    return await house.recognition.grant(secret)


def secret_of(request: HTTPConnection) -> str | None:
    """Give the bearer token that a request carries."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return (secret.strip() or None) if scheme.lower() == "bearer" else None


def unauthorized() -> Response:
    """Answer that a valid token is needed."""
    return JSONResponse(
        {
            "code": "unauthorized",
            "field": "authorization",
            "cure": "Send a valid token: Authorization: Bearer <token>.",
        },
        401,
        headers={"WWW-Authenticate": "Bearer"},
    )


class OpenOnLoopbackOnly:
    """Let everybody on this machine read; elsewhere reading needs a token that may."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard an application that listens where the settings say."""
        self._app = app
        self._is_open = is_loopback(settings.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or answer that it needs a token."""
        if scope["type"] == "http" and not self._is_open and _called(scope) not in ALWAYS_OPEN:
            grant = await granted(HTTPConnection(scope))
            if grant is None or Right.READ not in grant.rights:
                await unauthorized()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _called(scope: Scope) -> tuple[str, str]:
    """Give the method and path of a request; who asks for headers only asks for the same."""
    return scope["method"].replace("HEAD", "GET"), scope["path"]


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
