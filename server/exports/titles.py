"""Call columns by what the contract says of their fields, with units, for people."""

import re
from collections import Counter
from collections.abc import Sequence

from api.column import Column, Step

from server.exports.glossary import MILESTONES, said

_UNITS = {
    "YUAN": ("元", "yuan"),
    "WAN_YUAN": ("万元", "10,000 yuan"),
    "YI_YUAN": ("亿元", "100 million yuan"),
    "MU": ("亩", "mu"),
    "HECTARE": ("公顷", "ha"),
    "SQUARE_METRE": ("平方米", "m²"),
}
_UNITS_BY_ENDING = (
    ("Pp", ("百分点", "percentage points")),
    ("Yi", ("亿元", "100 million yuan")),
    ("Days", ("天", "days")),
    ("Hours", ("小时", "hours")),
    ("daysLate", ("天", "days")),
    ("PerMu", ("万元/亩", "10,000 yuan per mu")),
)
_VAGUE = frozenset(
    {"id", "on", "name", "version", "count", "numerator", "denominator", "from", "to"}
)
"""Fields whose names say nothing without that of what holds them."""
_CARRIERS = {("Money", "amount"), ("Area", "value"), ("Ratio", "percent")}
"""Fields that only carry the value of what holds them."""
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def titles(columns: Sequence[Column], language: str) -> list[str]:
    """Give each column a title of its own."""
    short = [_title(column, language, _said(column)) for column in columns]
    known = Counter(short)
    long = [
        title if known[title] == 1 else _title(column, language, 2)
        for column, title in zip(columns, short, strict=True)
    ]
    again = Counter(long)
    return [
        title if again[title] == 1 else f"{title} [{column.name}]"
        for column, title in zip(columns, long, strict=True)
    ]


def _said(column: Column) -> int:
    """Tell how many fields on the way name a column well."""
    is_vague = bool(column.steps) and column.steps[-1].name in _VAGUE
    return 2 if is_vague and column.depth > 1 else 1


def in_words(column: Column, value: str, language: str) -> str:
    """Say in words what the value of an enumeration or a code means; other texts stay."""
    known = said(column, value)
    if known is not None:
        return known.zh if language == "zh" else known.en
    if column.words is None or value not in column.words:
        return value
    chinese = _chinese(column.words[value])
    if language == "zh" and chinese:
        return chinese
    return value.replace("_", " ").lower().capitalize()


def _title(column: Column, language: str, most: int) -> str:
    """Name the last fields on the way to a column, and the unit."""
    steps = list(column.steps)
    if not steps:
        return column.name
    last = steps[-1]
    unit = _unit(last, language)
    if (last.holder, last.name) in _CARRIERS and len(steps) > 1:
        steps.pop()
    named = [_named(step, language) for step in steps[-most:]]
    title = named[0] + "".join(_joined(part, language) for part in named[1:])
    return (
        title if unit is None else f"{title}（{unit}）" if language == "zh" else f"{title} ({unit})"
    )


def _joined(part: str, language: str) -> str:
    return f"·{part}" if language == "zh" else f": {part.lower()}"


def _unit(step: Step, language: str) -> str | None:
    """Name the unit of a field, if it has one and does not name it itself."""
    if (step.holder, step.name) == ("Ratio", "percent"):
        return "%"
    ending = next((each for end, each in _UNITS_BY_ENDING if step.name.endswith(end)), None)
    units = _UNITS.get(step.unit or "", ending)
    if units is None or units[0] in step.description:
        return None
    return units[0 if language == "zh" else 1]


def _named(step: Step, language: str) -> str:
    """Give a field's name in a language; the contract has both for every field."""
    chinese = _chinese(step.description)
    if language == "zh" and chinese:
        return chinese
    return " ".join(_WORD.findall(step.name)).lower().capitalize()


def in_chinese(node: str) -> str:
    """Call a node of a life in Chinese, as the contract does."""
    return MILESTONES.get(node, node)


def _chinese(description: str) -> str:
    """Give the Chinese part of a description: after a middle dot, or all of it."""
    if " · " not in description and not _IDEOGRAPH.search(description):
        return ""
    return " ".join(description.rpartition(" · ")[2].split())
