"""`lifecycle register`: draft a mapping, try a register, send it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from intake.registers.draft_mapping import draft as drafted
from intake.registers.library import mapping_or_file, texts
from intake.registers.report import Report
from server.database import database
from server.house import opened
from server.operator import OPERATOR
from server.reading import Reading
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import REFUSED, AsJson, Data, out, print_json, print_table

SHOWN = 30

commands = typer.Typer(
    help="Registers (台账): workbooks and CSV files of many projects.", no_args_is_help=True
)

File = Annotated[
    Path,
    typer.Argument(exists=True, dir_okay=False, help="A workbook (xlsx, xls, ods) or a CSV file."),
]
MappingName = Annotated[
    str, typer.Option("--mapping", "-m", help="A ready mapping, or a TOML file of your own.")
]
Year = Annotated[int | None, typer.Option(help="The year of dates such as 6月11日.")]
Month = Annotated[str | None, typer.Option(help="The month reported, as 2024-06.")]
Faults = Annotated[
    Path | None,
    typer.Option(
        dir_okay=False, help="Write the faulty rows here as a workbook, each fault in its cell."
    ),
]


@commands.command()
def mappings(*, show: Annotated[str | None, typer.Argument(help="Show this one.")] = None) -> None:
    """List the ready mappings, or show one."""
    if show is not None:
        mapping_or_file(show)
        typer.echo(texts().get(show, ""), nl=False)
        return
    rows = [(name, mapping_or_file(name).title, mapping_or_file(name).system) for name in texts()]
    print_table("Mappings", ("name", "title", "system"), rows)


@commands.command()
def draft(*, file: File) -> None:
    """Write a first mapping for a file to stdout, from its header."""
    typer.echo(drafted(file), nl=False)


@commands.command()
def check(
    *,
    file: File,
    mapping: MappingName,
    year: Year = None,
    month: Month = None,
    faults: Faults = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say what would become of each row, taking nothing in. Ends with code 1 if some are faulty."""
    _refuse_place(faults, file)
    given = {"year": year, "month": month}
    read = Reading(file, file.name, mapping_or_file(mapping), given, faults, dry_run=True)
    _finish(_read(read, data), faults, as_json=as_json)


@commands.command()
def send(
    *,
    file: File,
    mapping: MappingName,
    year: Year = None,
    month: Month = None,
    faults: Faults = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take a register in; a corrected file sent again corrects and doubles nothing.

    Ends with code 1 if some rows are faulty; the others are taken in all the same.
    """
    _refuse_place(faults, file)
    given = {"year": year, "month": month}
    read = Reading(file, file.name, mapping_or_file(mapping), given, faults)
    _finish(_read(read, data), faults, as_json=as_json)


def _refuse_place(faults: Path | None, file: Path) -> None:
    """Refuse, before anything is taken in, a place where faulty rows cannot or must not lie."""
    if faults is None:
        return
    if faults.exists() and faults.samefile(file):
        message = f"{faults} is the register itself; name another file."
    elif not os.access(faults.absolute().parent, os.W_OK):
        message = f"There is no folder {faults.absolute().parent} to write to; name another one."
    else:
        return
    raise typer.BadParameter(message, param_hint="--faults")


def _read(reading: Reading, data: Path | None) -> Report:
    """Read a register over the ledger of this machine."""

    async def read(settings: Settings, conninfo: str) -> Report:
        async with opened(settings, conninfo) as house:
            return await reading.over(house, OPERATOR)

    settings = from_environment(data=data)
    with database(settings, may_begin=True) as conninfo:
        return run(read(settings, conninfo))


def _finish(report: Report, faults: Path | None, *, as_json: bool) -> None:
    """Show a report, and end as it went."""
    if as_json:
        print_json(report.as_json())
    else:
        _show(report, faults)
    if report.faulty_rows:
        raise typer.Exit(REFUSED)


def _show(report: Report, faults: Path | None) -> None:
    """Write a report for a person."""
    if report.problems:
        shown = report.problems[:SHOWN]
        columns = ("cell", "column", "code", "value", "cure")
        print_table("Faulty", columns, [[one[name] for name in columns] for one in shown])
    parts = [f"{count} {status.value}" for status, count in report.counts.items() if count]
    skipped = ", ".join(f"{count} {why}" for why, count in report.skipped.items())
    out.print(f"{report.file_name}: {report.rows} rows: {', '.join(parts) or 'none'}")
    if skipped:
        out.print(f"Passed over: {skipped}")
    if report.sheets_not_read:
        names = ", ".join(report.sheets_not_read)
        out.print(
            f"Only sheet {report.sheet} was read. The same columns are in: {names}."
            " For each of these, name it as `sheet` in a mapping.",
            markup=False,
        )
    if report.faulty_rows and faults is not None:
        out.print(f"The faulty rows are in {faults}; correct them there and send that file.")
    if report.dry_run:
        out.print("Nothing was taken in; `lifecycle register send` does that.")
    else:
        out.print(f"Batch {report.batch_id}")
