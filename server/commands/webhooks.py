"""`lifecycle webhook`: tell other systems of events over HTTP, and see what they did not take."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from psycopg import AsyncConnection

from domain.kinds import kind_of
from ledger.clock import utc_now
from server import webhooks
from server.database import database
from server.exports.options import regions_of, said
from server.settings import from_environment
from server.stopping import run
from server.terminal import AsJson, Data, err, out, print_json, print_table
from server.topics import TOPICS

T = TypeVar("T")

commands = typer.Typer(help="Tell other systems of events over HTTP.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Its name or id.")]


@commands.command()
def add(
    *,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    url: Annotated[str, typer.Argument(help="Where to post; https, or http on this machine.")],
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind; repeatable.")] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Only this district or its beginning; repeatable.")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="Only this stream, as project/<id>.")] = None,
    source: Annotated[str | None, typer.Option(help="Only from this system.")] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(help=f"No events, but changes: {', '.join(TOPICS)}; repeatable."),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="Begin after this position, or this change. Default: what comes."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a webhook; the secret of its signatures is shown this once."""
    for each in kind or ():
        kind_of(each)
    regions_of(",".join(region) if region else None)
    said("stream", stream)
    said("source", source)
    _check_changes(change, kind, stream, source)
    wanted = {
        "topics": change,
        "types": kind,
        "region": region,
        "stream": stream,
        "source": source,
    }
    given = {argument: value for argument, value in wanted.items() if value}
    added = _connected(
        data,
        lambda connection: webhooks.add(
            connection,
            name,
            url,
            given,
            after=after,
            at=utc_now(),
            follows="changes" if change else "events",
        ),
    )
    if as_json:
        print_json({"id": added.id, "name": name, "secret": added.secret})
        return
    err.print(f"Webhook {name} begins after position {added.position}; keep its secret:")
    out.print(added.secret)


@commands.command("list")
def list_webhooks(*, data: Data = None, as_json: AsJson = False) -> None:
    """List all webhooks: how far each is, and what stands in its way."""
    columns = (
        *("name", "url", "follows", "wanted", "position"),
        *("attempts", "problem", "dead_letters"),
    )
    _show("Webhooks", columns, _connected(data, webhooks.listed), as_json=as_json)


@commands.command()
def remove(name: Name, data: Data = None) -> None:
    """Remove a webhook and its dead letters."""
    _connected(data, lambda connection: webhooks.remove(connection, name))
    out.print(f"Webhook {name} is removed")


@commands.command("dead")
def list_dead(name: Name, data: Data = None, *, as_json: AsJson = False) -> None:
    """List the events that a receiver did not take."""
    rows = _connected(data, lambda connection: webhooks.dead_letters(connection, name))
    columns = ("position", "attempts", "problem", "failed_at", "is_wanted")
    _show("Dead letters", columns, rows, as_json=as_json)


@commands.command()
def redeliver(
    name: Name,
    position: Annotated[int | None, typer.Option(help="Only this event. Default: all.")] = None,
    data: Data = None,
) -> None:
    """Have the running server try dead letters once more."""
    count = _connected(data, lambda connection: webhooks.want_again(connection, name, position))
    out.print(f"{count} will be tried once more")


def _check_changes(changes: list[str] | None, *of_events: object) -> None:
    """Refuse unknown changes, and choosing events beside them. Raises typer.BadParameter."""
    for each in changes or ():
        if each not in TOPICS:
            message = f"there is no change {each}; there are {', '.join(TOPICS)}"
            raise typer.BadParameter(message)
    if changes and any(of_events):
        message = "changes are chosen by --region alone; add another webhook for events"
        raise typer.BadParameter(message)


def _show(
    title: str, columns: tuple[str, ...], rows: list[dict[str, Any]], *, as_json: bool
) -> None:
    if as_json:
        print_json(rows)
        return
    print_table(title, columns, [[row[column] for column in columns] for row in rows])


def _connected(data: Path | None, act: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    """Do something over a connection to the database."""

    async def connected(conninfo: str) -> T:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            return await act(connection)

    with database(from_environment(data=data), may_begin=True) as conninfo:
        return run(connected(conninfo))
