"""Write tables as one Excel workbook that can be printed and laid on the table of a meeting.

Rows are written as they come and never held. A text is always a text: nothing in it becomes a
formula or a link, however often the cell is edited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from unicodedata import east_asian_width

import xlsxwriter
from api.column import Column
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.flexdate import BEIJING
from server.exports.about import About
from server.exports.cells import RISKY, as_date, as_decimal, as_moment
from server.exports.titles import in_words, titles

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL: Final = 32_767
"""Characters that Excel keeps in a cell."""
MOST_ROWS: Final = 1_048_576
_EXACT_DIGITS: Final = 15
"""Digits of a number that Excel keeps; what has more is written as a text."""
_HEADER: Final = 3
_MOST_NAME: Final = 31
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))
_NARROW, _WIDE, _MARGIN = 8, 48, 2
_A4: Final = 9
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "empty": "没有符合条件的数据",
        "page": "第 &P 页，共 &N 页",
        "true": "是",
        "false": "否",
        "cut": "……（已截断）",
    },
    "en": {
        "empty": "Nothing to show",
        "page": "Page &P of &N",
        "true": "yes",
        "false": "no",
        "cut": "… (cut)",
    },
}


@dataclass(frozen=True, slots=True)
class _Formats:
    """How cells look."""

    title: Format
    about: Format
    header: Format
    text: Format
    guarded: Format
    whole: Format
    number: Format
    day: Format
    moment: Format


class Workbook:
    """One workbook with a sheet a table; `language` is that of the words around the facts."""

    def __init__(self, path: Path, language: str) -> None:
        """Begin a file."""
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._language = language if language in _WORDS else "en"
        self._formats = _formats(self._book)
        self._names: set[str] = set()
        self._is_described = False

    def sheet(self, title: str, columns: Sequence[Column], about: About) -> "Sheet":
        """Begin the next sheet; the one before is finished."""
        if not self._is_described:
            self._is_described = True
            self._describe(about)
        page = self._book.add_worksheet(self._name(title))
        return Sheet(self, page, title, columns, about)

    def further(self, sheet: "Sheet") -> Worksheet:
        """Give the page on which a sheet goes on that is full."""
        return self._book.add_worksheet(self._name(sheet.title))

    @property
    def formats(self) -> _Formats:
        """Give how cells look."""
        return self._formats

    @property
    def language(self) -> str:
        """Give the language of the words around the facts."""
        return self._language

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _describe(self, about: About) -> None:
        """Say in the file's properties what it holds; equal exports have equal dates in them."""
        moment = None if about.known_at is None else about.known_at.astimezone(BEIJING)
        created = {} if moment is None else {"created": moment.replace(tzinfo=None)}
        told = "; ".join(f"{name}={text}" for name, text in about.metadata().items())
        self._book.set_properties({"title": about.title, "comments": told, **created})

    def _name(self, title: str) -> str:
        """Give a sheet a name that Excel takes and no other sheet has."""
        plain = title.translate(_NOT_IN_NAMES).strip("'") or "1"
        name, number = plain[:_MOST_NAME], 1
        while name.lower() in self._names:
            number += 1
            ending = f" ({number})"
            name = plain[: _MOST_NAME - len(ending)] + ending
        self._names.add(name.lower())
        return name


class Sheet:
    """One table in a workbook: a title, a line about it, a header that stays, rows."""

    def __init__(
        self, book: Workbook, page: Worksheet, title: str, columns: Sequence[Column], about: About
    ) -> None:
        """Write everything above the rows."""
        self.title = title
        self._book = book
        self._columns = columns
        self._about = about
        self._titles = titles(columns, book.language)
        self._widths = [_width(each) for each in self._titles]
        self._rows = 0
        self._page = page
        self._begin(page)

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows, on a further sheet where this one is full."""
        for row in rows:
            if self._row == MOST_ROWS:
                self._finish()
                self._begin(self._book.further(self))
            for place, (column, value) in enumerate(zip(self._columns, row, strict=True)):
                if value is not None:
                    self._write(place, column, value)
            self._row += 1
            self._rows += 1

    def end(self) -> None:
        """Write what stands there instead of rows if there are none, and set the widths."""
        if self._rows == 0:
            self._page.write_string(self._row, 0, self._word("empty"), self._book.formats.text)
        self._finish()

    def _begin(self, page: Worksheet) -> None:
        """Set up a page: its paper, its head, the rows that stay in sight."""
        self._page, self._row = page, _HEADER + 1
        formats = self._book.formats
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        page.repeat_rows(_HEADER)
        page.set_footer(f"&L{_footer(self.title)}&R{self._word('page')}")
        page.freeze_panes(_HEADER + 1, 1 if len(self._columns) > 1 else 0)
        page.write_string(0, 0, self.title, formats.title)
        page.write_string(1, 0, self._about.line(), formats.about)
        for place, title in enumerate(self._titles):
            page.write_string(_HEADER, place, title, formats.header)

    def _finish(self) -> None:
        """Set what can only be known in the end."""
        last = max(len(self._columns) - 1, 0)
        if self._rows:
            self._page.autofilter(_HEADER, 0, self._row - 1, last)
        for place, width in enumerate(self._widths):
            self._page.set_column(place, place, min(max(width, _NARROW), _WIDE) + _MARGIN)

    def _write(self, place: int, column: Column, value: Any) -> None:
        """Write one cell by the kind of its column."""
        formats, page, row = self._book.formats, self._page, self._row
        match column.kind:
            case "date":
                page.write_datetime(row, place, as_date(value), formats.day)
                self._seen(place, 10)
            case "datetime":
                local = as_moment(value).astimezone(BEIJING).replace(tzinfo=None)
                page.write_datetime(row, place, _whole(local), formats.moment)
                self._seen(place, 19)
            case "int" | "float" | "decimal":
                self._number(place, column.kind, value)
            case "boolean":
                self._text(place, self._word("true" if value else "false"))
            case _:
                self._text(place, in_words(column, str(value), self._book.language))

    def _number(self, place: int, kind: str, value: Any) -> None:
        """Write a number, as a text where Excel would lose digits of it."""
        exact = as_decimal(value if kind == "decimal" else str(value))
        written = format(exact.normalize() if exact else exact, "f")
        if len(written.lstrip("-").replace(".", "").strip("0")) > _EXACT_DIGITS:
            self._text(place, written)
            return
        look = self._book.formats.whole if kind == "int" else self._book.formats.number
        self._page.write_number(self._row, place, float(exact), look)
        self._seen(place, len(written) + len(written) // 3)

    def _text(self, place: int, text: str) -> None:
        """Write a text, cut where Excel would refuse it."""
        if len(text) > LONGEST_CELL:
            cut = self._word("cut")
            text = text[: LONGEST_CELL - len(cut)] + cut
        formats = self._book.formats
        look = formats.guarded if text.startswith(RISKY) else formats.text
        self._page.write_string(self._row, place, text, look)
        self._seen(place, _width(text[:_WIDE]))

    def _seen(self, place: int, width: int) -> None:
        self._widths[place] = max(self._widths[place], width)

    def _word(self, name: str) -> str:
        return _WORDS[self._book.language][name]


def _formats(book: xlsxwriter.Workbook) -> _Formats:
    """Make the looks of cells once for the whole book."""
    cell = {"border": 1, "border_color": "#BFBFBF", "valign": "top"}
    text = {**cell, "text_wrap": True}
    return _Formats(
        title=book.add_format({"bold": True, "font_size": 16}),
        about=book.add_format({"italic": True, "font_color": "#595959"}),
        header=book.add_format(
            {
                **text,
                "bold": True,
                "bg_color": "#D9E1F2",
                "align": "center",
                "valign": "vcenter",
            }
        ),
        text=book.add_format(text),
        guarded=book.add_format({**text, "quote_prefix": True}),
        whole=book.add_format({**cell, "num_format": "#,##0"}),
        number=book.add_format({**cell, "num_format": "#,##0.0#####"}),
        day=book.add_format({**cell, "num_format": "yyyy-mm-dd"}),
        moment=book.add_format({**cell, "num_format": "yyyy-mm-dd hh:mm:ss"}),
    )


def _footer(title: str) -> str:
    """Give a title as a footer shows it; an ampersand there commands."""
    return title.replace("&", "&&")[:100]


def _whole(moment: Any) -> Any:
    """Round to the second, which is what Excel shows."""
    rounded = moment + timedelta(microseconds=500_000)
    return rounded.replace(microsecond=0)


def _width(text: str) -> int:
    """Tell how many columns of a fixed font a text takes; Chinese characters take two."""
    return max(
        (sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line))
        for line in (text.splitlines() or [""])
    )
