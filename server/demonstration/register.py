"""Write a monthly register (台账) as offices keep it, with the mistakes that such workbooks hold.

Its title spans the sheet, its header has two merged lines, numbers are typed in full width, a line
sums up, one project is unknown, one amount is in the wrong unit and one cell holds no number.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import xlsxwriter

from server.demonstration.portfolio import Portfolio
from server.demonstration.zhenjiang import zhenjiang

FILE_NAME = "镇江市重点项目月度投资完成情况表（2025年11月）.xlsx"
MAPPING, MONTH, YEAR = "monthly-investment", "2025-11", 2025
ROWS = 24
UNKNOWN_CODE = "2511-321199-89-01-100001"
WIDTH = 4
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
SLIP = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a project's name, its code and what is written as its investment."""

    name: str
    code: str
    done: str | int


def write_register(portfolio: Portfolio, folder: Path) -> Path:
    """Write the register of a portfolio; give the file."""
    file = folder / FILE_NAME
    rows = _rows(portfolio)
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("2025年11月")
        sheet.merge_range(0, 0, 0, WIDTH - 1, "镇江市重点项目月度投资完成情况表")
        sheet.merge_range(1, 0, 2, 0, "序号")
        sheet.merge_range(1, 1, 1, 2, "项目")
        sheet.merge_range(1, 3, 2, 3, "本年完成投资（万元）")
        sheet.write_row(2, 1, ("项目名称", "项目代码"))
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number + 2, 0, (number, row.name, row.code, row.done))
        total = sum(row.done for row in rows if isinstance(row.done, int))
        sheet.write_row(len(rows) + 3, 0, ("合计", "", "", total))
    return file


def _rows(portfolio: Portfolio) -> list[Row]:
    """Choose projects whose codes are of 2024, and spoil some of the lines."""
    book = zhenjiang(portfolio)
    names = {
        report.record_id: report.data["title"]
        for report in book.reports
        if report.kind == "ProjectRegistered"
    }
    coded = [
        (report.subject, report.data["code"])
        for report in book.reports
        if report.kind == "ProjectCodeAssigned" and report.data["code"].startswith("24")
    ]
    random = Random(f"{portfolio.seed}/register")
    rows = [Row(names[subject], code, random.randint(900, 4_000)) for subject, code in coded[:ROWS]]
    rows[1] = Row(rows[1].name, rows[1].code, str(rows[1].done).translate(FULL_WIDTH))
    rows[2] = Row(rows[2].name, rows[2].code, int(rows[2].done) * SLIP)
    rows[3] = Row(rows[3].name, rows[3].code, "待核实")
    rows.append(Row("（示例）未赋码项目", UNKNOWN_CODE, 1_200))
    return rows
