"""`lifecycle schema`: print the contracts that others build on."""

from typing import Annotated

import typer
from api.reference import reference
from api.schema import sdl

from domain.kinds import json_schema
from server.terminal import print_json


def schema(
    *,
    kind: Annotated[
        str | None, typer.Argument(help="A kind of fact; without it the GraphQL schema.")
    ] = None,
    page: Annotated[
        bool, typer.Option("--page", help="The GraphQL schema as a page for people.")
    ] = False,
) -> None:
    """Print the GraphQL schema, or the JSON Schema of a kind of fact."""
    if page:
        typer.echo(reference(), nl=False)
    elif kind is None:
        typer.echo(sdl(), nl=False)
    else:
        print_json(json_schema(kind))
