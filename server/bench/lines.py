"""Measure the whole way in: lines of CloudEvents through parsing and rules into the ledger.

The yardstick is what this machine can do at best: plain COPY of rows of 500 bytes into a table
without indexes.
"""

import asyncio
import os
from itertools import islice
from pathlib import Path
from time import perf_counter

import psycopg

from domain.receipt import Status
from intake.cloudevents import read_lines
from intake.delivery import Parsed
from intake.lines import lines_of
from ledger import rows
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.turns import taken_in_turns
from server.house import House, opened
from server.operator import OPERATOR
from server.settings import Settings

SHARE_AT_LEAST = 10_000 / 200_000
"""What is wanted: 10,000 events a second where COPY reaches 200,000 rows."""

_CALL = 5_000
_PROJECTS = 800
_ROW_BYTES = 500
_ROWS = 20_000
_PIECE = 2**20


def measure(conninfo: str, rounds: int) -> list[Row]:
    """Take in lines and copy rows by turns."""
    portfolio = _Lines()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE plain (number bigint, value bytea)")

    contenders = {
        "lines": lambda: asyncio.run(_take_in(conninfo, portfolio.next())),
        "copy": lambda: _copy(conninfo),
    }
    found = taken_in_turns(contenders, rounds)
    return [
        Row(
            name="events from JSON lines, through parsing and rules",
            unit="events",
            ours=found.speed("lines"),
            peer=f"COPY of {_ROW_BYTES}-byte rows without indexes",
            theirs=found.speed("copy"),
            ratio=found.ratio("lines", "copy"),
            bar=SHARE_AT_LEAST,
        )
    ]


class _Lines:
    """Writes the lines of ever more projects."""

    def __init__(self) -> None:
        self._portfolio = Portfolio()
        self._told = 0

    def next(self) -> bytes:
        """Give the file that tells the lives of the next projects."""
        facts = self._portfolio.projects(self._told, _PROJECTS)
        self._told += _PROJECTS
        return b"".join(told.line() for told in facts)


async def _take_in(conninfo: str, file: bytes) -> float:
    """Read a file as `lifecycle append` does, and give the events a second."""
    async with opened(Settings(data=Path(os.devnull)), conninfo) as house:
        start = perf_counter()
        count = 0
        pieces = (file[at : at + _PIECE] for at in range(0, len(file), _PIECE))
        deliveries = read_lines(lines_of(pieces))
        while batch := list(islice(deliveries, _CALL)):
            await _receive(house, batch)
            count += len(batch)
        return count / (perf_counter() - start)


async def _receive(house: House, batch: list[Parsed]) -> None:
    """Take in one batch and insist that all of it is accepted."""
    receipts = await house.intake.receive(batch, OPERATOR)
    refused = next((one for one in receipts if one.status is not Status.ACCEPTED), None)
    assert refused is None, refused


def _copy(conninfo: str) -> float:
    """Copy rows and give how many a second."""
    numbers = [(rows.bigint(number), rows.data(bytes(_ROW_BYTES))) for number in range(_ROWS)]
    packed = rows.COPY_START + rows.copied(numbers) + rows.COPY_END
    with psycopg.connect(conninfo, autocommit=True) as connection:
        start = perf_counter()
        with connection.cursor().copy("COPY plain FROM STDIN (FORMAT binary)") as copy:
            copy.write(packed)
        return _ROWS / (perf_counter() - start)
