"""Answer only those who ask for this machine by one of its own names, while it listens to itself.

A page of another site may make its name point to this machine; then its visitor's browser takes the
ledger for a part of that site and lets the page read everything. Such requests carry that name.
"""

from functools import lru_cache
from ipaddress import ip_address

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.loopback import is_loopback
from server.settings import Settings

_MISDIRECTED = 421


class OwnNamesOnly:
    """Refuses requests for other hosts while only this machine is meant to ask."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard an application; `settings.names` are further names, as behind a proxy."""
        self._app = app
        self._is_guarding = is_loopback(settings.host)
        self._names = frozenset(settings.names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, or say that it came to the wrong place."""
        if scope["type"] in {"http", "websocket"} and self._is_guarding:
            name = _name_of(next((value for key, value in scope["headers"] if key == b"host"), b""))
            if not _is_own(name) and name not in self._names:
                await self._refuse(name, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refuse(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        refusal = {
            "code": "unknown_host",
            "field": "host",
            "value": name[:255],
            "cure": "Ask for 127.0.0.1 or localhost; LIFECYCLE_NAMES lists further names.",
        }
        await JSONResponse(refusal, _MISDIRECTED)(scope, receive, send)


@lru_cache(maxsize=256)
def _name_of(value: bytes) -> str:
    """Give the name without the port."""
    host = value.decode("latin-1")
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


@lru_cache(maxsize=256)
def _is_own(name: str) -> bool:
    """Tell whether a name can only mean this machine; without one no browser asks."""
    if not name or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
