"""Read the cells of registers as offices fill them in: dates, amounts and numbers in all hands."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import isfinite
from typing import Any, Final
from unicodedata import normalize

from domain.canonical import LARGEST_INTEGER
from domain.errors import Malformed
from domain.flexdate import BEIJING
from domain.money import YUAN_IN

Cell = str | float | int | bool | date | datetime | time | timedelta | None
"""What a cell holds, as the reader of the workbook gives it."""

LONGEST_CELL: Final = 32_767
"""Letters in a cell of a workbook; more is no cell that anybody wrote."""

MU_IN: Final = {
    "亩": Decimal(1),
    "公顷": Decimal(15),
    "ha": Decimal(15),
    "平方米": Decimal(3) / Decimal(2000),
    "m2": Decimal(3) / Decimal(2000),
    "平方公里": Decimal(1500),
}
YES: Final = frozenset({"是", "有", "√", "✓", "y", "yes", "true", "1", "已"})
NO: Final = frozenset({"否", "无", "×", "x", "n", "no", "false", "0", "未"})

_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
"""Day numbers from 1954 to 2119; what lies outside is no date of a project."""
_CENTURY = 2000
_NUMBER = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
_DATE_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        _YEAR + r"[-./年](?P<month>[0-9]{1,2})[-./月](?P<day>[0-9]{1,2})[日号]?",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        r"(?P<month>[0-9]{1,2})月(?P<day>[0-9]{1,2})[日号]?",
        r"(?P<month>[0-9]{1,2})[-./](?P<day>[0-9]{1,2})",
        r"(?P<year>[0-9]{4})[-./年](?P<month>[0-9]{1,2})月?(?:份)?",
        r"(?P<year>[0-9]{2})年(?P<month>[0-9]{1,2})月?(?:份)?",
        r"(?P<month>[0-9]{1,2})月(?:份)?",
        r"(?P<year>[0-9]{4})年?",
    )
)
_PERIOD = re.compile(
    r"(?:(?P<year>[0-9]{4})[年-]?)?(?:第?(?P<quarter>[一二三四1-4])季度|[Qq](?P<q>[1-4])"
    r"|(?P<half>[上下])半年|[Hh](?P<h>[12]))"
)
_CLOCK = re.compile(r"[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_BETWEEN = re.compile(r"(?<=[0-9年月./-]) +(?=[0-9年月日./-])")
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
_LARGEST = 10**9
_MOST = 10**24
_SIGNIFICANT = ".15g"
"""A workbook keeps fifteen digits; what lies beyond is noise of binary fractions."""


def written(cell: Cell) -> str:
    """Give what a cell says as a text: half-width, without blanks around it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return normalize("NFKC", cell).strip()
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return _plain(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _plain(number: float) -> str:
    """Write a number of a workbook as it is shown."""
    return f"{Decimal(format(number, _SIGNIFICANT)):f}" if isfinite(number) else str(number)


def number(cell: Cell) -> Decimal:
    """Read a number; of text also with thousands parted. Raises Malformed."""
    if isinstance(cell, bool | date | time | timedelta):
        raise _wrong(cell, "not_a_number", "Write a number.")
    if isinstance(cell, int | float):
        if not -_MOST < cell < _MOST:
            raise _wrong(cell, "not_a_number", "Write a number of fewer digits.")
        return Decimal(format(cell, _SIGNIFICANT) if isinstance(cell, float) else cell)
    said = re.sub(r"\s", "", written(cell))
    match = _NUMBER.fullmatch(said)
    if match is None:
        raise _wrong(cell, "not_a_number", "Write a number alone, such as 1234.5.")
    try:
        return Decimal(match[1] + match[2].replace(",", "") + (match[3] or ""))
    except InvalidOperation as error:
        raise _wrong(cell, "not_a_number", "Write a number of fewer digits.") from error


def with_unit(cell: Cell, units: Any) -> tuple[Decimal, str | None]:
    """Read a number that may have its unit behind it in the cell. Raises Malformed."""
    if isinstance(cell, str):
        said = re.sub(r"\s", "", written(cell))
        for unit in sorted(units, key=len, reverse=True):
            if said.lower().endswith(unit) and len(said) > len(unit):
                return _before(cell, said, unit), unit
    return number(cell), None


def _before(cell: Cell, said: str, unit: str) -> Decimal:
    """Read the number before a unit. Raises Malformed, which tells the whole cell."""
    try:
        return number(said[: -len(unit)])
    except Malformed as problem:
        cure = f"Write a number alone before {unit}, such as 1234.5{unit}."
        raise _wrong(cell, problem.code, cure) from problem


def money(cell: Cell, unit: str | None) -> dict[str, Any]:
    """Read an amount in the unit of its cell, or else of its column. Raises Malformed."""
    amount, own = with_unit(cell, YUAN_IN)
    unit = own or unit
    if unit is None or unit not in YUAN_IN:
        raise _wrong(
            cell, "no_unit", 'Write the unit behind the column\'s title, as "(万元)", or the cell.'
        )
    yuan = _kept(cell, amount * YUAN_IN[unit])
    return {"yuan": yuan, "as_reported": f"{amount:f}{unit}"}


def area(cell: Cell, unit: str | None) -> str:
    """Read an area and give it in mu, to four places. Raises Malformed."""
    amount, own = with_unit(cell, MU_IN)
    unit = own or unit or "亩"
    if unit not in MU_IN:
        raise _wrong(cell, "no_unit", "Write the area in 亩, 公顷 or 平方米.")
    mu = (amount * MU_IN[unit]).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return f"{mu.normalize():f}"


def percent(cell: Cell, unit: str | None) -> str:
    """Read a share in percent; a cell that is formatted so holds a fraction. Raises Malformed."""
    said = written(cell)
    if said.endswith("%"):
        return f"{number(said[:-1]).normalize():f}"
    share = number(cell)
    # Without any sign of a unit, a fraction of one is a percentage that the workbook formats.
    if unit != "%" and isinstance(cell, float) and 0 < share <= 1:
        share *= 100
    return f"{share.normalize():f}"


def whole(cell: Cell) -> int:
    """Read a whole number. Raises Malformed."""
    found = number(cell)
    if found != found.to_integral_value():
        raise _wrong(cell, "not_whole", "Write a whole number.")
    return _kept(cell, found)


def _kept(cell: Cell, found: Decimal) -> int:
    """Give a number as a whole one that the ledger can keep. Raises Malformed."""
    if abs(found) > LARGEST_INTEGER:
        raise _wrong(cell, "too_large", "Write a number that can be true; look at its unit too.")
    return int(found.to_integral_value(ROUND_HALF_UP))


def yes_or_no(cell: Cell) -> bool:
    """Read a yes or a no. Raises Malformed."""
    said = written(cell).lower()
    if said in YES or said in NO:
        return said in YES
    raise _wrong(cell, "not_yes_or_no", "Write 是 or 否.")


def flexible_date(cell: Cell, year: int | None) -> str:
    """Read a date as exact as it is written; `year` is meant where none is. Raises Malformed."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, bool | time | timedelta) or cell is None:
        raise _no_date(cell)
    if isinstance(cell, int | float):
        return _numbered(cell)
    said = _BETWEEN.sub("", _CLOCK.sub("", written(cell))).strip()
    if _SERIAL.fullmatch(said) and int(float(said)) in _SERIALS:
        return _numbered(float(said))
    match = _PERIOD.fullmatch(said)
    if match:
        return _period(match, year, cell)
    for form in _DATE_FORMS:
        match = form.fullmatch(said)
        if match:
            return _dated(match.groupdict(), year, cell)
    raise _no_date(cell)


def _numbered(cell: float) -> str:
    """Read a date that a workbook holds as a number: a day's serial, 20240611, 2024, or 2024.6."""
    if not 0 <= cell < _LARGEST:
        raise _no_date(cell)
    whole_part = int(cell)
    if cell == whole_part and len(str(whole_part)) == len("20240611"):
        return flexible_date(str(whole_part), None)
    if whole_part in _SERIALS:
        return (_EPOCH + timedelta(days=whole_part)).isoformat()
    said = _plain(cell)
    if said.endswith(".1") and len(said) == len("2024.1"):
        # The number 2024.10 is the same number; only as a text would it be told apart.
        raise _wrong(cell, "ambiguous_date", f"Write {whole_part}-01 or {whole_part}-10.")
    return flexible_date(said, None)


def _dated(parts: dict[str, str | None], year: int | None, cell: Cell) -> str:
    """Put a date together from its parts. Raises Malformed."""
    own = parts.get("year")
    if own is not None:
        year = int(own) + (_CENTURY if len(own) < len("2024") else 0)
    if year is None:
        raise _wrong(cell, "no_year", "Write the year too, or name it for the whole register.")
    month, day = parts.get("month"), parts.get("day")
    try:
        checked = date(year, int(month or 1), int(day or 1))
    except ValueError as error:
        raise _no_date(cell) from error
    return checked.isoformat()[: 4 if month is None else 7 if day is None else 10]


def _period(match: re.Match[str], year: int | None, cell: Cell) -> str:
    """Read a quarter or half of a year. Raises Malformed."""
    year = int(match["year"]) if match["year"] else year
    if year is None:
        raise _wrong(cell, "no_year", "Write the year too, or name it for the whole register.")
    if match["half"] or match["h"]:
        return f"{year}-H{match['h'] or '上下'.index(match['half']) + 1}"
    quarter = match["quarter"] or match["q"]
    return f"{year}-Q{'一二三四'.index(quarter) + 1 if quarter in '一二三四' else quarter}"


def day(cell: Cell, year: int | None) -> str:
    """Read a date exact to the day. Raises Malformed."""
    found = flexible_date(cell, year)
    if len(found) != len("2024-06-11"):
        raise _wrong(cell, "not_a_day", "Write the exact day, as 2024-06-11.")
    return found


def month(cell: Cell, year: int | None) -> str:
    """Read the month of a date. Raises Malformed."""
    found = flexible_date(cell, year)
    if len(found) < len("2024-06") or not found[5].isdecimal():
        raise _wrong(cell, "not_a_month", "Write the month, as 2024-06.")
    return found[:7]


def instant(cell: Cell, year: int | None) -> str:
    """Read a time in Beijing; a date alone stays a date. Raises Malformed."""
    if isinstance(cell, float | int) and _SERIAL.fullmatch(written(cell)):
        start = datetime.combine(_EPOCH, time(), BEIJING)
        cell = (start + timedelta(days=cell)).replace(microsecond=0)
    if isinstance(cell, str) and _CLOCK.search(written(cell)):
        said = written(cell).replace("/", "-").replace(".", "-", 2)
        try:
            cell = datetime.fromisoformat(said.upper())
        except ValueError as error:
            raise _no_date(cell) from error
    if isinstance(cell, datetime):
        aware = cell if cell.tzinfo else cell.replace(tzinfo=BEIJING)
        return aware.isoformat(timespec="seconds")
    return flexible_date(cell, year)


def _no_date(cell: Cell) -> Malformed:
    """Say that a cell holds no date."""
    return _wrong(cell, "not_a_date", "Write an existing date, as 2024-06-11, 2024-06 or 2024.")


def _wrong(cell: Cell, code: str, cure: str) -> Malformed:
    """Say what is wrong with a cell."""
    return Malformed(code=code, value=written(cell), cure=cure)
