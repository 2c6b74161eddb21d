"""`lifecycle token`: give out, list and revoke tokens, and see who was refused what."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from psycopg import AsyncConnection

from domain.envelope import Actor
from domain.errors import Malformed
from domain.kinds import KINDS
from domain.regions import region_prefix
from intake import tokens
from intake.denials import listed as listed_denials
from intake.grant import Grant, Right
from ledger.clock import utc_now
from server.clerk import record_tokens
from server.database import database
from server.house import opened
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import AsJson, Data, err, out, print_json, print_table

T = TypeVar("T")
USUAL = [Right.READ, Right.APPEND, Right.CORRECT]

commands = typer.Typer(
    help="Give out, list and revoke tokens; see who was refused what.", no_args_is_help=True
)


@commands.command()
def create(
    *,
    label: Annotated[str, typer.Argument(help="What the token is for.")],
    actor: Annotated[str, typer.Option(help="The id of who acts with it.")],
    org: Annotated[str, typer.Option(help="Their organisation.")],
    role: Annotated[str, typer.Option(help="Their role.")] = "source",
    name: Annotated[
        str | None, typer.Option(help="Their name, stored so that it can be erased.")
    ] = None,
    system: Annotated[
        list[str] | None, typer.Option(help="A source it may write as; repeatable. Default: all.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="A kind it may append; repeatable. Default: all.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(help="A region it may see and write in, as 32, 3205 or 320582; repeatable."),
    ] = None,
    right: Annotated[
        list[Right] | None, typer.Option(help="A right; repeatable. Default: read append correct.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Expire after so many days.")] = None,
    points: Annotated[
        int | None, typer.Option(min=1, help="Objects a second it may ask for. Default: as all.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Create a token; its secret is shown this once."""
    for each in kind or ():
        if each not in KINDS:
            message = f"there is no kind {each}"
            raise typer.BadParameter(message)
    for each in region or ():
        _check_region(each)
    now = utc_now()
    grant = Grant(
        Actor(id=actor, org=org, role=role, name=name),
        frozenset(right or USUAL),
        frozenset(system) if system else None,
        frozenset(kind) if kind else None,
        regions=frozenset(region) if region else None,
        points=points,
    )
    expires_at = now + timedelta(days=days) if days else None
    issued = _changed(
        data,
        lambda connection: tokens.issue(
            connection, grant, label=label, at=now, expires_at=expires_at
        ),
    )
    if as_json:
        print_json({"id": issued.id, "label": label, "token": issued.secret})
        return
    err.print(f"Token {issued.id} ({label}); keep it secret, it is not shown again:")
    out.print(issued.secret)


@commands.command("list")
def list_tokens(*, data: Data = None, as_json: AsJson = False) -> None:
    """List all tokens, without their secrets."""
    rows = _connected(data, tokens.listed)
    if as_json:
        print_json(rows)
        return
    columns = (
        *("id", "label", "actor", "rights", "systems", "kinds", "regions"),
        *("expires_at", "revoked_at"),
    )
    print_table("Tokens", columns, [[row[column] for column in columns] for row in rows])


@commands.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Its id or its label.")], data: Data = None
) -> None:
    """Revoke a token; what was written with it stays."""
    _changed(data, lambda connection: tokens.revoke(connection, token, utc_now()))
    out.print(f"Token {token} is revoked")


@commands.command()
def denials(
    *,
    limit: Annotated[int, typer.Option(min=1, help="How many rows, the newest first.")] = 50,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List who was refused what; like ones of a moment are one row."""
    rows = _connected(data, lambda connection: listed_denials(connection, limit=limit))
    if as_json:
        print_json(rows)
        return
    columns = ("denied_at", "token", "actor", "action", "code", "subject", "times")
    print_table("Denials", columns, [[row[column] for column in columns] for row in rows])


def _check_region(region: str) -> None:
    """Refuse what is no region. Raises typer.BadParameter."""
    try:
        region_prefix(region)
    except Malformed as problem:
        message = f"{region} is no region. {problem.cure}"
        raise typer.BadParameter(message) from problem


def _connected(data: Path | None, act: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    """Do something over a connection to the database."""

    async def connected(conninfo: str) -> T:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            return await act(connection)

    with database(from_environment(data=data), may_begin=True) as conninfo:
        return run(connected(conninfo))


def _changed(data: Path | None, act: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    """Change who may do what, and record it in the ledger."""

    async def changed(settings: Settings, conninfo: str) -> T:
        async with opened(settings, conninfo) as house:
            async with house.pool.connection() as connection:
                done = await act(connection)
            await record_tokens(house)
            return done

    settings = from_environment(data=data)
    with database(settings, may_begin=True) as conninfo:
        return run(changed(settings, conninfo))
