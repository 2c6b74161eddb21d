"""Files that are no registers, and mappings that cannot be meant, are refused clearly."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from domain.errors import LedgerError, Malformed
from intake.registers import safety
from intake.registers.draft_mapping import draft
from intake.registers.library import mapping, mapping_or_file, texts
from intake.registers.mapping import BadMapping, parse
from intake.registers.table import NoText, OpenQuotation
from tests.intake.register_files import (
    CODES,
    MONTHLY,
    ROWS,
    SMALL,
    Failed,
    as_csv,
    as_ods,
    as_xlsx,
    read,
)


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


@pytest.mark.parametrize(
    ("line", "is_open"),
    [
        ('"甲,2024-06-11,x', True),
        ('"甲,2024-06-11,x\nb,2024-06-11,y', True),
        ('甲,2024-06-11,"x', True),
        ('甲,2024-06-11,"x\n""y"""', False),
        ('甲,2024-06-11,5"', False),
        ('"甲"乙",2024-06-11,x', False),
    ],
)
def test_a_quotation_mark_that_is_never_closed_hides_no_rows(tmp_path, line, is_open):
    path = tmp_path / "f.csv"
    path.write_text(f"项目代码,开工时间,镇区\na,2024-06-10,w\n{line}\n", "utf-8")

    if is_open:
        with pytest.raises(OpenQuotation) as refused:
            read(path, parse(SMALL))
        assert refused.value.value == "3"
    else:
        assert read(path, parse(SMALL))[0].rows == 2


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


def test_the_unit_above_a_register_holds_and_not_the_one_that_a_draft_supposes(tmp_path):
    rows = [["2024年6月（单位：亿元）"], ["项目代码", "本年完成投资"], [CODES[0], 1.5]]
    path = as_csv(tmp_path / "r.csv", rows)
    drafted = draft(path)
    assert 'unit  = "万元"' in drafted

    _, facts = read(path, parse(drafted))

    assert facts[0].payload["ytd"]["as_reported"] == "1.5亿元"


def test_a_draft_knows_the_titles_below_those_of_a_group(tmp_path):
    rows = [
        ["2024年6月重点项目投资完成情况表"],
        ["项目名称", "项目代码", "投资完成情况（亿元）", None],
        [None, None, "本年完成投资", "自开工累计完成投资"],
        ["甲", CODES[0], 1.5, 3],
    ]
    path = as_xlsx(tmp_path / "r.xlsx", rows, ["C2:D2"])

    report, facts = read(path, parse(draft(path)))

    assert (report.rows, report.faulty_rows) == (1, 0)
    assert facts[0].occurred_on == "2024-06"
    assert facts[0].payload["ytd"]["as_reported"] == "1.5亿元"
    assert facts[0].payload["cumulative"]["as_reported"] == "3亿元"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("项目代码,开工时间\na,2024-06-10\nb\0,2024-06-11\n".encode(), "row 3 holds a NUL"),
        ("项目代码,开工时间\nb\0,2024-06-11\n".encode("utf-16"), "row 2 holds a NUL"),
        ("项目代码,开工时间\n".encode("utf-16-le"), "row 1 holds a NUL"),
        ("<html><table><tr><td>项目代码</td></tr></table></html>".encode(), "a web page"),
        ("é,à".encode("latin-1"), "neither a workbook nor a text in UTF-8 or GB18030"),
    ],
)
def test_a_text_that_is_none_is_refused_with_how_to_save_it(tmp_path, content, says):
    path = tmp_path / "f.xls"
    path.write_bytes(content)

    with pytest.raises(NoText, match=says) as refused:
        read(path, parse(SMALL))

    assert (refused.value.code, "CSV in UTF-8" in refused.value.cure) == ("unreadable_file", True)


def test_a_locked_workbook_is_named_as_that(tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(safety.OLD_OFFICE + bytes(1000) + "EncryptedPackage".encode("utf-16-le"))

    with pytest.raises(safety.UnreadableFile, match="protected by a password"):
        read(path, MONTHLY)


def test_a_failed_formula_is_a_fault_of_its_row_and_never_a_blank(tmp_path):
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write_formula("A1", "=1/0", None, "#DIV/0!")
        sheet = book.add_worksheet("6月 & 7月")
        sheet.write_row(0, 1, ["项目代码", "开工时间", "镇区", "面积"])
        for at, cells in enumerate([["a", "2024-06-10", "x"], ["b", "2024-06-11", "y"], [], []], 1):
            sheet.write_row(at, 1, cells)
        sheet.write_formula("E2", "=1/0", None, "#DIV/0!")
        sheet.write_formula("E4", "=B4", None, "#N/A")

    report, facts = read(path, parse(SMALL))

    told = [(one["cell"], one["code"], one["value"]) for one in report.problems]
    assert told == [("E2", "formula_error", "#DIV/0!")]
    assert [fact.subject for fact in facts] == ["source:office/b"]
    assert report.skipped == {"blank": 1}


def test_a_failed_formula_of_an_old_workbook_is_a_fault_of_its_row_too(tmp_path):
    path = tmp_path / "f.xls"
    book = xlwt.Workbook()
    book.add_sheet("说明").row(0).set_cell_error(0, "#REF!")
    sheet = book.add_sheet("6月")
    for at, row in enumerate([["项目代码", "开工时间", "镇区", "面积"], ["a", "2024-06-10", "x"]]):
        for place, cell in enumerate(row):
            sheet.write(at + 2, place + 1, cell)
    sheet.row(3).set_cell_error(4, "#DIV/0!")
    for place, cell in enumerate(["b", "2024-06-11", "y"]):
        sheet.write(4, place + 1, cell)
    book.save(str(path))

    report, facts = read(path, parse(SMALL))

    told = [(one["cell"], one["code"], one["value"]) for one in report.problems]
    assert told == [("E4", "formula_error", "#DIV/0!")]
    assert [fact.subject for fact in facts] == ["source:office/b"]


def test_a_failed_formula_of_an_open_document_is_a_fault_of_its_row_too(tmp_path):
    rows = [
        ["项目代码", "开工时间", "镇区", "面积"],
        ["a", "2024-06-10", "x", Failed("#DIV/0!")],
        ["b", "2024-06-11", "y", None],
    ]
    path = as_ods(tmp_path / "f.ods", rows)
    repeated = tmp_path / "repeated.ods"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(repeated, "w") as other:
        for part in whole.namelist():
            text = whole.read(part).decode()
            row = "<table:table-row>"
            blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell'
            blank += ' table:number-columns-repeated="4"/></table:table-row>'
            cell = '<table:table-cell table:number-columns-repeated="2"/>'
            other.writestr(part, text.replace(row, row + cell).replace(row, blank + row, 1))

    told = []
    for each in (path, repeated):
        report, facts = read(each, parse(SMALL))
        told += [(one["cell"], one["code"], one["value"]) for one in report.problems]
        assert [fact.subject for fact in facts] == ["source:office/b"]
    assert told == [("D2", "formula_error", "#DIV/0!"), ("F5", "formula_error", "#DIV/0!")]


@pytest.mark.parametrize("amount", ["9" * 26, 1e20, "99999999999亿元", -1e20])
def test_an_amount_beyond_what_is_kept_spoils_only_its_row(tmp_path, amount):
    rows = [*ROWS[:2], ["甲", CODES[0], amount, None], ["乙", CODES[1], 2, None]]

    report, facts = read(as_xlsx(tmp_path / "f.xlsx", rows), MONTHLY)

    assert [(one["cell"], one["code"]) for one in report.problems] == [("C3", "too_large")]
    assert len(facts) == 1


def test_what_no_cell_can_say_is_asked_of_whoever_sends(tmp_path):
    path = as_csv(tmp_path / "f.csv", [ROWS[1], ["甲", CODES[0], 1, None]])

    report, _ = read(path, MONTHLY)

    assert [(one["column"], one["cure"].split()[0]) for one in report.problems] == [
        ("报表月份", "Add"),
        ("month", "Give"),
    ]
    assert read(path, MONTHLY, month="2024-06")[0].faulty_rows == 0


@pytest.mark.parametrize(
    ("name", "value"), [("month", "2024-13"), ("month", "abcd-ef"), ("year", "0000")]
)
def test_a_month_or_year_that_is_none_is_refused_before_any_row(tmp_path, name, value):
    with pytest.raises(Malformed) as refused:
        read(as_csv(tmp_path / "f.csv", ROWS), MONTHLY, **{name: value})

    assert (refused.value.field, refused.value.value) == (name, value)


def test_a_mapping_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes("name = '表'".encode("gb18030"))

    with pytest.raises(BadMapping, match="UTF-8"):
        mapping_or_file(str(path))
