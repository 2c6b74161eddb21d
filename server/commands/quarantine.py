"""`lifecycle quarantine`: list what was kept, explain it, and decide about it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from psycopg import AsyncConnection

from domain.errors import Malformed
from intake.desk import Decision, Desk, explained
from intake.quarantine import listed
from server.database import database
from server.house import opened
from server.operator import operator
from server.settings import from_environment
from server.stopping import run
from server.terminal import REFUSED, AsJson, Data, out, print_json, print_table, shown

commands = typer.Typer(help="Deliveries that were kept instead of appended.")

Number = Annotated[int, typer.Argument(help="The entry's number.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept for good.")]
By = Annotated[str | None, typer.Option(help="The name of whoever decides.")]
Everything = Annotated[bool, typer.Option("--all", help="Also what has left the quarantine.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")]


@commands.callback(invoke_without_command=True)
def quarantine(
    context: typer.Context,
    *,
    data: Data = None,
    everything: Everything = False,
    limit: Limit = 1_000,
    as_json: AsJson = False,
) -> None:
    """List the deliveries that are kept instead of appended, and why; decide about one of them."""
    if context.invoked_subcommand is not None:
        return

    async def read(connection: AsyncConnection[Any]) -> list[dict[str, Any]]:
        return await listed(connection, decided=everything, limit=limit)

    rows = _reading(data, read)
    if as_json:
        print_json(rows)
        return
    columns = ["number", "received_at", "source_key", "kind", "subject", "code", "value"]
    columns += ["decision"] if everything else []
    print_table("Quarantine", columns, [[row[column] for column in columns] for row in rows])


@commands.command()
def explain(*, number: Number, data: Data = None, as_json: AsJson = False) -> None:
    """Say all about one entry: what it said, why it was kept, and what became of it."""

    async def read(connection: AsyncConnection[Any]) -> dict[str, Any]:
        return await explained(connection, number)

    entry = _reading(data, read)
    if as_json:
        print_json(entry)
        return
    for name, value in entry.items():
        if value is not None:
            out.print(f"{name}: {shown(value)}", markup=False)


@commands.command()
def release(
    *, number: Number, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Take an entry in as it is. Ends with code 1 if it still lacks what it names."""
    _decide(data, by, lambda desk: desk.release(number, reason), as_json=as_json)


@commands.command()
def refuse(
    *, number: Number, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Keep an entry out for good; what it said stays on record."""
    _decide(data, by, lambda desk: desk.refuse(number, reason), as_json=as_json)


@commands.command()
def correct(
    *,
    number: Number,
    reason: Reason,
    subject: Annotated[str | None, typer.Option(help="Whom it is really about.")] = None,
    occurred_on: Annotated[str | None, typer.Option(help="When it really was.")] = None,
    payload: Annotated[str | None, typer.Option(help="The whole content, as JSON.")] = None,
    by: By = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take an entry in with other content. Ends with code 1 if something is still wrong with it."""
    said = {"subject": subject, "occurred_on": occurred_on, "payload": _json(payload)}
    changes = {name: value for name, value in said.items() if value is not None}
    _decide(data, by, lambda desk: desk.correct(number, changes, reason), as_json=as_json)


def _json(text: str | None) -> dict[str, Any] | None:
    """Read a payload from the command line. Raises Malformed."""
    if text is None:
        return None
    try:
        payload = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Malformed(code="not_json", field="payload", cure="Write one JSON object.") from error
    if not isinstance(payload, dict):
        raise Malformed(code="not_json", field="payload", cure="Write one JSON object.")
    return payload


def _reading(data: Path | None, read: Callable[[AsyncConnection[Any]], Awaitable[Any]]) -> Any:
    """Read over a connection of one's own."""

    async def over(conninfo: str) -> Any:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            return await read(connection)

    with database(from_environment(data=data)) as conninfo:
        return run(over(conninfo))


def _decide(
    data: Path | None,
    by: str | None,
    decide: Callable[[Desk], Awaitable[Decision]],
    *,
    as_json: bool,
) -> None:
    """Decide about an entry, and say what became of it."""
    settings = from_environment(data=data)

    async def over(conninfo: str) -> Decision:
        async with opened(settings, conninfo) as house:
            return await decide(Desk(house.intake, house.pool, operator(by)))

    with database(settings) as conninfo:
        decision = run(over(conninfo))
    if as_json:
        print_json(decision.as_json())
    else:
        said = ", ".join(f"{name} {value}" for name, value in decision.as_json().items())
        out.print(said, markup=False)
    if decision.decision == "kept":
        raise typer.Exit(REFUSED)
