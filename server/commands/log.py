"""`lifecycle ledger`: sign, publish, and declare what happens to the ledger itself."""

from pathlib import Path
from typing import Annotated

import psycopg
import typer

from ledger.export import export_log
from server.database import database
from server.settings import from_environment
from server.signer import desk_of
from server.terminal import AsJson, Data, out, print_json, progress

commands = typer.Typer(
    help="Sign and publish the ledger, and declare what happens to it.", no_args_is_help=True
)


@commands.command()
def sign(*, data: Data = None, as_json: AsJson = False) -> None:
    """Sign the present head now, and show the checkpoint; a running server does it by itself."""
    settings = from_environment(data=data)
    desk = desk_of(settings)
    with (
        database(settings) as conninfo,
        psycopg.connect(conninfo, autocommit=True) as connection,
    ):
        desk.sign(connection)
    note = desk.last.read()
    written = "" if note is None else note.written
    if as_json:
        print_json({"checkpoint": written or None})
    else:
        out.print(written or "The ledger is empty; there is nothing to sign.", end="")


@commands.command()
def export(
    *,
    folder: Annotated[Path, typer.Argument(help="Where to; files that are there must be equal.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write checkpoint, tiles and entries as files, for anybody to serve or keep."""
    with (
        database(from_environment(data=data)) as conninfo,
        psycopg.connect(conninfo, autocommit=True) as connection,
        progress("Exporting", "tiles") as move,
    ):
        size = export_log(connection, folder, move)
    if as_json:
        print_json({"folder": str(folder), "size": size})
    else:
        out.print(f"{size} events are published in {folder}")
