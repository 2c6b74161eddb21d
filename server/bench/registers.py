"""Measure a dry run of a large Excel register against its reader and its validation alone."""

import asyncio
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from intake.delivery import Delivery
from intake.preview import Preview
from intake.registers.file import ROWS_AT_ONCE
from intake.registers.header import LOOKED_AT, find
from intake.registers.mapping import parse
from intake.registers.rows import RowReader
from server.bench.row import Row
from server.house import House, opened
from server.operator import OPERATOR
from server.reading import Reading
from server.settings import Settings

MOST = 2.0
"""How many times the reader and the validation a dry run may take."""
_MAPPING = """
name = "bench"
system = "bench"
[columns.number]
title = "序号"
type = "integer"
required = true
[columns.reported]
title = "月份"
type = "month"
required = true
[columns.code]
title = "项目代码"
type = "project_code"
[columns.ytd]
title = "本年完成投资"
type = "money"
required = true
[columns.cumulative]
title = "累计完成投资"
type = "money"
unit = "万元"
[[facts]]
kind = "InvestmentReported"
subject = "project/bench"
date = "{reported}"
key = ["number"]
[facts.payload]
basis = "reported"
method = "progress"
ytd = "{ytd}"
cumulative = "{cumulative}"
"""
_PROJECT = {
    "title": "A project to measure with",
    "district": "320582",
    "industry_gb4754": "3391",
    "stage": "negotiating",
}
_HEADER = ("序号", "项目名称", "项目代码", "月份", "本年完成投资（万元）", "累计完成投资", "备注")


def measure(conninfo: str, rounds: int, *, rows: int) -> list[Row]:
    """Read, validate and try a register of so many rows, by turns."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "register.xlsx"
        _write(path, rows)
        found = asyncio.run(_rounds(conninfo, path, rounds))
    whole = median(tried for tried, _ in found)
    parts = median(alone for _, alone in found)
    return [
        Row(
            name=f"dry run of an Excel register of {rows:,} rows",
            unit="rows",
            ours=rows / whole,
            peer="its reader and its validation alone",
            theirs=rows / parts,
            ratio=median(tried / alone for tried, alone in found),
            bar=MOST,
            is_cost=True,
        )
    ]


def _write(path: Path, rows: int) -> None:
    """Write a register."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, _HEADER)
    for number in range(1, rows + 1):
        code = f"2407-320582-89-01-{number % 1_000_000:06d}"
        said = (number, f"项目{number}", code, "2024.6", 1200.5 + number, 3000.25 + number, "—")
        sheet.write_row(number, 0, said)
    book.close()


async def _rounds(conninfo: str, path: Path, rounds: int) -> list[tuple[float, float]]:
    """Give for each round the seconds of the dry run, and of its parts alone."""
    async with opened(Settings(data=Path(os.devnull)), conninfo) as house:
        project = Delivery(
            kind="ProjectRegistered",
            system="bench",
            record_id="bench",
            subject="project/bench",
            occurred_on="2024-01-01",
            payload=_PROJECT,
        )
        await house.intake.receive([project], OPERATOR)
        return [(await _tried(house, path), await _alone(house, path)) for _ in range(rounds)]


async def _tried(house: House, path: Path) -> float:
    """Try the register as a clerk does."""
    start = perf_counter()
    reading = Reading(path, path.name, parse(_MAPPING), {}, dry_run=True)
    report = await reading.over(house, OPERATOR)
    spent = perf_counter() - start
    assert report.rows
    assert not report.faulty_rows, report.problems[:1]
    return spent


async def _alone(house: House, path: Path) -> float:
    """Read the whole workbook, then validate its rows."""
    rows, reading = _timed(lambda: _read(path))
    register = parse(_MAPPING)
    header = find(rows[:LOOKED_AT], (), register, "")
    reader = RowReader(register, header, (), {})
    preview = Preview(house.pool, OPERATOR)
    start = perf_counter()
    remaining = enumerate(rows[header.after :], header.after)
    while part := list(islice(remaining, ROWS_AT_ONCE)):
        told = [reader.read(index, cells) for index, cells in part]
        await preview.receive([fact for row in told for fact in row.facts], path.name)
    return reading + perf_counter() - start


def _read(path: Path) -> list[list[Any]]:
    """Read a workbook with nothing but its reader."""
    with CalamineWorkbook.from_path(path) as workbook:
        return list(workbook.get_sheet_by_index(0).iter_rows())


def _timed(work: Callable[[], list[list[Any]]]) -> tuple[list[list[Any]], float]:
    """Do some work, and give the seconds it took beside its result."""
    start = perf_counter()
    result = work()
    return result, perf_counter() - start
