"""Put the `lifecycle` command line together, and report what went wrong in one line."""

import os
import sys
from codecs import lookup
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated

import typer

from ledger.collection import collect_rarely
from server.commands.directory import DIRECTORY, OnlyTheCalled
from server.version import VERSION

program = typer.Typer(
    cls=OnlyTheCalled,
    help="The ledger of what was promised and what was delivered, project by project.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _listed() -> None:
    """Stand in the list for a command that is not imported until it is called."""


for name, entry in DIRECTORY.items():
    program.command(name, help=entry.line)(_listed)


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


def _stand_in_for_closed_streams() -> None:
    """Let what nobody wants to read go nowhere, and read nothing from where nothing comes.

    A service may close its streams. A closed one is None, and the next file that is opened would
    get its number.
    """
    if sys.stdin is None:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = os.fdopen(0, encoding="utf-8")
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8"))


def _take_every_letter() -> None:
    """Let the outputs take what is said in Chinese, whatever the locale knows of letters.

    Where it knows only ASCII it was not chosen but left out; elsewhere what it lacks is escaped.
    """
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, TextIOWrapper):
            if lookup(output.encoding).name == "ascii":
                output.reconfigure(encoding="utf-8")
            output.reconfigure(errors="backslashreplace")


def run() -> None:
    """Run the command that the arguments name, and end with its exit code."""
    collect_rarely()
    _stand_in_for_closed_streams()
    _take_every_letter()
    try:
        program()
    except Exception as error:
        # Knows the failures of the database too, which is why it is imported only now.
        failures = import_module("server.failures")
        if failures.is_shown_whole(error):
            raise
        failures.end_with(error)
