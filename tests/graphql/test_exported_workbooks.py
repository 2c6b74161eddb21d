"""Workbooks are ready for a meeting: titles, units, words, and texts that stay texts."""

from datetime import date

import openpyxl
import pytest
from api.request import Request

from domain.district_names import NAMES
from server.exports.meeting import SHEETS, Meeting, last_quarter, meeting_tables
from server.exports.tables import Wanted
from server.exports.writing import gathered
from tests.graphql.exported import table_of, world

__all__ = ["world"]


@pytest.mark.parametrize(("language", "first"), [("zh", "三色看板"), ("en", "Three-colour board")])
def test_the_meeting_workbook_is_ready_to_be_printed(world, tmp_path, language, first):
    request = Request(language=language)
    wanted = Wanted({"on": "2024-12-31"}, origin="ledger.example")
    tables = meeting_tables(world.engine, request, Meeting(date(2024, 12, 31)), wanted)

    world.run(gathered(tables, tmp_path / "meeting.xlsx", language))

    book = openpyxl.load_workbook(tmp_path / "meeting.xlsx")
    assert len(book.sheetnames) == len(SHEETS)
    board = book[first]
    assert board["A1"].value == first
    assert "2024-12-31" in board["A2"].value
    assert "ledger.example" in board["A2"].value
    known = world.run(tables[0].about()).known
    assert str(known) in board["A2"].value
    for sheet in book:
        assert sheet.freeze_panes == "B5"
        assert sheet.print_title_rows == "$4:$4"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToHeight == 0
        assert sheet["A5"].value is not None
        headers = [cell.value for cell in sheet[4]]
        assert len(headers) == len(set(headers))
    answer = world.ask('{ board(asOf: { on: "2024-12-31" }) { region red total } }')
    shown = {row[0].value: (row[1].value, row[5].value) for row in board.iter_rows(min_row=5)}
    cells = answer["data"]["board"]
    called = {cell["region"]: cell["region"] for cell in cells}
    if language == "zh":
        called = {code: f"{NAMES[code]} {code}" if code in NAMES else code for code in called}
        assert "张家港市 320582" in shown
    assert shown == {called[cell["region"]]: (cell["red"], cell["total"]) for cell in cells}


def test_workbooks_say_units_and_words_in_the_language_asked_for(world, tmp_path):
    query = """{ planActual(year: 2024, through: "2024-12", basis: REPORTED, groupBy: LEVEL) {
        key plan { amount(unit: YI_YUAN) } completion { percent } paceGapPp } }"""
    table = table_of(world, query, language="zh")

    world.run(gathered([table], tmp_path / "plan.xlsx", "zh"))

    sheet = openpyxl.load_workbook(tmp_path / "plan.xlsx").worksheets[0]
    headers = [cell.value for cell in sheet[4]]
    assert headers == ["分组", "年度计划（亿元）", "完成率（%）", "进度差（百分点）"]
    assert {row[0].value for row in sheet.iter_rows(min_row=5)} <= {
        "省级",
        "设区市级",
        "市级",
        "区级",
    }
    assert sheet["B5"].number_format.startswith("#,##0.0")


def test_a_text_never_becomes_a_formula_in_a_workbook(world, tmp_path):
    table = table_of(world, "{ board { region } }")
    hostile = ["=cmd|' /C calc'!A0", "+1", "@x", "http://example.org", "1" * 40_000, "\x01"]

    class Hostile:
        title, names, may_tell_names = "=[bad]:*?/\\" * 9, 0, False
        columns = table.columns
        about = table.about

        async def batches(self):
            async for _ in table.batches():
                yield [[text] for text in hostile]

    world.run(gathered([Hostile(), Hostile()], tmp_path / "hostile.xlsx", "en"))

    book = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    assert len(set(book.sheetnames)) == 2
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=5)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[:4]] == hostile[:4]
    assert cells[0].quotePrefix
    assert len(cells[4].value) <= 32_767
    assert cells[4].value.endswith("(cut)")


@pytest.mark.parametrize(
    ("on", "quarter"),
    [
        (date(2024, 1, 1), "2023-Q4"),
        (date(2024, 3, 30), "2023-Q4"),
        (date(2024, 3, 31), "2024-Q1"),
        (date(2024, 12, 31), "2024-Q4"),
    ],
)
def test_a_quarter_is_over_on_its_last_day(on, quarter):
    assert last_quarter(on) == quarter
