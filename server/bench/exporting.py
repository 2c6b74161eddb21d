"""Measure handing out the whole portfolio, in each form, beside the reading that it needs alone."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import perf_counter

import psycopg
import xlsxwriter
from api.engine import Engine, Settings
from api.request import Request
from api.serving import engine_over

from projections.spans.settling import Settler
from server.bench.row import Row
from server.bench.turns import taken_in_turns
from server.exports.csv_file import CsvFile
from server.exports.ocel.log import EventLog
from server.exports.packages import Package, Publishing
from server.exports.parquet_file import ParquetFile
from server.exports.projects import Portfolio
from server.exports.tables import OperationTable, Wanted
from server.exports.writing import gathered, streamed

TABLE_AT_LEAST = 0.5
PACKAGE_AT_LEAST = 0.2
_ON = "2024-12-31"
_QUERY = """query Projects($asOf: AsOf) {
  projects(asOf: $asOf) {
    nodes { id code title region phase enterprise totalInvestment { amount(unit: WAN_YUAN) } }
  }
}"""
_PATIENCE_SECONDS = 60.0
_PUBLISHING = Publishing("Bench", "https://ledger.example/package", "https://ledger.example/")
_PEERS = {
    "pages": "reading their pages alone",
    "facts": "reading their facts alone",
    "bare": "xlsxwriter alone, after reading",
}
_FORMS = {
    "parquet": ("Parquet", "pages", TABLE_AT_LEAST),
    "csv": ("CSV", "pages", TABLE_AT_LEAST),
    "xlsx": ("Excel", "bare", TABLE_AT_LEAST),
    "oc4ids": ("OC4IDS", "facts", PACKAGE_AT_LEAST),
    "ocel": ("OCEL", "facts", PACKAGE_AT_LEAST),
}
"""The name of each form, what it is measured beside, and what is wanted of the ratio."""

Work = Callable[[], Awaitable[None]]


def measure(conninfo: str, *, projects: int, rounds: int) -> list[Row]:
    """Export the portfolio that is there, in each form by turns."""
    with psycopg.connect(conninfo, autocommit=True):
        Settler(conninfo).settle()
    engine = engine_over(
        conninfo,
        settings=Settings(seconds=_PATIENCE_SECONDS),
        connections=2,
        statement_seconds=_PATIENCE_SECONDS,
    )
    with asyncio.Runner() as loop:
        contenders = {
            name: lambda work=work: loop.run(_speed(work, projects))
            for name, work in _works(engine).items()
        }
        try:
            found = taken_in_turns(contenders, rounds)
        finally:
            loop.run(engine.close())
    rows = []
    for name, (form, peer, bar) in _FORMS.items():
        rows.append(
            Row(
                name=f"exporting {projects:,} projects as {form}",
                unit="projects",
                ours=found.speed(name),
                peer=_PEERS[peer],
                theirs=found.speed(peer),
                ratio=found.ratio(name, peer),
                bar=bar,
            )
        )
    return rows


def _works(engine: Engine) -> dict[str, Work]:
    """Give what each contender does once."""
    wanted = Wanted({"on": _ON})

    def table() -> OperationTable:
        return OperationTable(engine, Request(_QUERY), wanted, title="Projects")

    def portfolio() -> Portfolio:
        return Portfolio(engine, Request(), wanted)

    async def workbook() -> None:
        with tempfile.TemporaryDirectory() as folder:
            await gathered([table()], Path(folder) / "projects.xlsx", "zh")

    return {
        "pages": lambda: _drained(table().batches()),
        "csv": lambda: _drained(streamed(table(), CsvFile())),
        "parquet": lambda: _drained(streamed(table(), ParquetFile())),
        "xlsx": workbook,
        "bare": lambda: _written_bare(table()),
        "facts": lambda: _drained(portfolio().pages()),
        "oc4ids": lambda: _drained(Package(portfolio(), _PUBLISHING, "projects").pieces()),
        "ocel": lambda: _drained(EventLog(portfolio(), with_names=False, is_whole=True).pieces()),
    }


async def _written_bare(table: OperationTable) -> None:
    """Read a table and write it with the library alone: no looks, no checks of what a cell is."""
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(str(Path(folder) / "bare.xlsx"), {"constant_memory": True})
        page, number = book.add_worksheet(), 0
        async for rows in table.batches():
            for row in rows:
                for place, cell in enumerate(row):
                    if cell is not None:
                        page.write_string(number, place, str(cell))
                number += 1
        await asyncio.to_thread(book.close)


async def _drained(pieces: AsyncIterator[object]) -> None:
    """Take everything and keep nothing."""
    async for _ in pieces:
        pass


async def _speed(work: Work, projects: int) -> float:
    """Export once and give how many projects a second that makes."""
    start = perf_counter()
    await work()
    return projects / (perf_counter() - start)
