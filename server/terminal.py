"""Talk to a person at a terminal and to programs: results on stdout, everything else on stderr."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from domain.flexdate import BEIJING
from domain.words import Language

WIDE = 160
"""Columns when nobody looks: the output goes into a file or another program."""

out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, soft_wrap=True, highlight=False)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="The folder of the embedded database. Default: LIFECYCLE_DATA, or ./data."
    ),
]
Spoken = Annotated[
    Language, typer.Option("--language", help="The language of texts for people: zh or en.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]

REFUSED = 1
"""Exit code: something was refused or failed."""

UNWRITTEN = 74
"""Exit code: the output could not be written; what was done stays done (EX_IOERR)."""


def print_json(value: Any) -> None:
    """Write a value as JSON, indented, as UTF-8 whatever letters the terminal knows."""
    text = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    typer.echo(text)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows as a table; an empty one as a sentence."""
    if not rows:
        out.print(f"{title}: none")
        return
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(shown(value)) for value in row))
    out.print(table)


def shown(value: object) -> str:
    """Write a value for a person; times in Beijing, objects as JSON, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        # As JSON, so that it can be corrected and given back.
        return orjson.dumps(value, default=str).decode()
    return str(value)


@contextmanager
def progress(what: str, unit: str = "events") -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr for the length of a `with`; give the function that moves it."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield move
