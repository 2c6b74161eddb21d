"""`lifecycle status` and `rebuild`: how the ledger is, and read models anew."""

from typing import Annotated, Any

import psycopg
import typer
from psycopg import AsyncConnection
from rich.markup import escape

from ledger.person_names import trouble_with_names
from ledger.signing import describe
from projections.catalogue import VIEWS
from projections.rebuild import rebuild as rebuild_one
from projections.runner import Runner
from server.condition import condition
from server.database import database
from server.settings import from_environment
from server.signer import desk_of
from server.stopping import run
from server.terminal import REFUSED, AsJson, Data, err, out, print_json, print_table, progress
from server.witnesses import policy_in
from server.witnessing import described as describe_witnesses


def status(*, data: Data = None, as_json: AsJson = False) -> None:
    """Show the ledger's size, clock and root, and how far each read model has followed.

    Ends with code 1 if a read model has stopped, if the ledger refuses to sign, or if names of
    persons cannot be read.
    """
    settings = from_environment(data=data)
    with database(settings) as conninfo:
        described = run(_condition(conninfo))
        with psycopg.connect(conninfo, autocommit=True) as connection:
            described["signing"] = describe(connection, desk_of(settings))
            policy = policy_in(settings.witnesses)
            described["witnessing"] = describe_witnesses(connection, policy)
            described["names"] = {"problem": trouble_with_names(connection)}
    if as_json:
        print_json(described)
    else:
        _show(described)
    problems = (described["signing"]["problem"], described["names"]["problem"])
    if described["status"] == "stopped" or any(problems):
        raise typer.Exit(REFUSED)


async def _condition(conninfo: str) -> dict[str, Any]:
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        return await condition(connection)


def _show(described: dict[str, Any]) -> None:
    """Write the condition for a person."""
    out.print(
        f"Ledger {described['version']}: {described['status']}, {described['position']} events,"
        f" clock {described['clock']}, {described['quarantined']} in the quarantine"
    )
    if described["recorded_at"]:
        out.print(f"Last recorded {described['recorded_at']}, root {described['root']}")
    signing = described["signing"]
    if signing["signed_at"]:
        out.print(
            f"Signed up to {signing['size']} as {signing['origin']}, {signing['unsigned']} to come"
        )
    witnessing = described["witnessing"]
    out.print(f"Last checkpoint: {witnessing['state']}; witnessed up to {witnessing['size']}")
    if signing["problem"]:
        err.print(f"[red]Not signing:[/red] {escape(signing['problem'])}")
    if described["names"]["problem"]:
        err.print(f"[red]Names:[/red] {escape(described['names']['problem'])}")
    print_table(
        "Read models",
        ("name", "version", "position", "lag", "problem"),
        [
            (view["name"], view["version"], view["position"], view["lag"], view["problem"])
            for view in described["projections"]
        ],
    )


def rebuild(
    *,
    projection: Annotated[
        str | None, typer.Argument(help="The read model; all of them if left out.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Fold read models anew from all events and swap them in; reading goes on meanwhile."""
    chosen = [view for view in VIEWS if projection in {None, view.name}]
    if not chosen:
        names = ", ".join(view.name for view in VIEWS)
        message = f"there is no read model {projection}; there are {names}"
        raise typer.BadParameter(message)
    positions: dict[str, int] = {}
    with database(from_environment(data=data)) as conninfo:
        # Makes the tables of read models that never followed before.
        Runner(conninfo, VIEWS).catch_up()
        for view in chosen:
            with progress(f"Rebuilding {view.name}") as move:
                positions[view.name] = rebuild_one(conninfo, view, move)
            if not as_json:
                out.print(f"{view.name} is rebuilt up to position {positions[view.name]}")
    if as_json:
        print_json(positions)
