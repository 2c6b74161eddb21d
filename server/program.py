"""Put the `lifecycle` command line together, and report what went wrong in one line."""

import os
import sys
from typing import Annotated

import psycopg
import typer
from rich.markup import escape

from domain.errors import LedgerError
from ledger.collection import collect_rarely
from server.commands import (
    attestation,
    batches,
    export,
    log,
    quarantine,
    registers,
    tokens,
    webhooks,
)
from server.commands.append import append
from server.commands.approvals import approve, erase
from server.commands.backups import backup, restore
from server.commands.bench import bench
from server.commands.bundle import bundle
from server.commands.demo import demo
from server.commands.diff import diff
from server.commands.history import history
from server.commands.replay import replay
from server.commands.schema import schema
from server.commands.serving import serve
from server.commands.state import rebuild, status
from server.commands.verify import verify
from server.commands.witness import witness
from server.condition import VERSION
from server.terminal import REFUSED, err

DEBUG = "LIFECYCLE_DEBUG"

program = typer.Typer(
    help="The ledger of what was promised and what was delivered, project by project.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    demo,
    serve,
    append,
    history,
    diff,
    replay,
    status,
    rebuild,
    bench,
    schema,
    verify,
    backup,
    restore,
    bundle,
    witness,
    approve,
    erase,
)
for command in COMMANDS:
    program.command()(command)
program.add_typer(tokens.commands, name="token")
program.add_typer(attestation.commands, name="attestation")
program.add_typer(log.commands, name="ledger")
program.add_typer(registers.commands, name="register")
program.add_typer(quarantine.commands, name="quarantine")
program.add_typer(batches.commands, name="batch")
program.add_typer(export.commands, name="export")
program.add_typer(webhooks.commands, name="webhook")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@program.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Ask for help on each command with --help; Chinese text is welcome everywhere."""


def run() -> None:
    """Run the command that the arguments name, and end with its exit code."""
    collect_rarely()
    try:
        program()
    except LedgerError as error:
        cure = "" if error.cure in str(error) else error.cure
        _fail(f"{error} ({error.code}) {cure}")
    except psycopg.OperationalError as error:
        _fail(f"The database failed: {' '.join(str(error).split())}")
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(REFUSED)
    except Exception as error:
        # A fault of ours: one line for people, all of it for whoever asks.
        if os.environ.get(DEBUG):
            raise
        _fail(f"Unexpected {type(error).__name__}: {error}. Set {DEBUG}=1 to see where.")


def _fail(message: str) -> None:
    """Say what went wrong in one line and end."""
    err.print(f"[red]error:[/red] {escape(' '.join(message.split()))}")
    sys.exit(REFUSED)
