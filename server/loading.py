"""Load a demonstration portfolio as it once arrived, each fact recorded at its receipt's time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg import AsyncConnection

from domain.errors import Refused
from domain.flexdate import beijing_day
from domain.receipt import Receipt, Status
from intake.cloudevents import read_event
from intake.delivery import Delivery
from intake.feed import feeding
from intake.moments import moment
from intake.registers.library import mapping
from intake.registers.report import Report
from ledger.reading import events_after
from server.demonstration import Portfolio, batches, books, register, spooled
from server.house import opened
from server.operator import OPERATOR
from server.reading import Reading
from server.settings import Settings

NOTE = "Demonstration: Zhangjiagang, Zhenjiang, Wujin and Nantong"
OPENED_AT = "2016-01-04T08:00:00+08:00"
"""Before the first delivery of any portfolio."""

Move = Callable[[int, int], None]
Bars = Callable[[str, str], AbstractContextManager[Move]]
"""Opens a progress bar for something, counted in a unit."""


class OtherPortfolio(Refused):
    """The ledger holds another portfolio ({held}) than the one asked for, {value}."""

    code = "other_portfolio"
    cure = "Ask for the one it holds, choose another folder with --data, or empty it with --fresh."


class OtherFacts(Refused):
    """The ledger holds other facts than those of a demonstration; {value} is the first."""

    code = "other_facts"
    cure = "Choose another folder with --data, and this ledger stays as it is."


async def held_portfolio(conninfo: str) -> Portfolio | None:
    """Give the portfolio that a ledger was opened for; none is in one without facts.

    Raises OtherFacts.
    """
    async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
        return _opened_for(await events_after(connection, 0, 1))


def _opened_for(first: list[Any]) -> Portfolio | None:
    """Read the portfolio that the first event names. Raises OtherFacts."""
    if not first:
        return None
    text = first[0].payload.get("portfolio")
    if text is None:
        raise OtherFacts(value=first[0].kind)
    return Portfolio.read(text)


@contextmanager
def unseen(_: str, __: str) -> Iterator[Move]:
    """Show no progress."""
    yield lambda _, __: None


async def load(
    settings: Settings, conninfo: str, portfolio: Portfolio, bars: Bars = unseen
) -> Counter[Status]:
    """Append all facts of a portfolio; what is there already is answered as a duplicate.

    One of the bars shows how many projects have been told, the next how many facts have been
    appended. Raises OtherPortfolio and OtherFacts.
    """
    held = await held_portfolio(conninfo)
    if held is not None and held != portfolio:
        raise OtherPortfolio(held=held.text, value=portfolio.text)
    counts: Counter[Status] = Counter()
    async with AsyncExitStack() as stack:
        with bars("Telling", "projects") as move:
            spool = stack.enter_context(
                spooled(books(portfolio), lambda told: move(told, portfolio.projects))
            )
        house = await stack.enter_async_context(opened(settings, conninfo, replayed=True))
        feed = await stack.enter_async_context(feeding(house.intake, OPERATOR))
        move = stack.enter_context(bars("Appending", "facts"))
        await house.intake.receive([_opening(portfolio)], OPERATOR)

        def count(receipts: list[Receipt]) -> None:
            counts.update(receipt.status for receipt in receipts)
            move(counts.total(), spool.size)

        for batch in batches(spool.read()):
            count(await feed.give(map(read_event, batch)))
        count(await feed.finish())
    return counts


async def take_register(settings: Settings, conninfo: str, portfolio: Portfolio) -> Report:
    """Take in one register of the portfolio as an office would send it today, mistakes and all."""
    given = {"year": register.YEAR, "month": register.MONTH}
    with TemporaryDirectory(prefix="lifecycle-register-") as folder:
        file = register.write_register(portfolio, Path(folder))
        reading = Reading(file, file.name, mapping(register.MAPPING), given)
        async with opened(settings, conninfo) as house:
            return await reading.over(house, OPERATOR)


def _opening(portfolio: Portfolio) -> Delivery:
    """Open the ledger before the first fact arrives."""
    received_at = moment(OPENED_AT, "receivedat")
    return Delivery(
        kind="LedgerOpened",
        system="ledger",
        record_id="opening",
        record_version="1",
        occurred_on=beijing_day(received_at).isoformat(),
        payload={"clock": "replayed", "note": NOTE, "portfolio": portfolio.text},
        received_at=received_at,
    )
