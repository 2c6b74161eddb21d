"""Write registers as offices do, and read them."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

from domain.receipt import Receipt, Status
from intake.delivery import Delivery
from intake.registers.file import opened_register
from intake.registers.library import mapping
from intake.registers.mapping import Mapping
from intake.registers.register import Run
from intake.registers.report import Report

CODES = [f"2407-320582-89-01-7293{n:02d}" for n in range(30)]
MONTHLY = mapping("monthly-investment")
SMALL = """
name = "small"
system = "office"
year = 2024
[columns.code]
title = "项目代码"
required = true
[columns.start]
title = ["开工时间"]
type = "date"
required = true
[columns.town]
title = "镇区"
[columns.land]
title = "面积"
type = "area"
[[facts]]
kind = "ConstructionStarted"
subject = "source:office/{code}"
date = "{start}"
key = ["code"]
[facts.payload]
basis = "filing"
self_reported = true
phase_id = "{town}-{land}"
"""


class Seen:
    """Accepts every fact and remembers it."""

    def __init__(self) -> None:
        self.facts: list[Delivery] = []

    async def receive(self, facts: Sequence[Delivery], file: str) -> list[Receipt]:
        assert len(file) == 64
        self.facts += facts
        return [Receipt(Status.ACCEPTED) for _ in facts]


def read(
    path: Path, register: Mapping, faults: Path | None = None, **given: Any
) -> tuple[Report, list[Delivery]]:
    seen = Seen()
    report = Report(register.name, path.name, dry_run=True)
    opening = opened_register(path, register, given)
    run = Run(register, opening, seen, report, faults_to=faults)
    return asyncio.run(run.all()), seen.facts


def as_csv(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, rows: Sequence[Sequence[object]], merged: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def as_xls(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write(at, place, cell)
    book.save(str(path))
    return path


@dataclass(frozen=True)
class Failed:
    """What an office program shows of a formula that failed, with a note beside it."""

    says: str


def as_ods(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, Failed):
            return (
                '<table:table-cell table:formula="of:=1/0" office:value-type="string"'
                ' office:string-value="" calcext:value-type="error"><office:annotation>'
                f"<text:p>why?</text:p></office:annotation><text:p>{value.says}</text:p>"
                "</table:table-cell>"
            )
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    spaces += (
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            "<manifest:manifest"
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            "</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="表">{lines}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


ROWS = [
    ["2024年6月重点项目投资完成情况表", None, None, None],
    ["项目名称", "项目代码", "本年完成投资（万元）", "自开工累计完成投资（亿元）"],
    ["甲", CODES[0], 1200.5, 3],
    ["乙", CODES[1], "１，３００", "／"],
    ["合 计", None, 2500.5, None],
]
