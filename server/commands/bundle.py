"""`lifecycle bundle`: evidence about a project, some events or everything, to take along."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from domain.errors import Malformed
from ledger.evidence.collect import Scope
from server.bundling import prepare, write
from server.database import database
from server.history import stream_of
from server.house import opened
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import AsJson, Data, out, print_json


class UnclearScope(Malformed):
    """A bundle is about a project, about events, or about everything."""

    code = "unclear_scope"


def bundle(
    *,
    target: Annotated[
        Path, typer.Argument(help="A new folder, or a new file whose name ends in .zip.")
    ],
    project: Annotated[
        str | None,
        typer.Option(help="Its id, its national code, or source:<system>/<record id>."),
    ] = None,
    event: Annotated[
        list[str] | None, typer.Option(help="The id of an event; may be given again.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole ledger.")] = False,
    with_names: Annotated[
        bool,
        typer.Option("--with-names", help="Hand out names of persons, too; that is recorded."),
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Write evidence that verifies with no server: events, proofs, keys, and how to check them.

    For a project it also proves that nothing later was held back; if no day has been closed since
    its last event, all streams are closed now, in an event. `lifecycle verify --offline` checks it.
    """
    events = tuple(_identifier(text) for text in event or ())
    if [project is not None, bool(events), everything].count(True) != 1:
        raise UnclearScope(
            code="unclear_scope", field="scope", cure="Give one of --project, --event and --all."
        )

    async def prepared(settings: Settings, conninfo: str) -> Scope:
        async with opened(settings, conninfo) as house:
            scope = Scope(events=events)
            if project is not None:
                async with house.pool.connection() as connection:
                    scope = Scope(await stream_of(connection, project))
            await prepare(house, target, scope, with_names=with_names)
        return scope

    settings = from_environment(data=data)
    with database(settings) as conninfo:
        scope = run(prepared(settings, conninfo))
        written = write(settings, conninfo, target, scope, with_names=with_names)
    if as_json:
        print_json(written)
    else:
        out.print(
            f"{written['events']} events in {written['files']} files are in {target}, proved under"
            f" a checkpoint over {written['size']} events.\nTell whom you give it to, over another"
            f" way, the key: {written['verifier_key']}"
        )


def _identifier(text: str) -> str:
    """Read the id of an event. Raises Malformed."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Malformed(
            code="invalid_value", field="event", value=text, cure="Name the event by its id."
        ) from error
