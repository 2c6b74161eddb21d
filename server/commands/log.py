"""`lifecycle ledger`: sign, publish, and declare what happens to the ledger itself."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from ledger.export import export_log
from ledger.note import Note
from server import books, stamping, succession
from server.commands.verify import content
from server.database import database
from server.house import opened
from server.settings import Settings, from_environment
from server.signer import desk_of
from server.stopping import run
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


@commands.command("close-books")
def close_books(*, data: Data = None, as_json: AsJson = False) -> None:
    """Commit to what lies beside the events (tokens, receipts, quarantine) in events of their own.

    A running server does it once a day; `lifecycle verify` finds whatever was changed, removed or
    slipped in behind that.
    """

    async def closed(settings: Settings, conninfo: str) -> dict[str, int]:
        async with opened(settings, conninfo) as house:
            return await books.close_books(house)

    settings = from_environment(data=data)
    with database(settings) as conninfo:
        found = run(closed(settings, conninfo))
    if as_json:
        print_json({"closed": found})
    elif found:
        told = ", ".join(f"{rows} of {name}" for name, rows in found.items())
        out.print(f"Closed {told}")
    else:
        out.print("There is nothing new to close.")


@commands.command("rotate-key")
def rotate_key(
    *,
    reason: Annotated[str, typer.Option(help="Why; it is recorded.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let a new key sign from now on; the old one says so, in an event, and is thrown away."""

    async def rotate(settings: Settings, conninfo: str) -> str:
        async with opened(settings, conninfo) as house:
            signer = await succession.rotate_key(house, reason)
            return signer.verifier.text

    settings = from_environment(data=data)
    with database(settings) as conninfo:
        key = run(rotate(settings, conninfo))
    if as_json:
        print_json({"verifier_key": key})
    else:
        out.print(f"From now on this key signs; tell the auditors: {key}")


@commands.command("declare-incarnation")
def declare_incarnation(
    *,
    name: Annotated[str, typer.Argument(help="Its name, as after-restore-2024-07.")],
    reason: Annotated[str, typer.Option(help="What happened; it is recorded.")],
    previous: Annotated[
        Path | None,
        typer.Option(help="The last checkpoint signed before, if its file was lost."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """After a restore that the signer refuses: go on under a new origin, linked to the old one."""
    note = None if previous is None else Note.parse(content(previous))

    async def declare(settings: Settings, conninfo: str) -> dict[str, Any]:
        async with opened(settings, conninfo) as house:
            return await succession.declare_incarnation(house, name, reason, note)

    settings = from_environment(data=data)
    with database(settings) as conninfo:
        declared = run(declare(settings, conninfo))
    if as_json:
        print_json(declared)
    else:
        out.print(
            f"The ledger goes on as {declared['origin']} with {declared['resumed_size']} events;"
            f" {declared['previous_size']} had been signed as {declared['previous_origin']}"
        )


@commands.command()
def stamp(
    *,
    authority: Annotated[
        str, typer.Option(envvar="LIFECYCLE_TSA", help="The address of an RFC 3161 authority.")
    ],
    root: Annotated[
        Path,
        typer.Option(envvar="LIFECYCLE_TSA_ROOT", help="Its root certificate that you trust, PEM."),
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Have an outside authority stamp the present checkpoint, and record the token."""

    async def stamped(settings: Settings, conninfo: str) -> datetime:
        async with opened(settings, conninfo) as house:
            return await stamping.stamp(house, authority, root)

    settings = from_environment(data=data)
    with database(settings) as conninfo:
        at = run(stamped(settings, conninfo))
    if as_json:
        print_json({"stamped_at": at.isoformat(), "authority": authority})
    else:
        out.print(f"Stamped by {authority} at {at.isoformat()}")
