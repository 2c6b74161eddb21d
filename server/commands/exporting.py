"""What the commands of `lifecycle export` have in common: their options and their work."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.errors import Malformed
from server.database import database
from server.exports.desk import STDOUT, Desk, Done, at_desk, poured, tables_for
from server.exports.options import MOST_ROWS, regions_of, said, times_of, variable
from server.exports.package_pages import UNNAMED
from server.exports.packages import Package, Publishing
from server.exports.projects import Portfolio
from server.exports.refusals import translated
from server.exports.tables import Wanted
from server.exports.writing import TableFile, streamed
from server.settings import Settings, from_environment
from server.terminal import err, print_json


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


def write_package(
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
    said("project", project)
    regions = regions_of(",".join(region) if region else None)
    settings = from_environment(data=data)

    async def work(desk: Desk) -> Done:
        with translated():
            portfolio = Portfolio(
                desk.engine, desk.request, with_origin(wanted, desk), regions, project
            )
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

    over_ledger(work, data, Language.ZH, as_json=as_json)


def write_table(
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
    variables = variables_in(var)

    async def work(desk: Desk) -> Done:
        [table] = tables_for(
            desk,
            name,
            with_origin(wanted, desk),
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

    over_ledger(work, data, Language.ZH, as_json=as_json)


def over_ledger(
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


def wanted_for(
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


def with_origin(wanted: Wanted, desk: Desk) -> Wanted:
    """Add the name of the ledger."""
    return Wanted(wanted.times, wanted.limit, wanted.names, desk.origin)


def variables_in(given: list[str] | None) -> Mapping[str, Any]:
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
