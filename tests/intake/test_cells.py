"""Cells are read as offices fill them in, and what cannot be read is never guessed."""

from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from intake.registers import cells
from intake.registers.mapping import Column
from intake.registers.values import Terms, value_of

YEAR = 2024


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2024-06-11", "2024-06-11"),
        ("2024.6.11", "2024-06-11"),
        ("2024/6/11", "2024-06-11"),
        ("24/6/11", "2024-06-11"),
        ("２０２４．６．１１", "2024-06-11"),
        ("2024年6月11日", "2024-06-11"),
        ("2024 年 6 月 11 日", "2024-06-11"),
        ("6月11日", "2024-06-11"),
        ("6月11号", "2024-06-11"),
        ("6.11", "2024-06-11"),
        ("20240611", "2024-06-11"),
        (20240611, "2024-06-11"),
        (45454, "2024-06-11"),
        (45454.0, "2024-06-11"),
        ("45454", "2024-06-11"),
        (45454.5, "2024-06-11"),
        (date(2024, 6, 11), "2024-06-11"),
        (datetime.combine(date(2024, 6, 11), time(9, 30)), "2024-06-11"),
        ("2024-06-11 09:30:00", "2024-06-11"),
        ("2024.6", "2024-06"),
        ("2024.10", "2024-10"),
        (2024.6, "2024-06"),
        (2024.11, "2024-11"),
        ("2024年6月", "2024-06"),
        ("24年6月", "2024-06"),
        ("2024-06", "2024-06"),
        ("6月", "2024-06"),
        ("6月份", "2024-06"),
        ("2024年", "2024"),
        (2024, "2024"),
        (2024.0, "2024"),
        ("2024年二季度", "2024-Q2"),
        ("第三季度", "2024-Q3"),
        ("2025Q1", "2025-Q1"),
        ("2025-Q1", "2025-Q1"),
        ("2025年上半年", "2025-H1"),
        ("下半年", "2024-H2"),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(cell, meant):
    assert cells.flexible_date(cell, YEAR) == meant


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2024-02-30", "not_a_date"),
        ("2024.13", "not_a_date"),
        ("尽快", "not_a_date"),
        ("13月1日", "not_a_date"),
        (True, "not_a_date"),
        (7.25, "no_year"),
        (2024.1, "ambiguous_date"),
        ("2024-6-11-3", "not_a_date"),
        (float("1e300"), "not_a_date"),
    ],
)
def test_what_is_no_date_is_refused(cell, code):
    with pytest.raises(Malformed) as refused:
        cells.flexible_date(cell, YEAR)
    assert refused.value.code == code
    assert refused.value.cure


def test_a_date_without_its_year_needs_the_registers():
    for cell in ("6月11日", "三季度", "6月"):
        with pytest.raises(Malformed) as refused:
            cells.flexible_date(cell, None)
        assert refused.value.code == "no_year"


@pytest.mark.parametrize(
    ("cell", "unit", "yuan"),
    [
        (1200.5, "万元", 12_005_000),
        ("1,300", "万元", 13_000_000),
        ("１，３００．５", "万元", 13_005_000),
        ("475.7亿元", None, 47_570_000_000),
        ("475.7 亿元", "万元", 47_570_000_000),
        ("3亿", None, 300_000_000),
        (0.1 + 0.2, "亿元", 30_000_000),
        (0, "万元", 0),
        ("-5", "万元", -50_000),
        ("12.34567", "万元", 123_457),
        ("100", "元", 100),
    ],
)
def test_an_amount_is_exact_yuan_in_the_unit_of_its_cell_or_column(cell, unit, yuan):
    assert cells.money(cell, unit)["yuan"] == yuan


@pytest.mark.parametrize(
    ("cell", "unit", "code"),
    [
        ("一百", "万元", "not_a_number"),
        ("约300", "万元", "not_a_number"),
        ("12.3.4", "万元", "not_a_number"),
        (100, None, "no_unit"),
        (True, "万元", "not_a_number"),
        ("1" * 400 + "x", "万元", "not_a_number"),
        ("300千元", "万元", "not_a_number"),
    ],
)
def test_what_is_no_amount_is_refused(cell, unit, code):
    with pytest.raises(Malformed) as refused:
        cells.money(cell, unit)
    assert refused.value.code == code
    assert str(refused.value.value)[:100] == cells.written(cell)[:100]


@pytest.mark.parametrize(
    ("cell", "unit", "mu"),
    [
        (66.6, None, "66.6"),
        ("2公顷", None, "30"),
        (10_000, "平方米", "15"),
        ("10000㎡", None, "15"),
        ("53.05亩", None, "53.05"),
    ],
)
def test_an_area_is_given_in_mu(cell, unit, mu):
    assert cells.area(cell, unit) == mu


@given(st.decimals(min_value=0, max_value=10**9, places=4, allow_nan=False))
def test_a_number_in_text_is_the_number(amount):
    assert cells.number(f"{amount:,f}") == amount
    assert cells.number(float(amount)) == Decimal(format(float(amount), ".15g"))


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none()))
def test_no_cell_whatever_it_holds_does_more_than_be_refused(cell):
    for kind in ("text", "money", "area", "number", "integer", "percent", "date", "instant"):
        with suppress(Malformed):
            value_of(Column("c", ("c",), kind), cell, Terms("万元", YEAR))


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2024-06-11 09:30:00", "2024-06-11T09:30:00+08:00"),
        ("2024/06/11 09:30:00", "2024-06-11T09:30:00+08:00"),
        (datetime.combine(date(2024, 6, 11), time(9, 30)), "2024-06-11T09:30:00+08:00"),
        ("2024-06-11T09:30:00Z", "2024-06-11T09:30:00+00:00"),
        (45454.5, "2024-06-11T12:00:00+08:00"),
        ("2024-06-11", "2024-06-11"),
    ],
)
def test_a_time_is_in_beijing_unless_it_says_otherwise(cell, meant):
    assert cells.instant(cell, None) == meant


@pytest.mark.parametrize(
    "cell",
    [
        "2407-320582-89-01-729324",
        "２４０７－３２０５８２－８９－０１－７２９３２４",
        "2407—320582—89—01—729324",
        " 2407-320582 -89-01-729324 ",
        "24073205828901729324",
    ],
)
def test_a_project_code_is_read_with_dashes_of_any_kind(cell):
    column = Column("code", ("项目代码",), "project_code")
    assert value_of(column, cell, Terms(None, None)) == "2407-320582-89-01-729324"


def test_a_word_that_is_not_on_the_list_is_refused_with_the_list():
    column = Column("class", ("类别",), values={"新建": "new", "续建": "continuing"})

    assert value_of(column, " 新 建 ", Terms(None, None)) == "new"
    with pytest.raises(Malformed) as refused:
        value_of(column, "改建", Terms(None, None))
    assert refused.value.code == "unknown_value"
    assert "新建, 续建" in refused.value.cure
