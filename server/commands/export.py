"""`lifecycle export`: hand out what is known as tables, workbooks and packages, as files."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from api.read_model import table_names

from domain.errors import Malformed
from server.database import database
from server.exports.asked import TABLE_FORMS, judged
from server.exports.catalogue import READ, operations
from server.exports.csv_file import CsvFile
from server.exports.desk import STDOUT, Desk, Done, at_desk, bound, poured, tables_for
from server.exports.meeting import Meeting, meeting_tables
from server.exports.ocel.log import EventLog
from server.exports.options import MOST_ROWS, period_of, regions_of, times_of, variable
from server.exports.package_pages import UNNAMED
from server.exports.packages import Package, Publishing
from server.exports.parquet_file import ParquetFile
from server.exports.projects import Portfolio
from server.exports.refusals import translated
from server.exports.tables import Wanted
from server.exports.writing import TableFile, streamed
from server.settings import Settings, from_environment
from server.terminal import AsJson, Data, err, print_json, print_table

commands = typer.Typer(
    help="Hand out what is known: tables, workbooks, OC4IDS packages, event logs.",
    no_args_is_help=True,
)


class Language(StrEnum):
    """The languages of words for people."""

    EN = "en"
    ZH = "zh"


Name = Annotated[
    str,
    typer.Argument(
        help="An operation, as overdue; a read model, as read.projects; or a file with a query."
        " `lifecycle export list` names them."
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The file to write; - means stdout.")]
Known = Annotated[
    str | None, typer.Option(help="As known then: a time, or a day up to its end. Default: now.")
]
KnownPosition = Annotated[
    int | None, typer.Option(min=0, help="The same as a position of the ledger.")
]
On = Annotated[str | None, typer.Option(help="Judge the world on this day.")]
Lang = Annotated[Language, typer.Option(help="The language of words for people.")]
Region = Annotated[
    list[str] | None,
    typer.Option(help="Only these districts, by code or its beginning; repeatable."),
]
Variable = Annotated[
    list[str] | None,
    typer.Option("--var", metavar="NAME=VALUE", help="A variable of the query; repeatable."),
]
Field = Annotated[str | None, typer.Option(help="The field of the query, if it asks for several.")]
Rows = Annotated[
    str | None, typer.Option(help="The list that becomes rows, as ranking.rows or permits.")
]
Limit = Annotated[int | None, typer.Option(min=1, max=MOST_ROWS, help="At most so many rows.")]
NoNames = Annotated[
    bool, typer.Option("--no-names", help="Leave cells empty that could hold names of persons.")
]
Project = Annotated[str | None, typer.Option(help="Only this project: its id, code:… or source:….")]
Address = Annotated[
    str | None,
    typer.Option(help="Where the ledger is served, for links. Default: the host and port."),
]


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
    wanted = _wanted(known, known_position, on, limit=limit, names=not no_names)
    file = CsvFile(bom=bom, guarded=guard)
    _table(file, (name, var, field, rows), wanted, out=out, data=data, as_json=as_json)


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
    wanted = _wanted(known, known_position, on, limit=limit, names=not no_names)
    asked = (name, var, field, rows)
    _table(ParquetFile(), asked, wanted, out=out, data=data, as_json=as_json)


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
    wanted = _wanted(known, known_position, on, limit=limit, names=not no_names)
    variables = _variables(var)

    async def work(desk: Desk) -> Done:
        own = _named(wanted, desk)
        tables = tables_for(
            desk, name, own, variables=variables, key=field, rows=rows, several=True
        )
        return await bound(desk, out, tables, name)

    _at_desk(work, data, lang, as_json=as_json)


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
    wanted = _wanted(known, known_position, on, names=not no_names)
    regions, round_ = regions_of(",".join(region or ())), period_of(period)

    async def work(desk: Desk) -> Done:
        own = _named(wanted, desk)
        about = Meeting(judged(own, datetime.now(UTC)), regions, year, round_)
        with translated():
            tables = meeting_tables(desk.engine, desk.request, about, own)
        return await bound(desk, out, tables, "meeting")

    _at_desk(work, data, lang, as_json=as_json)


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
    wanted = _wanted(known, known_position, on, names=False)
    asked = (region, project, address)
    _package("projects", "oc4ids", asked, wanted, out=out, data=data, as_json=as_json)


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
    wanted = _wanted(known, known_position, on, names=False)
    asked = (region, project, address)
    _package("releases", "releases", asked, wanted, out=out, data=data, as_json=as_json)


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
    wanted = _wanted(known, known_position, on, names=names)
    regions = regions_of(",".join(region or ()))

    async def work(desk: Desk) -> Done:
        with translated():
            portfolio = Portfolio(desk.engine, desk.request, _named(wanted, desk), regions, project)
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

    _at_desk(work, data, Language.ZH, as_json=as_json)


def _package(
    kind: str,
    name: str,
    asked: tuple[list[str] | None, str | None, str | None],
    wanted: Wanted,
    *,
    out: Path,
    data: Path | None,
    as_json: bool,
) -> None:
    """Write a package of one kind."""
    region, project, address = asked
    regions = regions_of(",".join(region or ()))
    settings = from_environment(data=data)

    async def work(desk: Desk) -> Done:
        with translated():
            portfolio = Portfolio(desk.engine, desk.request, _named(wanted, desk), regions, project)
        base = (address or settings.address).rstrip("/") + "/"
        publisher = settings.publisher or desk.origin or UNNAMED
        uri = f"{base}exports/{name}.json"
        publishing = Publishing(publisher, uri, base, settings.oc4ids_prefix)
        package = Package(portfolio, publishing, kind)
        return await poured(
            desk,
            out,
            package.pieces(),
            about=lambda: package.about(name),
            names=lambda: 0,
            called=("json", name),
        )

    _at_desk(work, data, Language.ZH, as_json=as_json)


def _table(
    file: TableFile,
    asked: tuple[str, list[str] | None, str | None, str | None],
    wanted: Wanted,
    *,
    out: Path,
    data: Path | None,
    as_json: bool,
) -> None:
    """Write one table."""
    name, var, field, rows = asked
    variables = _variables(var)

    async def work(desk: Desk) -> Done:
        [table] = tables_for(
            desk,
            name,
            _named(wanted, desk),
            variables=variables,
            key=field,
            rows=rows,
            several=False,
        )

        def names() -> int:
            return table.names if table.may_tell_names else 0

        return await poured(
            desk,
            out,
            streamed(table, file),
            about=table.about,
            names=names,
            called=(file.ending, name),
        )

    _at_desk(work, data, Language.ZH, as_json=as_json)


def _at_desk(
    work: Callable[[Desk], Awaitable[Done]], data: Path | None, lang: Language, *, as_json: bool
) -> None:
    """Work over the ledger of this machine and say what was written."""
    settings: Settings = from_environment(data=data)
    with database(settings) as conninfo:
        done = at_desk(settings, conninfo, lang.value, work)
    if done.target == STDOUT:
        return
    if as_json:
        print_json(done.as_json())
    else:
        told = f"{done.target}: {done.size} bytes; {done.abouts[0].line()}"
        err.print(told + (f"; {done.names} names, recorded" if done.names else ""), markup=False)


def _wanted(
    known: str | None,
    position: int | None,
    on: str | None,
    *,
    limit: int | None = None,
    names: bool = True,
) -> Wanted:
    """Read what all exports have in common. Raises Malformed."""
    at = None if position is None else str(position)
    return Wanted(times=times_of(known, at, on), limit=limit, names=names)


def _named(wanted: Wanted, desk: Desk) -> Wanted:
    """Add the name of the ledger."""
    return Wanted(wanted.times, wanted.limit, wanted.names, desk.origin)


def _variables(given: list[str] | None) -> Mapping[str, Any]:
    """Read variables: what is JSON is that value, everything else is a text. Raises Malformed."""
    found: dict[str, Any] = {}
    for each in given or ():
        name, sign, text = each.partition("=")
        if not sign or not name:
            raise Malformed(
                code="invalid_value", field="var", value=each, cure="Give it as NAME=VALUE."
            )
        found[name] = variable(text)
    return found
