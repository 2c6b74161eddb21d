"""`lifecycle serve`: answer queries and take deliveries until stopped."""

from typing import Annotated

import psycopg
import typer
from rich.markup import escape

from ledger.person_names import trouble_with_names
from server.database import database
from server.serving import serve as serve_until_stopped
from server.settings import HIGHEST_PORT, Settings, from_environment
from server.terminal import AsJson, Data, err, print_json


def serve(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=HIGHEST_PORT, help="The port; 0 takes any. Default: LIFECYCLE_PORT, or 8000."
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            help="The address to listen on. Default: LIFECYCLE_HOST, or 127.0.0.1."
            " Off this machine, reading needs a token."
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Serve the ledger: GraphQL, deliveries, schemas and health.

    DATABASE_URL names an existing PostgreSQL; without it an embedded one is started. With --json
    the addresses are told on stdout as soon as callers may come.
    """
    settings = from_environment(data=data, host=host, port=port)
    with database(settings, may_begin=True) as conninfo:
        _warn(conninfo)
        serve_until_stopped(settings, conninfo, announce_as_json if as_json else announce)


def _warn(conninfo: str) -> None:
    """Say what does not keep the ledger from serving, but somebody should look into."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        trouble = trouble_with_names(connection)
    if trouble is not None:
        err.print(f"[yellow]Names:[/yellow] {escape(trouble)}")


def announce(settings: Settings) -> None:
    """Say where what is."""
    err.print(f"Ledger at {settings.address} (GraphQL: {settings.address}/graphql)")


def announce_as_json(settings: Settings) -> None:
    """Say where what is, for programs that start this one."""
    address = settings.address
    print_json({"address": address, "graphql": f"{address}/graphql", "events": f"{address}/events"})
