"""Compare what is planted in a demonstration with what GraphQL answers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from functools import reduce
from importlib.resources import files
from itertools import groupby
from typing import Any

import orjson
from api.engine import Engine
from api.request import Request

from server.demonstration.figures import Figure, Sheet
from server.demonstration.figures_elsewhere import (
    figures_of_nantong,
    figures_of_wujin,
    figures_of_zhenjiang,
)
from server.demonstration.figures_zhangjiagang import figures_of_zhangjiagang
from server.demonstration.portfolio import Portfolio

STEP = re.compile(r"(?P<name>[^.\[]+)(?:\[(?P<field>[^\]=]+)(?:=(?P<value>[^\]]*))?\])?")
SHEETS = (
    figures_of_zhangjiagang,
    figures_of_zhenjiang,
    figures_of_wujin,
    figures_of_nantong,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A planted figure beside what was answered."""

    figure: Figure
    answered: str
    ok: bool

    def as_json(self) -> dict[str, Any]:
        """Write it for programs."""
        return {**asdict(self.figure), "answered": self.answered, "ok": self.ok}


def figures(portfolio: Portfolio) -> Iterator[Figure]:
    """Give every planted figure of a portfolio."""
    for sheet_of in SHEETS:
        sheet: Sheet = sheet_of(portfolio)
        yield from sheet


async def check(engine: Engine, planted: Iterable[Figure]) -> list[Checked]:
    """Ask every question once and compare its figures."""
    checked = []
    for question, group in groupby(planted, key=lambda figure: figure.question):
        reply = orjson.loads((await engine.answer(Request(_document(question)))).body)
        if "errors" in reply:
            message = reply["errors"][0]["message"]
            checked += [Checked(figure, f"error: {message}", ok=False) for figure in group]
        else:
            checked += [_compared(figure, reply["data"]) for figure in group]
    return checked


def _document(question: str) -> str:
    """Read a question."""
    folder = files("server.demonstration").joinpath("questions")
    return folder.joinpath(f"{question}.graphql").read_text(encoding="utf-8")


def _compared(figure: Figure, answer: Any) -> Checked:
    """Compare one figure."""
    try:
        found = _found(answer, figure.path)
    except (KeyError, IndexError, TypeError, StopIteration):
        return Checked(figure, "nothing", ok=False)
    return Checked(figure, found, ok=_holds(figure, found))


def _holds(figure: Figure, answered: str) -> bool:
    """Tell whether an answer is what was planted; numbers are compared by value."""
    try:
        expected, found = Decimal(figure.expected), Decimal(answered)
    except InvalidOperation:
        return figure.relation == "=" and answered == figure.expected
    relations = {"=": found == expected, ">": found > expected, "<": found < expected}
    return relations[figure.relation]


def _found(answer: Any, path: str) -> str:
    """Follow a path; `*` adds up what lies behind it in every row, `#` counts the rows."""
    if path.endswith(".#"):
        return str(len(reduce(_step, STEP.finditer(path.removesuffix(".#")), answer)))
    before, star, after = path.partition(".*.")
    rows = reduce(_step, STEP.finditer(before), answer)
    if star:
        return str(sum(Decimal(_found(row, after)) for row in rows))
    return str(rows).lower() if isinstance(rows, bool) else str(rows)


def _step(value: Any, step: re.Match[str]) -> Any:
    """Go one step of a path. Raises KeyError, IndexError, TypeError or StopIteration."""
    inner = value[step["name"]]
    if step["field"] is None:
        return inner
    if step["value"] is None:
        return inner[int(step["field"])]
    return next(row for row in inner if str(row[step["field"]]) == step["value"])
