"""`lifecycle batch`: what became of a delivery of many rows, and taking it back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from intake.batches import batch as find_batch
from intake.retraction import Retraction
from server.commands.quarantine import By, Reason
from server.database import database
from server.house import House, opened
from server.operator import operator
from server.settings import from_environment
from server.stopping import run
from server.terminal import AsJson, Data, out, print_json, shown

commands = typer.Typer(help="Batches: what was delivered together.", no_args_is_help=True)

BatchId = Annotated[str, typer.Argument(help="The batch's id.")]


@commands.command()
def show(*, batch: BatchId, data: Data = None, as_json: AsJson = False) -> None:
    """Say what became of a batch, in numbers."""

    async def read(house: House) -> dict[str, Any]:
        async with house.pool.connection() as connection:
            return await find_batch(connection, batch)

    _tell(_over(data, read), as_json=as_json)


@commands.command()
def retract(
    *, batch: BatchId, reason: Reason, by: By = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Take back every event of a batch, and refuse what of it is still in the quarantine."""

    async def take_back(house: House) -> dict[str, Any]:
        retraction = Retraction(house.intake, house.book, house.pool, operator(by))
        return (await retraction.of(batch, reason)).as_json()

    _tell(_over(data, take_back), as_json=as_json)


def _over(data: Path | None, work: Any) -> dict[str, Any]:
    """Work on the ledger of this machine."""
    settings = from_environment(data=data)

    async def over(conninfo: str) -> dict[str, Any]:
        async with opened(settings, conninfo) as house:
            found: dict[str, Any] = await work(house)
            return found

    with database(settings) as conninfo:
        return run(over(conninfo))


def _tell(found: dict[str, Any], *, as_json: bool) -> None:
    """Write what was found."""
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if value is not None:
            out.print(f"{name}: {shown(value)}", markup=False)
