"""`lifecycle backup` and `lifecycle restore`: the whole ledger in one file, checked both ways."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.backup import back_up
from ledger.last_checkpoint import LastCheckpoint
from ledger.restore import restorable
from ledger.restore import restore as restore_ledger
from ledger.verification.signatures import Trust
from ledger.verification.verify import verify
from server.database import database
from server.settings import from_environment
from server.terminal import REFUSED, AsJson, Data, err, out, print_json, print_table, progress


def backup(
    *,
    file: Annotated[Path, typer.Argument(help="Where to; a file that is there is replaced.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write the whole ledger into one file, and read it back before it counts.

    Names of persons are locked under keys in the data folder, which no backup holds; keep that
    folder elsewhere too, with the signing key and the last checkpoint in it.
    """
    settings = from_environment(data=data)
    with database(settings) as conninfo, progress("Writing", "tables") as move:
        manifest = back_up(conninfo, file, move)
    if as_json:
        print_json({"file": str(file), "size": manifest.size, "root": manifest.root})
    else:
        out.print(f"{manifest.size} events are in {file}, root {manifest.root}")


def restore(
    *,
    file: Annotated[Path, typer.Argument(help="A file that `lifecycle backup` wrote.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty database and verify it; what is there is never overwritten.

    If more had been signed than the backup holds, the ledger refuses to sign until the new
    incarnation is declared. Ends with code 1 at any doubt.
    """
    settings = from_environment(data=data)
    manifest = restorable(file)
    with database(settings, may_begin=True, alone=True) as conninfo:
        with progress("Restoring", "tables") as move:
            restore_ledger(conninfo, file, manifest, move)
        with progress("Verifying") as move:
            found = verify(conninfo, move, Trust(last=LastCheckpoint(settings.last_checkpoint)))
    if as_json:
        print_json({"size": manifest.size, **found.as_json()})
    else:
        out.print(f"{manifest.size} events are restored, root {manifest.root}")
        rows = [(each.check, each.position, each.message) for each in found.findings.first]
        print_table("Found", ("check", "position", "message"), rows)
    if not found.ok:
        err.print("Look into these before the ledger is used; lifecycle status says if it signs.")
        raise typer.Exit(REFUSED)
