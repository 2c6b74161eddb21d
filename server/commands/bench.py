"""`lifecycle bench`: how fast this machine keeps the ledger, beside its peers."""

from typing import Annotated

import typer

from server.bench import Row, run_all
from server.database import database
from server.settings import from_environment
from server.terminal import REFUSED, AsJson, Data, print_json, print_table, progress

WITHOUT_FRACTION = 100
VERDICTS = {True: "yes", False: "NO", None: ""}


def bench(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Measure less, for a look in under a minute.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Measure appending, catching up and asking beside the peers, on one PostgreSQL.

    Works in databases of its own that are dropped afterwards; the ledger is not touched. Ends with
    code 1 if a bar is missed.
    """
    with (
        database(from_environment(data=data), may_begin=True) as conninfo,
        progress("Measuring", "parts") as move,
    ):
        rows = run_all(conninfo, quick=quick, progress=move)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        show(rows)
    if any(row.met is False for row in rows):
        raise typer.Exit(REFUSED)


def show(rows: list[Row]) -> None:
    """Write the measurements for a person."""
    print_table(
        "Measured a second, ours and the peer's; the ratio is the median of the rounds",
        ("what", "unit", "ours", "peer", "theirs", "ratio", "wanted", "met"),
        [
            (
                row.name,
                row.unit,
                _speed(row.ours),
                row.peer,
                _speed(row.theirs),
                f"{row.ratio:.2f}",
                row.wanted,
                VERDICTS[row.met],
            )
            for row in rows
        ],
    )


def _speed(value: float) -> str:
    """Write how many a second, slow things with a fraction."""
    return f"{value:,.0f}" if value >= WITHOUT_FRACTION else f"{value:.1f}"
