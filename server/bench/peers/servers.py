"""Start the servers that are compared, each in a process of its own over the same database."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from domain.errors import LedgerError
from server.bench.peers.shapes import BARE, FINISHED, MERCURIUS, OURS, POSTGRAPHILE
from server.bench.peers.views import TABLES, VIEWS
from server.settings import CHECKOUT

FOLDER = CHECKOUT / "scripts" / "peers"
OURS_CACHED = "ours, cached"
_NODE = FOLDER / "node_modules" / "node" / "bin" / "node"
_PATIENCE_SECONDS = 60.0


class PeerMissing(LedgerError):
    """A peer does not start: {value}."""

    code = "peer_missing"
    cure = "Run ./scripts/bench-graphql, which installs the peers; it needs npm."


@contextmanager
def started(conninfo: str) -> Iterator[Mapping[str, int]]:
    """Give the port of every server by its name, for the length of a `with`."""
    url = address_of(conninfo)
    program = str(Path(sys.executable).with_name("lifecycle"))
    commands = {
        OURS: [program, "serve", "--port"],
        OURS_CACHED: [program, "serve", "--port"],
    }
    peers = {
        POSTGRAPHILE: [str(_NODE), "postgraphile.js", url],
        MERCURIUS: [str(_NODE), "mercurius.js", url],
        BARE: [sys.executable, "-m", "server.bench.peers.bare", conninfo],
    }
    commands |= {name: [*command, VIEWS] for name, command in peers.items()}
    commands |= {name: [*peers[peer], TABLES] for name, peer in FINISHED.items()}
    with ExitStack() as stack:
        ports = {}
        for name, command in commands.items():
            ports[name] = port = _free_port()
            environment = {
                "DATABASE_URL": url,
                "GRAPHILE_ENV": "production",
                "LIFECYCLE_LOG": "off",
            }
            if name == OURS:
                environment["LIFECYCLE_GRAPHQL_CACHE_MB"] = "0"
            stack.enter_context(_running([*command, str(port)], environment))
        for name, port in ports.items():
            _wait(name, port)
        yield ports


def address_of(conninfo: str) -> str:
    """Write a connection string as an address, which every library reads."""
    parts = conninfo_to_dict(conninfo)
    user = quote(str(parts.get("user") or "postgres"))
    rest = {key: str(parts[key]) for key in ("host", "port", "password") if parts.get(key)}
    return f"postgresql://{user}@/{quote(str(parts['dbname']))}?{urlencode(rest)}"


@contextmanager
def _running(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=FOLDER, env=os.environ | environment, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(name: str, port: int) -> None:
    """Wait until a server listens. Raises PeerMissing."""
    until = monotonic() + _PATIENCE_SECONDS
    while monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise PeerMissing(value=name)
