"""Measure the whole way in: lines of CloudEvents through parsing and rules into the ledger.

The yardstick is what this machine can do at best: plain COPY of rows of 500 bytes into a table
without indexes.
"""

import asyncio
import os
import uuid
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import perf_counter

import psycopg

from domain.receipt import Receipt, Status
from intake.feed import feeding
from intake.lines import lines_of
from ledger import rows
from server.bench.portfolio import Portfolio
from server.bench.row import Row
from server.bench.turns import taken_in_turns
from server.commands.append import BATCH
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings

SHARE_AT_LEAST = 10_000 / 200_000
"""What is wanted: 10,000 events a second where COPY reaches 200,000 rows."""

_CALL = 5_000
_PROJECTS = 2_500
_ROW_BYTES = 500
_DATA_BYTES = 420
_COPIES = 6
_PIECE = 2**20
_MOMENT = datetime(2024, 6, 19, tzinfo=UTC)
_PLAIN = """
CREATE TABLE plain (
    position bigint, id uuid, stream text, kind text, recorded_at timestamptz, data bytea)
"""


def measure(conninfo: str, rounds: int) -> list[Row]:
    """Take in lines and copy rows by turns."""
    portfolio = Lines(_PROJECTS)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_PLAIN)
    with closing(Taking(conninfo)) as taking:
        # As behind the first lines of a long file, the process that checks lines is there.
        taking.speed(portfolio.next())
        contenders = {
            "lines": lambda: taking.speed(portfolio.next()),
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


class Lines:
    """Writes the lines of ever more projects."""

    def __init__(self, projects: int) -> None:
        """Tell of so many projects at once."""
        self._projects = projects
        self._portfolio = Portfolio()
        self._told = 0

    def next(self) -> bytes:
        """Give the file that tells the lives of the next projects."""
        facts = self._portfolio.projects(self._told, self._projects)
        self._told += self._projects
        return b"".join(told.line() for told in facts)


class Taking:
    """Takes files in as `lifecycle append` does, with one house that stays open."""

    def __init__(self, conninfo: str) -> None:
        """Open the house."""
        self._runner = asyncio.Runner()
        self._opened = opened(Settings(data=Path(os.devnull)), conninfo)
        self._house = self._runner.run(self._opened.__aenter__())

    def close(self) -> None:
        """Close the house."""
        self._runner.run(self._opened.__aexit__(None, None, None))
        self._runner.close()

    def speed(self, file: bytes) -> float:
        """Take a file in and give the events a second."""
        return self._runner.run(self._speed(file))

    async def _speed(self, file: bytes) -> float:
        start = perf_counter()
        pieces = (file[at : at + _PIECE] for at in range(0, len(file), _PIECE))
        lines = lines_of(pieces)
        receipts: list[Receipt] = []
        async with feeding(self._house.intake, OPERATOR, checker=self._house.checker) as feed:
            while batch := list(islice(lines, BATCH)):
                receipts += await feed.give_lines(batch)
            receipts += await feed.finish()
        spent = perf_counter() - start
        refused = next((one for one in receipts if one.status is not Status.ACCEPTED), None)
        assert refused is None, refused
        return len(receipts) / spent


def _copy(conninfo: str) -> float:
    """Copy rows, as many a call as are taken in together, and give how many a second."""
    packed = rows.COPY_START + rows.copied(map(_plain, range(_CALL))) + rows.COPY_END
    with psycopg.connect(conninfo, autocommit=True) as connection:
        start = perf_counter()
        for _ in range(_COPIES):
            with connection.cursor().copy("COPY plain FROM STDIN (FORMAT binary)") as copy:
                copy.write(packed)
        return _COPIES * _CALL / (perf_counter() - start)


def _plain(number: int) -> rows.Row:
    """Make a row of about 500 bytes in the columns that any event store has."""
    return (
        rows.bigint(number),
        rows.uuid(str(uuid.UUID(int=number))),
        rows.text(f"project/{number}"),
        rows.text("ConstructionStarted"),
        rows.instant(_MOMENT),
        rows.data(os.urandom(_DATA_BYTES)),
    )
