"""Serve the web application until told to stop."""

import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from domain.errors import Conflict, Refused
from ledger.collection import collect_never_again
from server.app import application
from server.front import FrontDoor
from server.issuers.issuer import issuers_in
from server.request_log import wanted_from_environment
from server.settings import Settings
from server.stopping import Stopped
from server.witnesses import policy_in

GRACE_SECONDS = 5
_OF_THE_PORT = frozenset({errno.EADDRINUSE, errno.EACCES})


class PortTaken(Conflict):
    """Nothing can listen on {value}: {reason}."""

    code = "port_taken"
    cure = "Choose another port with --port N; 0 takes any that is free."


class UnusableAddress(Refused):
    """Nothing can listen on {value}: {reason}."""

    code = "unusable_address"
    field = "host"
    cure = "Give an address of this machine with LIFECYCLE_HOST or `lifecycle serve --host`."


class PatientServer(uvicorn.Server):
    """A server that ends in order however often it is told to; it does not take long anyway."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end at the first signal; a second one would cut the cleaning up short."""
        if not self.should_exit:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and look for no garbage in what stays as long as the server does."""
        await super().startup(sockets)
        collect_never_again()


class _LedgerServer(PatientServer):
    """One that is followed."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Send followers away first, who would stay for ever; they go on where they stopped."""
        app = self.config.app
        assert isinstance(app, Starlette)
        app.state.served.following.leave()
        await super().shutdown(sockets)


def serve(settings: Settings, conninfo: str, announce: Callable[[Settings], None]) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is told the address.

    Raises PortTaken, UnusableAddress, BadWitnesses, BadIssuers and Malformed.
    """
    # What the settings get wrong is told before anything listens.
    wanted_from_environment()
    issuers_in(settings.issuers)
    policy_in(settings.witnesses)
    with listening(settings.host, settings.port) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        server = _LedgerServer(
            uvicorn.Config(
                application(settings, conninfo),
                http=FrontDoor,
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        announce(settings)
        # uvicorn shuts down in order at a signal and then raises it again, which ends our work.
        with suppress(Stopped):
            server.run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """Take the port; from here on callers wait instead of being refused.

    Raises PortTaken and UnusableAddress.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        kind = PortTaken if error.errno in _OF_THE_PORT else UnusableAddress
        raise kind(value=f"{host}:{port}", reason=error.strerror) from error
    return listener
