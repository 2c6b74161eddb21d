"""`lifecycle export`: hand out what is known as tables, workbooks and packages, as files."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from api.read_model import table_names

from server.commands.exporting import (
    Address,
    Field,
    Known,
    KnownPosition,
    Lang,
    Language,
    Limit,
    Name,
    NoNames,
    On,
    Out,
    Project,
    Region,
    Rows,
    Variable,
    over_ledger,
    variables_in,
    wanted_for,
    with_origin,
    write_package,
    write_table,
)
from server.exports.asked import TABLE_FORMS, judged
from server.exports.catalogue import READ, operations
from server.exports.csv_file import CsvFile
from server.exports.desk import STDOUT, Desk, Done, bound, poured, tables_for
from server.exports.meeting import Meeting, meeting_tables
from server.exports.ocel.log import EventLog
from server.exports.options import period_of, regions_of, said
from server.exports.parquet_file import ParquetFile
from server.exports.projects import Portfolio
from server.exports.refusals import translated
from server.terminal import AsJson, Data, print_json, print_table

commands = typer.Typer(
    help="Hand out what is known: tables, workbooks, OC4IDS packages, event logs.",
    no_args_is_help=True,
)


@commands.command("list")
def list_(*, as_json: AsJson = False) -> None:
    """List the operations and read models that can be exported."""
    models = [f"{READ}{name}" for name in table_names()]
    if as_json:
        found = [{"name": n, "title": {"en": w.en, "zh": w.zh}} for n, w in operations().items()]
        print_json({"formats": TABLE_FORMS, "operations": found, "read_models": models})
        return
    print_table(
        "Operations", ("name", "title", "名称"), [(n, w.en, w.zh) for n, w in operations().items()]
    )
    print_table("Read models", ("name",), [(name,) for name in models])


@commands.command()
def csv(
    *,
    name: Name,
    out: Out = STDOUT,
    var: Variable = None,
    field: Field = None,
    rows: Rows = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    limit: Limit = None,
    bom: Annotated[bool, typer.Option("--bom", help="Let Excel know that it is UTF-8.")] = False,
    guard: Annotated[
        bool, typer.Option("--guard", help="Keep spreadsheets from taking texts for formulas.")
    ] = False,
    no_names: NoNames = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write an operation or a read model as CSV (RFC 4180)."""
    wanted = wanted_for(known, known_position, on, limit=limit, names=not no_names)
    file = CsvFile(bom=bom, guarded=guard)
    write_table(file, (name, var, field, rows), wanted, out=out, data=data, as_json=as_json)


@commands.command()
def parquet(
    *,
    name: Name,
    out: Out,
    var: Variable = None,
    field: Field = None,
    rows: Rows = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    limit: Limit = None,
    no_names: NoNames = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write an operation or a read model as Parquet, with its types and clocks."""
    wanted = wanted_for(known, known_position, on, limit=limit, names=not no_names)
    asked = (name, var, field, rows)
    write_table(ParquetFile(), asked, wanted, out=out, data=data, as_json=as_json)


@commands.command()
def xlsx(
    *,
    name: Name,
    out: Out,
    var: Variable = None,
    field: Field = None,
    rows: Rows = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    limit: Limit = None,
    lang: Lang = Language.ZH,
    no_names: NoNames = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write an operation or a read model as an Excel workbook, a sheet a field."""
    wanted = wanted_for(known, known_position, on, limit=limit, names=not no_names)
    variables = variables_in(var)

    async def work(desk: Desk) -> Done:
        own = with_origin(wanted, desk)
        tables = tables_for(
            desk, name, own, variables=variables, key=field, rows=rows, several=True
        )
        return await bound(desk, out, tables, name)

    over_ledger(work, data, lang, as_json=as_json)


@commands.command()
def meeting(
    *,
    out: Out,
    region: Region = None,
    year: Annotated[
        int | None, typer.Option(min=1900, max=2200, help="Default: that of --on.")
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="The round of the ranking. Default: the last quarter.")
    ] = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    lang: Lang = Language.ZH,
    no_names: NoNames = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write the workbook for the standing meeting: board, overdue nodes, funnel, ranking …."""
    wanted = wanted_for(known, known_position, on, names=not no_names)
    regions, round_ = regions_of(",".join(region) if region else None), period_of(period)

    async def work(desk: Desk) -> Done:
        own = with_origin(wanted, desk)
        about = Meeting(judged(own, datetime.now(UTC)), regions, year, round_)
        with translated():
            tables = meeting_tables(desk.engine, desk.request, about, own)
        return await bound(desk, out, tables, "meeting")

    over_ledger(work, data, lang, as_json=as_json)


@commands.command()
def oc4ids(
    *,
    out: Out = STDOUT,
    region: Region = None,
    project: Project = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    address: Address = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write projects as an OC4IDS 0.9.5 project package."""
    wanted = wanted_for(known, known_position, on, names=False)
    asked = (region, project, address)
    write_package("projects", "oc4ids", asked, wanted, out=out, data=data, as_json=as_json)


@commands.command()
def releases(
    *,
    out: Out = STDOUT,
    region: Region = None,
    project: Project = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    address: Address = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write the life of projects as releases; merged, they give the OC4IDS projects."""
    wanted = wanted_for(known, known_position, on, names=False)
    asked = (region, project, address)
    write_package("releases", "releases", asked, wanted, out=out, data=data, as_json=as_json)


@commands.command()
def ocel(
    *,
    out: Out = STDOUT,
    region: Region = None,
    project: Project = None,
    known: Known = None,
    known_position: KnownPosition = None,
    on: On = None,
    names: Annotated[
        bool, typer.Option("--names", help="Tell names of officers; the ledger records it.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write facts as an object-centric event log, OCEL 2.0 in JSON, for process mining."""
    wanted = wanted_for(known, known_position, on, names=names)
    said("project", project)
    regions = regions_of(",".join(region) if region else None)

    async def work(desk: Desk) -> Done:
        with translated():
            portfolio = Portfolio(
                desk.engine, desk.request, with_origin(wanted, desk), regions, project
            )
        is_whole = not regions and project is None
        log = EventLog(portfolio, with_names=names, is_whole=is_whole)
        return await poured(
            desk,
            out,
            log.pieces(),
            about=lambda: log.about("OCEL"),
            names=lambda: log.names,
            called=("json", "ocel"),
        )

    over_ledger(work, data, Language.ZH, as_json=as_json)
