"""Registers are read as offices keep them: odd headers, sums, ditto marks, many formats."""

import asyncio
import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from domain.errors import LedgerError
from domain.receipt import Receipt, Status
from intake.delivery import Delivery
from intake.registers import safety
from intake.registers.draft_mapping import draft
from intake.registers.file import opened_register
from intake.registers.library import mapping, texts
from intake.registers.mapping import BadMapping, Mapping, parse
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


def as_ods(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
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


@pytest.mark.parametrize("write", [as_csv, as_xlsx, as_xls, as_ods])
def test_every_format_says_the_same(tmp_path, write):
    report, facts = read(write(tmp_path / "file", ROWS), MONTHLY)

    assert [(fact.subject, fact.occurred_on) for fact in facts] == [
        (f"code:{CODES[0]}", "2024-06"),
        (f"code:{CODES[1]}", "2024-06"),
    ]
    assert facts[0].payload["ytd"] == {"yuan": 12_005_000, "as_reported": "1200.5万元"}
    assert facts[0].payload["cumulative"]["yuan"] == 300_000_000
    assert "cumulative" not in facts[1].payload
    assert facts[1].payload["ytd"]["yuan"] == 13_000_000
    assert (report.rows, dict(report.skipped)) == (2, {"sum": 1})
    assert [fact.row_no for fact in facts] == [3, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_file_may_have_any_of_the_usual_encodings(tmp_path, encoding):
    report, facts = read(as_csv(tmp_path / "file.csv", ROWS, encoding), MONTHLY)

    assert (report.rows, report.faulty_rows) == (2, 0)
    assert len(facts) == 2


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_a_text_file_may_part_its_cells_otherwise(tmp_path, delimiter):
    text = "\n".join(delimiter.join(str(cell or "") for cell in row) for row in ROWS[:4])
    path = tmp_path / "file.txt"
    path.write_text(text, "utf-8")

    assert read(path, MONTHLY)[0].rows == 2


def test_a_header_of_two_lines_and_merged_cells_is_understood(tmp_path):
    rows = [
        ["重点项目表", None, None, None, None],
        ["单位：亿元", None, None, None, None],
        ["项目名称", "项目代码", "投资完成情况", None, "月份"],
        [None, None, "计划", "本年完成投资", None],
        ["甲", "乙", 1, 2, 3],
        ["某项目", CODES[0], 9, 1.5, "2024.6"],
    ]
    merged = ["A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4"]

    for path in (
        as_xlsx(tmp_path / "merged.xlsx", rows, merged),
        as_csv(tmp_path / "plain.csv", rows),
    ):
        report, facts = read(path, MONTHLY)
        assert [fact.payload["ytd"]["yuan"] for fact in facts] == [150_000_000], path
        assert report.columns["ytd"] == "投资完成情况/本年完成投资"
        assert dict(report.skipped) == {"numbering": 1}


def test_sums_titles_notes_and_blank_rows_tell_nothing(tmp_path):
    rows = [
        *ROWS[1:2],
        ["一、新建项目", None, None, None],
        ["小计（2个）", None, 5, None],
        [None, None, None, None],
        ["合计电子材料项目", CODES[2], 5, None],
        ["总  计", None, 5, None],
        ["注：数据截至6月底", None, None, None],
    ]

    report, facts = read(as_csv(tmp_path / "f.csv", rows), MONTHLY, month="2024-06")

    assert [fact.subject for fact in facts] == [f"code:{CODES[2]}"]
    assert dict(report.skipped) == {"section": 1, "sum": 2, "blank": 1, "note": 1}


def test_as_above_and_merged_cells_reach_down_but_amounts_count_once(tmp_path):
    rows = [
        ["项目代码", "开工时间", "镇区", "面积"],
        ["a", "6月11日", "大新镇", "10"],
        ["b", "同上", "〃", "2公顷"],
        ["c", date(2024, 6, 12), None, None],
        ["d", 45455, "锦丰镇", 5],
    ]
    path = as_xlsx(tmp_path / "f.xlsx", rows, ["C3:C4", "D3:D4"])

    _, facts = read(path, parse(SMALL))

    said = {fact.record_id[-1]: (fact.occurred_on, fact.payload.get("phase_id")) for fact in facts}
    assert said == {
        "a": ("2024-06-11", "大新镇-10"),
        "b": ("2024-06-11", "大新镇-30"),
        "c": ("2024-06-12", None),
        "d": ("2024-06-12", "锦丰镇-5"),
    }


def test_a_formula_counts_with_the_value_it_had(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["项目代码", "开工时间", "镇区", "面积"])
    book.active.append(["a", "2024-06-11", "x", "=1+1"])
    plain = tmp_path / "plain.xlsx"
    book.save(plain)
    cached = tmp_path / "cached.xlsx"
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(cached, "w") as after:
        for part in before.infolist():
            data = before.read(part)
            after.writestr(part.filename, re.sub(rb"</f><v ?/>|</f><v></v>", b"</f><v>2</v>", data))

    assert read(cached, parse(SMALL))[1][0].payload["phase_id"] == "x-2"
    assert "phase_id" not in read(plain, parse(SMALL))[1][0].payload


def test_each_fault_is_told_with_its_cell(tmp_path):
    rows = [
        ["项目代码", "开工时间", "镇区", "面积"],
        ["a", "2024-02-30", "x", "约三亩"],
        ["b", None, "x", 1],
        ["c", "#REF!", "x", 1],
        ["d", "6月1日", "x", 1],
        ["d", "6月2日", "x", 1],
        ["d", "6月1日", "x", 1],
        [None, "6月3日", "x", 1],
    ]

    report, facts = read(as_csv(tmp_path / "f.csv", rows), parse(SMALL))

    assert [(one["cell"], one["code"]) for one in report.problems] == [
        ("B2", "not_a_date"),
        ("D2", "not_a_number"),
        ("B3", "missing_value"),
        ("B4", "formula_error"),
        ("A6", "repeated_key"),
        ("A8", "missing_value"),
    ]
    assert [fact.row_no for fact in facts] == [5, 7]
    assert (report.rows, report.counts[Status.REJECTED], report.faulty_rows) == (7, 5, 5)


def test_faulty_rows_come_back_marked_and_ready_to_be_sent_again(tmp_path):
    rows = [*ROWS[:3], ["=cmd|x", "坏", "一百", None], ["丁", CODES[3], 5, None]]
    faults = tmp_path / "faults.xlsx"
    read(as_csv(tmp_path / "f.csv", rows), MONTHLY, faults)

    book = openpyxl.load_workbook(faults)
    sheet = book.active
    assert [cell.value for cell in sheet[3]][:3] == ["=cmd|x", "坏", "一百"]
    assert sheet["A3"].data_type == "s"
    assert "invalid_project_code" in sheet["B3"].comment.text
    assert sheet["B3"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["A3"].comment is None
    assert sheet["E3"].value == 4
    assert "本年完成投资" in sheet["F3"].value

    sheet["B3"], sheet["C3"] = CODES[4], 100
    book.save(faults)
    report, facts = read(faults, MONTHLY)
    assert (report.rows, report.faulty_rows) == (1, 0)
    assert facts[0].subject == f"code:{CODES[4]}"


def test_a_register_without_faults_leaves_no_workbook_of_them(tmp_path):
    faults = tmp_path / "faults.xlsx"

    read(as_csv(tmp_path / "f.csv", ROWS), MONTHLY, faults)

    assert not faults.exists()


def test_missing_columns_are_named_with_what_was_found(tmp_path):
    path = as_csv(tmp_path / "f.csv", [["项目名称", "金额"], ["甲", 1]])

    with pytest.raises(LedgerError) as refused:
        read(path, MONTHLY)

    assert refused.value.code == "missing_columns"
    assert "项目代码" in str(refused.value)
    assert "项目名称, 金额" in refused.value.cure


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04garbage", b"\xff\xfe\x00"])
def test_what_is_no_register_is_refused(tmp_path, content):
    path = tmp_path / "f.xlsx"
    path.write_bytes(content)

    with pytest.raises(LedgerError) as refused:
        read(path, MONTHLY)

    assert refused.value.code in {"unreadable_file", "missing_columns"}
    assert refused.value.cure


def test_bombs_and_tricks_are_refused_before_anything_reads_them(tmp_path, monkeypatch):
    good = as_xlsx(tmp_path / "good.xlsx", ROWS)

    def changed(name: str, data: bytes) -> Path:
        path = tmp_path / "bad.xlsx"
        with zipfile.ZipFile(good) as before, zipfile.ZipFile(path, "w", 8) as after:
            for part in before.infolist():
                after.writestr(part.filename, before.read(part) if part.filename != name else data)
        return path

    sheet = "xl/worksheets/sheet1.xml"
    tricks = {
        "entities": changed(sheet, b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>').read_bytes(),
        "bomb": changed(sheet, b"<worksheet>" + b" " * 60_000_000).read_bytes(),
    }
    for content in tricks.values():
        path = tmp_path / "trick.xlsx"
        path.write_bytes(content)
        with pytest.raises(safety.UnsafeFile):
            read(path, MONTHLY)
    monkeypatch.setattr(safety, "LARGEST_FILE", 100)
    with pytest.raises(safety.UnsafeFile):
        read(good, MONTHLY)


def test_a_workbook_that_would_take_all_memory_harms_only_its_reader(tmp_path):
    good = as_xlsx(tmp_path / "good.xlsx", ROWS)
    path = tmp_path / "wide.xlsx"
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(good) as before, zipfile.ZipFile(path, "w", 8) as after:
        for part in before.infolist():
            data = before.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", far)
            after.writestr(part.filename, data)

    with pytest.raises(safety.UnreadableFile):
        read(path, MONTHLY)


def test_a_cell_as_long_as_a_book_spoils_only_its_row(tmp_path):
    rows = [*ROWS[:2], ["甲" * 40_000, CODES[0], 1, None], ["乙", CODES[1], 2, None]]

    report, facts = read(as_csv(tmp_path / "f.csv", rows), MONTHLY)

    assert [one["code"] for one in report.problems] == ["cell_too_long"]
    assert len(facts) == 1


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("SMALL", "SMALL = ["), 1),
        (('type = "date"', 'type = "dat"'), 9),
        (('key = ["code"]', 'key = ["cod"]'), 20),
        (('"{town}-{land}"', '"{twon}"'), 24),
        (('kind = "ConstructionStarted"', 'kind = "Started"'), 18),
        (('title = "镇区"', 'titel = "镇区"'), 13),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_at_its_line(change, line):
    text = SMALL if change[0] in SMALL else "x = ["
    before = text.replace(*change)

    with pytest.raises(BadMapping) as refused:
        parse(before)

    assert abs(int(refused.value.facts["line"]) - line) <= 1, refused.value


@pytest.mark.parametrize("name", texts())
def test_every_ready_mapping_can_be_read(name):
    assert mapping(name).name == name
    assert mapping(name).facts


def test_a_mapping_is_drafted_from_a_header_and_reads_the_file(tmp_path):
    path = as_csv(tmp_path / "月报.csv", ROWS)

    drafted = parse(draft(path))

    report, facts = read(path, drafted)
    assert {column.type for column in drafted.columns} >= {"money", "project_code"}
    assert (report.rows, report.faulty_rows, len(facts)) == (2, 0, 2)
