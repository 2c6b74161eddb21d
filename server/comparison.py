"""Show every planted figure of a demonstration beside what GraphQL answers."""

import typer
from api.engine import Settings
from api.serving import engine_over

from server.checking import Checked, check, figures
from server.demonstration import Portfolio
from server.terminal import REFUSED, out, print_json, print_table

PATIENT = Settings(seconds=120)
"""A check is no user at a screen, and the machine may be slow."""


async def checked(conninfo: str, portfolio: Portfolio) -> list[Checked]:
    """Ask about every planted figure."""
    engine = engine_over(
        conninfo, connections=1, settings=PATIENT, statement_seconds=PATIENT.seconds
    )
    try:
        return await check(engine, figures(portfolio))
    finally:
        await engine.close()


def show(rows: list[Checked], *, as_json: bool) -> None:
    """Show planted beside answered. Ends with code 1 if a figure differs."""
    wrong = sum(not row.ok for row in rows)
    if as_json:
        print_json([row.as_json() for row in rows])
    else:
        print_table(
            "Planted figures",
            ("figure", "place", "source", "expected", "answered", "ok"),
            [_row(row) for row in rows],
        )
        out.print(f"{len(rows)} figures, {wrong} wrong")
    if wrong:
        raise typer.Exit(REFUSED)


def _row(row: Checked) -> tuple[str, ...]:
    """Lay one figure out."""
    figure = row.figure
    expected = figure.expected if figure.relation == "=" else f"{figure.relation} {figure.expected}"
    mark = "ok" if row.ok else "WRONG"
    return (figure.name, figure.place, figure.source, expected, row.answered, mark)
