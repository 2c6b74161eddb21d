"""Draft a mapping from a register's header, for a clerk to check and change."""

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from domain.errors import LedgerError
from intake.registers.cells import Cell, flexible_date, number, written
from intake.registers.header import DEEPEST, LOOKED_AT, is_numbering, labels_of, unit_of
from intake.registers.mapping import ColumnType
from intake.registers.safety import UnreadableFile
from intake.registers.table import Merged, Row, opened


class Guess(NamedTuple):
    """What a title that reads so mostly means."""

    pattern: str
    name: str
    type: ColumnType
    values: str = ""


GUESSES: Final = (
    Guess("项目.*代码|统一代码|赋码", "code", "project_code"),
    Guess("项目名称|^名称$", "title", "text"),
    Guess("行政区划|区划代码|属地代码", "district", "text"),
    Guess("行业.*(代码|分类)|国民经济", "industry", "text"),
    Guess("所属(镇|区|园)|镇区|板块|园区", "park", "text"),
    Guess("(项目|建设)(单位|业主|法人)|企业名称", "enterprise", "text"),
    Guess("总投资", "total_investment", "money"),
    Guess("(年度|本年|当年|年内)?计划.*投资|投资.*计划", "annual_plan", "money"),
    Guess("(自开工|开工以来|开工至今).*投资|累计完成总投资", "cumulative", "money"),
    Guess(
        "(累计|年内|本年|当年).*完成.*投资|投资.*(累计|年内|本年).*完成|完成投资", "ytd", "money"
    ),
    Guess("(计划|预计).*开工", "planned_start", "date"),
    Guess("(计划|预计).*(竣工|完工|投产|建成)", "planned_completion", "date"),
    Guess("开工(时间|日期)|实际开工", "started", "date"),
    Guess("(竣工|验收)(时间|日期)", "completed", "date"),
    Guess("投产(时间|日期)", "commissioned", "date"),
    Guess("入库(时间|日期)|纳统(时间|日期)", "enrolled", "date"),
    Guess("签约(时间|日期)", "signed", "date"),
    Guess(
        "建设性质|项目(类别|类型|性质)",
        "class",
        "text",
        '{ "新建" = "new", "新开工" = "new", "续建" = "continuing", "竣工" = "completing",'
        ' "储备" = "reserve" }',
    ),
    Guess("(用地|土地|占地).*面积", "land", "area"),
    Guess("月份|报表月", "reported", "month"),
    Guess("责任人|负责人|联系人|管家", "person", "person"),
)
_REPORTED = """[[facts]]
kind    = "InvestmentReported"
subject = "code:{code}"
date    = "{month}"
key     = ["code", "month"]

[facts.payload]
basis  = "reported"
ytd    = "{ytd}"
method = "progress"
"""
_STARTED = """[[facts]]
kind    = "ConstructionStarted"
subject = "code:{code}"
date    = "{started}"
key     = ["code"]
only_if = ["started"]

[facts.payload]
basis         = "filing"
self_reported = true
"""
_LISTED = """[[facts]]
kind    = "ProjectListed"
subject = "code:{code}"
date    = "{year}"
key     = ["code", "year"]

[facts.payload]
list_id     = "list-{year}"
class       = "{class}"
annual_plan = "{annual_plan}"
"""
_REGISTERED = """# No fact was recognised. GET /schemas lists the kinds of facts with examples.
[[facts]]
kind    = "ProjectRegistered"
date    = "{year}"
key     = ["FIRST"]

[facts.payload]
title           = "{FIRST}"
district        = "fill in, as 320582"
industry_gb4754 = "fill in, as 3391"
stage           = "fill in, as lead"
"""
_YTD: Final = 'ytd    = "{ytd}"\n'
_CUMULATIVE: Final = 'cumulative = "{cumulative}"\n'
_FACTS: Final = (
    ({"code", "ytd"}, _REPORTED),
    ({"code", "started"}, _STARTED),
    ({"code", "class", "annual_plan"}, _LISTED),
)
_SAMPLES = 20
_FEWEST_TITLES = 2
_RESERVED: Final = frozenset({"year", "month", "day", "file", "row"})


def draft(path: Path) -> str:
    """Draft the mapping of a file in TOML. Raises UnsafeFile and UnreadableFile."""
    with opened(path) as sheets:
        for sheet in sheets:
            rows = list(islice(sheet.rows, LOOKED_AT))
            found = _header_of(rows, sheet.merged)
            if found is not None:
                first, depth = found
                labels = labels_of(rows, sheet.merged, first, depth)
                below = [row for row in rows[first + depth :] if not is_numbering(row)]
                return _toml(path, sheet.name, depth, labels, below[:_SAMPLES])
    raise UnreadableFile(what="none of its rows looks like a header")


def _header_of(rows: Sequence[Row], merged: Merged) -> tuple[int, int] | None:
    """Find the row that titles most columns, and how many rows the titles take."""
    widths = [
        len({written(cell) for cell in row if isinstance(cell, str) and _is_title(cell)})
        for row in rows
    ]
    widest = max(widths, default=0)
    if widest < _FEWEST_TITLES:
        return None
    # Titles come before the rows, so the first row that is nearly as wide as any is the header.
    first = next(at for at, width in enumerate(widths) if width * 2 > widest)
    depth = 1 + max((bottom - top for (top, _), (bottom, _) in merged if top == first), default=0)
    while depth < DEEPEST and first + depth < len(rows) and _goes_on(rows, first, first + depth):
        depth += 1
    return first, depth


def _goes_on(rows: Sequence[Row], first: int, at: int) -> bool:
    """Tell whether a row holds the titles below those of a group.

    It says nothing where the header begins, and a title below another one or below nothing.
    """
    begins = next(place for place, cell in enumerate(rows[first]) if written(cell))
    said = [(place, written(cell)) for place, cell in enumerate(rows[at]) if written(cell)]
    return bool(said) and all(
        place > begins and _is_title(text) and not text[0].isdecimal() for place, text in said
    )


def _is_title(cell: str) -> bool:
    """Tell whether a cell may be the title of a column."""
    return any("\u4e00" <= letter <= "\u9fff" or letter.isalpha() for letter in written(cell))


def _toml(path: Path, sheet: str, depth: int, labels: Sequence[str], below: Sequence[Row]) -> str:
    """Write the draft."""
    name = _name(path.stem)
    columns: dict[str, str] = {}
    for place, label in enumerate(labels):
        if label and not re.fullmatch("序号|编号|备注", label):
            cells = [row[place] for row in below if place < len(row) and written(row[place])]
            found, text = _column(label, place, cells, columns)
            columns[found] = text
    return "\n".join(
        [
            f"# Drafted from {path.name}, sheet {sheet}. Check each column and fact, then try it:",
            f"# lifecycle register check {path.name} --mapping THIS-FILE",
            f'name   = "{name}"',
            f'title  = "{path.stem}"',
            'system = "registers" # who sends it; receipts and history name it',
            "",
            "[table]",
            f"header_rows = {depth}",
            "",
            *columns.values(),
            *_facts(columns.keys() | _RESERVED, next(iter(columns), "row")),
            "",
        ]
    )


def _name(stem: str) -> str:
    """Name a mapping as its file, without the month, since next month's is the same register."""
    lasting = re.sub(r"20[0-9]{2}年?([0-9]{1,2}月份?)?", "", stem.lower())
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]+", "-", lasting).strip("-") or "register"


def _column(
    label: str, place: int, cells: Sequence[Cell], taken: dict[str, str]
) -> tuple[str, str]:
    """Write one column, by what its title and its cells look like."""
    title = label.replace('"', "'").replace("\\", "/")
    guess = next((one for one in GUESSES if re.search(one.pattern, label)), None)
    name = guess.name if guess and guess.name not in taken else f"column_{place + 1}"
    kind = guess.type if guess else _type_of(cells)
    lines = [f"[columns.{name}]", f'title = ["{title}"]', f'type  = "{kind}"']
    if kind == "money" and unit_of(label) is None:
        lines.append('unit  = "万元"')
    if name == "code":
        lines.append("required = true")
    if guess and guess.values and name == guess.name:
        lines.append(f"values = {guess.values}")
    return name, "\n".join([*lines, ""])


def _type_of(cells: Sequence[Cell]) -> ColumnType:
    """Guess a type from some cells."""
    if cells and all(_reads(cell, as_date=True) for cell in cells):
        return "date"
    if cells and all(_reads(cell, as_date=False) for cell in cells):
        return "number"
    return "text"


def _reads(cell: Cell, *, as_date: bool) -> bool:
    """Tell whether a cell reads as a date, or as a number."""
    try:
        if as_date:
            return "-" in flexible_date(cell, 2000) and not isinstance(cell, int | float)
        number(cell)
    except LedgerError:
        return False
    return True


def _facts(names: set[str] | frozenset[str], first: str) -> list[str]:
    """Write the facts that the columns allow to tell."""
    told = [text for needed, text in _FACTS if needed <= names]
    if "cumulative" in names:
        told = [text.replace(_YTD, _YTD + _CUMULATIVE) for text in told]
    return told or [_REGISTERED.replace("FIRST", first)]
