"""Registers are read as offices keep them: odd headers, sums, ditto marks, many formats."""

import re
import zipfile
from datetime import date

import openpyxl
import pytest

from domain.receipt import Status
from intake.registers.formulas import NeverComputed
from intake.registers.header import RepeatedColumn
from intake.registers.mapping import parse
from tests.intake.register_files import (
    CODES,
    MONTHLY,
    ROWS,
    SMALL,
    as_csv,
    as_ods,
    as_xls,
    as_xlsx,
    read,
)


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
    with pytest.raises(NeverComputed) as refused:
        read(plain, parse(SMALL))
    assert refused.value.value == "D2"


def test_hidden_sheets_are_not_read_and_further_ones_are_named(tmp_path):
    book = openpyxl.Workbook()
    old, new, more = book.active, book.create_sheet("新"), book.create_sheet("另一镇")
    book.create_sheet("说明").append(["填表说明"])
    old.title, old.sheet_state, book.active = "旧", "hidden", new
    for sheet, code in ((old, "a"), (new, "b"), (more, "c")):
        sheet.append(["项目代码", "开工时间", "镇区"])
        sheet.append([code, "2024-06-11", "x"])
    path = tmp_path / "f.xlsx"
    book.save(path)

    report, [fact] = read(path, parse(SMALL))
    named, [hidden] = read(path, parse(SMALL + '\n[table]\nsheet = "旧"\n'))

    assert (fact.subject, report.sheet) == ("source:office/b", "新")
    assert report.as_json()["sheets_not_read"] == ["另一镇"]
    assert (hidden.subject, named.sheets_not_read) == ("source:office/a", [])


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


def test_faulty_rows_keep_the_unit_of_a_group_of_columns(tmp_path):
    group = "投资完成情况（亿元）"
    rows = [
        ["2024年6月重点项目投资完成情况表"],
        ["项目代码", group, None],
        [None, "本年完成投资", "自开工累计完成投资"],
        [CODES[0], "约三", 1.5],
    ]
    faults = tmp_path / "faults.xlsx"
    read(as_xlsx(tmp_path / "r.xlsx", rows, ["A2:A3", "B2:C2"]), MONTHLY, faults)

    book = openpyxl.load_workbook(faults)
    book.active["B4"] = 3
    book.save(faults)
    report, facts = read(faults, MONTHLY)

    assert report.faulty_rows == 0
    assert facts[0].payload["ytd"] == {"yuan": 300_000_000, "as_reported": "3亿元"}


def test_faulty_rows_say_themselves_what_stood_above_them(tmp_path):
    small = parse(SMALL.replace("[columns.code]", '[table]\nsheet = "表"\n[columns.code]'))
    rows = [
        ["项目代码", "开工时间", "镇区", "面积"],
        ["A", "2024-06-01", "杨舍镇", 5],
        ["B", "坏", "同上", 6],
        ["C", "2024-06-02", "锦丰镇", 7],
        ["D", "坏", None, 8],
        ["E", "坏", "〃", 9],
    ]
    book = openpyxl.Workbook()
    book.active.title = "表"
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("C4:C5")
    book.save(tmp_path / "r.xlsx")
    faults = tmp_path / "faults.xlsx"
    read(tmp_path / "r.xlsx", small, faults)

    corrected = openpyxl.load_workbook(faults)
    for at in (2, 3, 4):
        corrected.active[f"B{at}"] = "2024-06-03"
    corrected.save(faults)
    _, facts = read(faults, small)

    assert [fact.payload["phase_id"] for fact in facts] == ["杨舍镇-6", "锦丰镇-8", "锦丰镇-9"]


def test_faulty_rows_keep_the_number_that_makes_their_record(tmp_path):
    small = parse(SMALL.replace('key = ["code"]', 'key = ["row"]'))
    rows = [["项目代码", "开工时间"], ["A", "2024-06-01"], ["B", "坏"], ["C", "坏"]]
    faults = tmp_path / "faults.xlsx"
    read(as_xlsx(tmp_path / "r.xlsx", rows), small, faults)

    corrected = openpyxl.load_workbook(faults)
    corrected.active["B3"] = "2024-06-03"
    corrected.save(faults)
    again = tmp_path / "again.xlsx"
    _, facts = read(faults, small, again)

    assert [fact.record_id.rpartition("/")[2] for fact in facts] == ["4"]
    assert [cell.value for cell in openpyxl.load_workbook(again).active[2]][2:3] == [3]


def test_a_first_row_without_its_key_is_a_faulty_row_and_no_line_of_the_header(tmp_path):
    rows = [*ROWS[:2], ["甲", None, 5, None], ROWS[2]]

    report, facts = read(as_csv(tmp_path / "r.csv", rows), MONTHLY)

    assert (report.rows, report.faulty_rows, len(facts)) == (2, 1, 1)


def test_a_title_over_two_columns_is_refused_and_one_over_merged_cells_is_not(tmp_path):
    title, header, row, _, _ = ROWS
    twice = [title, [*header, header[1]], [*row, CODES[5]]]
    with pytest.raises(RepeatedColumn, match="项目代码"):
        read(as_csv(tmp_path / "r.csv", twice), MONTHLY)

    wide = [title, [*header, None], [*row, None], ["丁", CODES[3], "坏", None, None]]
    faults = tmp_path / "faults.xlsx"
    _, facts = read(as_xlsx(tmp_path / "r.xlsx", wide, ["D2:E2", "D3:E3"]), MONTHLY, faults)
    assert len(facts) == 1
    report, _ = read(faults, MONTHLY)
    assert report.faulty_rows == 1


def test_the_unit_of_the_amounts_of_a_register_is_none_of_its_areas(tmp_path):
    small = parse(SMALL.replace("year = 2024", 'year = 2024\nunit = "万元"'))
    rows = [["台账（单位：万元）"], ["项目代码", "开工时间", "镇区", "面积"]]
    path = as_csv(tmp_path / "r.csv", [*rows, ["A", "2024-06-01", "镇", 20]])

    report, facts = read(path, small)

    assert report.faulty_rows == 0
    assert facts[0].payload["phase_id"] == "镇-20"


@pytest.mark.parametrize(
    ("above", "title", "said"),
    [
        ("2024年6月", "本年完成投资（千元）", None),
        ("2024年6月", "本年完成投资（万美元）", None),
        ("2024年6月 单位：千元", "本年完成投资", None),
        ("2024年6月 单位：人民币亿元", "本年完成投资", "5亿元"),
        ("2024年6月", "本年完成投资（单位：亿元）", "5亿元"),
        ("2024年6月", "本年完成投资【人民币亿元】", "5亿元"),
        ("2024年6月", "本年完成投资 亿元", "5亿元"),
        ("2024年6月", "本年完成投资/亿元", "5亿元"),
        ("2024年6月", "本年完成投资千元", None),
        ("2024年6月", "本年完成投资", "5万元"),
    ],
)
def test_a_unit_that_is_not_read_is_a_fault_and_never_taken_for_another(
    tmp_path, above, title, said
):
    rows = [[above], ["项目代码", title], [CODES[0], 5]]

    report, facts = read(as_csv(tmp_path / "r.csv", rows), MONTHLY)

    assert [fact.payload["ytd"]["as_reported"] for fact in facts] == ([said] if said else [])
    assert [problem["code"] for problem in report.problems] == ([] if said else ["no_unit"])
