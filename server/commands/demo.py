"""`lifecycle demo`: the whole ledger on real facts, with one command."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from api.serving import engine_over
from psycopg import AsyncConnection
from psycopg.errors import UndefinedTable
from rich.console import Console
from rich.markup import escape

from domain.envelope import Actor
from intake import tokens
from intake.grant import Grant, Right
from ledger.clock import utc_now
from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler
from server.comparison import checked, show
from server.database import clear, database, holds_database
from server.demonstration import Portfolio
from server.demonstration.noise_rates import NAMES
from server.demonstration.portfolio import LARGEST, SEED, SMALLEST, USUAL
from server.loading import OtherPortfolio, held_portfolio, load, take_register
from server.samples import answered
from server.serving import listening, serve
from server.settings import HIGHEST_PORT, Settings, from_environment
from server.stopping import run
from server.terminal import Data, err, out, progress

LABEL = "demonstration"
VISITOR = Grant(
    Actor(id="visitor", org="Demonstration", role="visitor"),
    frozenset({Right.READ, Right.APPEND, Right.CORRECT}),
)


Port = Annotated[
    int | None,
    typer.Option(min=0, max=HIGHEST_PORT, help="The port to serve on; 0 takes any. Default: 8000."),
]
Seed = Annotated[
    int | None, typer.Option(help=f"What invented projects are drawn from. Default: {SEED}.")
]
Projects = Annotated[
    int | None, typer.Option(help=f"How many, {SMALLEST} to {LARGEST}. Default: {USUAL}.")
]
NoiseRates = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=RATE",
        help=f"How noisy the sources are, e.g. duplicates=0.05; repeatable. all=RATE sets every"
        f" share. Names: {', '.join(NAMES)}.",
    ),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Throw away the demonstration in the data folder first.")
]
NoServe = Annotated[bool, typer.Option("--no-serve", help="End after loading; do not serve.")]
Check = Annotated[
    bool,
    typer.Option(
        "--check",
        help="Compare every planted figure with what GraphQL answers, and end; with code 1 if one"
        " differs.",
    ),
]
CheckAsJson = Annotated[
    bool, typer.Option("--json", help="With --check: write the comparison as JSON.")
]


def demo(
    *,
    port: Port = None,
    data: Data = None,
    seed: Seed = None,
    projects: Projects = None,
    noise: NoiseRates = None,
    fresh: Fresh = False,
    no_serve: NoServe = False,
    check: Check = False,
    as_json: CheckAsJson = False,
) -> None:
    """Load the demonstration portfolio, show what can be asked, and serve.

    The second time everything is there already, and nothing is appended twice. A folder that holds
    a portfolio of another seed, size or noise is left as it is.
    """
    settings = from_environment(data=data, port=port)
    _wanted(None, seed, projects, noise or [])  # Refuses what nobody can have before it empties.
    if not (check or no_serve):
        # Loading takes a while; that the port is taken is better told before.
        listening(settings.host, settings.port).close()
    if fresh:
        _check_thrown_away(settings)
        clear(settings)
    with database(settings, may_begin=True) as conninfo:
        held = run(held_portfolio(conninfo))
        wanted = _wanted(held, seed, projects, noise or [])
        if held is not None and wanted != held:
            raise OtherPortfolio(held=held.text, value=wanted.text)
        if not run(_is_loaded(conninfo)):
            _load(settings, conninfo, wanted, err if as_json else out)
        with progress("Projecting") as move:
            Runner(conninfo, VIEWS).catch_up(move)
        with progress("Settling", "projects") as move:
            Settler(conninfo).settle(move)
        run(_hand_out_token(settings, conninfo))
        if check:
            show(run(checked(conninfo, wanted)), as_json=as_json)
        elif no_serve:
            run(_show_samples(conninfo))
            out.print(f"The facts are loaded; a token that may write lies in {settings.token}")
        else:
            serve(settings, conninfo, lambda served: _announce(served, conninfo))


def _check_thrown_away(settings: Settings) -> None:
    """Check that the data folder holds nothing but a demonstration. Raises OtherFacts."""
    if settings.database_url is None and holds_database(settings):
        # One that was never migrated holds no facts.
        with (
            database(settings, as_it_is=True, alone=True) as conninfo,
            suppress(UndefinedTable),
        ):
            run(held_portfolio(conninfo))


def _wanted(
    held: Portfolio | None, seed: int | None, projects: int | None, noise: list[str]
) -> Portfolio:
    """Give the portfolio that is asked for; what is not said is as it is held, or as usual."""
    usual = held or Portfolio()
    rates = usual.noise
    for setting in noise:
        rates = rates.changed(setting)
    return Portfolio(
        seed=usual.seed if seed is None else seed,
        projects=usual.projects if projects is None else projects,
        noise=rates,
    )


def _load(settings: Settings, conninfo: str, portfolio: Portfolio, told_to: Console) -> None:
    """Append the facts, with progress bars, and say what became of them."""
    counts = run(load(settings, conninfo, portfolio, progress))
    told = ", ".join(f"{count} {status.value}" for status, count in sorted(counts.items()))
    told_to.print(f"{counts.total()} deliveries: {told}")
    with progress("Projecting") as move:
        Runner(conninfo, VIEWS).catch_up(move)
    report = run(take_register(settings, conninfo, portfolio))
    told_to.print(
        f"A register of {report.rows} rows, {report.faulty_rows} of them faulty:"
        f" batch {report.batch_id}"
    )


def _announce(settings: Settings, conninfo: str) -> None:
    """Say what can be asked and where."""
    run(_show_samples(conninfo))
    out.print(f"\nLedger        {settings.address}")
    out.print(f"Ask           {settings.address}/graphql")
    out.print(f"Health        {settings.address}/health")
    out.print(f"Deliver facts POST {settings.address}/events")
    out.print(f"with the token {settings.token.read_text().strip()}  (also in {settings.token})")
    out.print("Ctrl-C stops everything.")


async def _show_samples(conninfo: str) -> None:
    """Ask the sample questions and show question and answer."""
    engine = engine_over(conninfo, connections=1)
    try:
        async for question, answer in answered(engine):
            out.print(f"\n[bold]{escape(question.english)}[/bold]")
            out.print(escape(question.query), style="cyan")
            out.print(escape(answer))
    finally:
        await engine.close()


async def _is_loaded(conninfo: str) -> bool:
    """Tell whether the facts were loaded to the end: the token is only given out afterwards."""
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        return any(row["label"] == LABEL for row in await tokens.listed(connection))


async def _hand_out_token(settings: Settings, conninfo: str) -> None:
    """Have a valid token in the data folder that only its owner can read."""
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        if settings.token.exists():
            known = settings.token.read_text().strip()
            if await tokens.grant_of(connection, known, utc_now()):
                return
        issued = await tokens.issue(connection, VISITOR, label=LABEL, at=utc_now())
    _write_privately(settings.token, issued.secret)


def _write_privately(file: Path, secret: str) -> None:
    """Write a file that nobody else could read at any moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{secret}\n")
