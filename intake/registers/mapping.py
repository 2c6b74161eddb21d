"""Say which column of a register means what: a TOML file that a clerk can read and change.

See `docs/registers.md` for the whole form, and `intake/mappings/` for ready ones.
"""

import re
import tomllib
from collections.abc import Mapping as Named
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NoReturn, get_args

from domain.errors import Refused
from domain.kinds import KINDS
from domain.toml_lines import line_of

ColumnType = Literal[
    "text",
    "person",
    "money",
    "area",
    "number",
    "integer",
    "percent",
    "date",
    "day",
    "month",
    "year",
    "instant",
    "yes_no",
    "project_code",
]
TYPES: Final = frozenset(get_args(ColumnType))
BLANK: Final = ("/", "\\", "-", "--", "—", "——", "–", "－", "…", "无此项")
SAME: Final = ("同上", "〃", "″", '"', "''", "同前")
SKIP: Final = ("合计", "小计", "总计", "共计", "累计", "总合计")
GIVEN: Final = frozenset({"year", "month", "day", "file", "row"})
"""What a template may name beside the columns."""
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOP = frozenset({"name", "title", "system", "year", "month", "unit", "table", "columns"})
_TOP |= {"derived", "facts"}
_TABLE = frozenset({"sheet", "header_rows", "skip", "blank", "same"})
_COLUMN = frozenset({"title", "type", "unit", "required", "values", "default"})
_FACT = frozenset(
    {"kind", "subject", "date", "key", "record", "version", "only_if", "when", "reason", "corrects"}
) | {"payload"}
_CONDITIONS = ("only_if", "when")


class BadMapping(Refused):
    """Line {line} of the mapping: {what}."""

    code = "bad_mapping"
    cure = "Change the mapping there; `lifecycle register draft FILE` shows how one looks."


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its header may read, and what its cells say."""

    name: str
    titles: tuple[str, ...]
    type: ColumnType = "text"
    unit: str | None = None
    required: bool = False
    values: Named[str, str] = field(default_factory=dict)
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that a row tells, written with the names of columns in braces."""

    kind: str
    subject: str | None
    date: str
    key: tuple[str, ...]
    payload: Named[str, Any]
    record: str | None = None
    version: str | None = None
    only_if: tuple[str, ...] = ()
    when: Named[str, tuple[str, ...]] = field(default_factory=dict)
    reason: str | None = None
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a register says, column by column and fact by fact."""

    name: str
    title: str
    system: str
    columns: tuple[Column, ...]
    facts: tuple[Fact, ...]
    derived: Named[str, tuple[str, ...]] = field(default_factory=dict)
    year: int | None = None
    month: str | None = None
    unit: str | None = None
    sheet: str | None = None
    header_rows: int | None = None
    skip: tuple[str, ...] = SKIP
    blank: frozenset[str] = frozenset(BLANK)
    same: frozenset[str] = frozenset(SAME)


def parse(text: str) -> Mapping:
    """Read a mapping. Raises BadMapping, with the line at fault."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise BadMapping(line=found[1] if found else 1, what=str(error)) from error
    return _Reader(text).mapping(document)


class _Reader:
    """Checks a mapping while reading it; what is wrong is shown with its line."""

    def __init__(self, text: str) -> None:
        self._text = text

    def mapping(self, document: dict[str, Any]) -> Mapping:
        """Read the whole document."""
        self._known(document, _TOP, ())
        name, system = self._text_of(document, "name"), self._text_of(document, "system")
        if not _SYSTEM.fullmatch(system):
            self._bad(("system",), "a system is named by letters, digits, dots and hyphens")
        table = self._table_of(document, "table")
        self._known(table, _TABLE, ("table",))
        columns = self._columns(self._table_of(document, "columns"))
        names = {column.name for column in columns}
        derived = self._derived(self._table_of(document, "derived"), names)
        return Mapping(
            name=name,
            title=self._text_of(document, "title", name),
            system=system,
            columns=columns,
            facts=self._facts(document.get("facts"), names | derived.keys()),
            derived=derived,
            year=self._number(document.get("year"), ("year",)),
            month=self._optional(document, "month"),
            unit=self._optional(document, "unit"),
            sheet=self._optional(table, "sheet", "table"),
            header_rows=self._number(table.get("header_rows"), ("table", "header_rows")),
            skip=self._texts(table.get("skip", SKIP), ("table", "skip")),
            blank=frozenset(self._texts(table.get("blank", BLANK), ("table", "blank"))),
            same=frozenset(self._texts(table.get("same", SAME), ("table", "same"))),
        )

    def _columns(self, tables: dict[str, Any]) -> tuple[Column, ...]:
        """Read the columns."""
        if not tables:
            self._bad(("columns",), "name at least one column, as [columns.code]")
        return tuple(self._column(name, table) for name, table in tables.items())

    def _column(self, name: str, table: Any) -> Column:
        """Read one column; a text alone is its title."""
        place = ("columns", name)
        if isinstance(table, str):
            table = {"title": table}
        if not isinstance(table, dict):
            self._bad(place, "a column is a table with its title")
        if not _NAME.fullmatch(name) or name in GIVEN:
            self._bad(place, "name a column by small letters, not year, month, day, file or row")
        self._known(table, _COLUMN, place)
        written = table.get("type", "text")
        if written not in TYPES:
            self._bad((*place, "type"), f"a type is one of {', '.join(sorted(TYPES))}")
        titles = table.get("title", name)
        values = table.get("values", {})
        if not isinstance(values, dict):
            self._bad((*place, "values"), "write what a word means, as 新建 = 'new'")
        return Column(
            name=name,
            titles=self._texts([titles] if isinstance(titles, str) else titles, place),
            type=written,
            unit=self._optional(table, "unit", *place),
            required=table.get("required", False) is True,
            values={str(said): str(meant) for said, meant in values.items()},
            default=self._optional(table, "default", *place),
        )

    def _derived(self, table: dict[str, Any], names: set[str]) -> dict[str, tuple[str, ...]]:
        """Read what is put together from columns: the first text that can be filled counts."""
        derived = {}
        for name, said in table.items():
            place = ("derived", name)
            if not _NAME.fullmatch(name) or name in names | GIVEN:
                self._bad(place, "name it by small letters, as no column is named")
            self._check_names(said, names, place)
            derived[name] = self._texts([said] if isinstance(said, str) else said, place)
        return derived

    def _facts(self, tables: Any, names: set[str]) -> tuple[Fact, ...]:
        """Read the facts."""
        if not isinstance(tables, list) or not tables:
            self._bad(("facts",), "say at least one fact that a row tells, as [[facts]]")
        return tuple(self._fact(at, table, names) for at, table in enumerate(tables))

    def _fact(self, at: int, table: Any, names: set[str]) -> Fact:
        """Read one fact, and check that what it names is there."""
        place: tuple[str | int, ...] = ("facts", at)
        if not isinstance(table, dict):
            self._bad(place, "a fact is a table with its kind")
        self._known(table, _FACT, place)
        kind = table.get("kind")
        if kind not in KINDS:
            self._bad((*place, "kind"), f"there is no kind of fact {kind!r}")
        self._check_names(table, names, place)
        key = self._texts(table.get("key", ()), (*place, "key"))
        if not key:
            self._bad(place, "name the columns that make the row known again, as key = [...]")
        keys = {name for one in key for name in one.split("|")}
        for part, named in (("key", keys), *((one, table.get(one, ())) for one in _CONDITIONS)):
            for name in set(named) - names - GIVEN:
                self._bad((*place, part), f"there is no column {name!r}")
        payload = table.get("payload", {})
        if not isinstance(payload, dict):
            self._bad((*place, "payload"), "a payload is a table of fields")
        return Fact(
            kind=str(kind),
            subject=self._optional(table, "subject", *place),
            date=self._text_of(table, "date", None, *place),
            key=key,
            payload=payload,
            record=self._optional(table, "record", *place),
            version=self._optional(table, "version", *place),
            only_if=self._texts(table.get("only_if", ()), (*place, "only_if")),
            when={
                name: self._texts([said] if isinstance(said, str) else said, (*place, "when"))
                for name, said in table.get("when", {}).items()
            },
            reason=self._optional(table, "reason", *place),
            corrects=self._optional(table, "corrects", *place),
        )

    def _check_names(self, value: Any, names: set[str], place: tuple[str | int, ...]) -> None:
        """See to it that every name in braces is a column or given."""
        if isinstance(value, dict):
            for key, inner in value.items():
                self._check_names(inner, names, (*place, key))
        elif isinstance(value, list):
            for inner in value:
                self._check_names(inner, names, place)
        elif isinstance(value, str):
            for named in PLACEHOLDER.findall(value):
                for name in set(named.split("|")) - names - GIVEN:
                    self._bad(place, f"there is no column {name!r}")

    def _known(
        self, table: dict[str, Any], allowed: frozenset[str], place: tuple[str | int, ...]
    ) -> None:
        """Refuse keys that mean nothing, since they are mostly misspelt."""
        for key in table.keys() - allowed:
            self._bad((*place, key), f"{key!r} is none of {', '.join(sorted(allowed))}")

    def _text_of(
        self, table: dict[str, Any], key: str, default: str | None = None, *place: str | int
    ) -> str:
        """Give a text that must be there."""
        value = table.get(key, default)
        if not isinstance(value, str) or not value.strip():
            self._bad((*place, key), f"{key} is missing or no text")
        return value

    def _optional(self, table: dict[str, Any], key: str, *place: str | int) -> str | None:
        """Give a text that may be left out; numbers and dates count as their text."""
        value = table.get(key)
        if isinstance(value, dict | list | bool):
            self._bad((*place, key), f"{key} is a text")
        return None if value is None else str(value)

    def _texts(self, value: Any, place: tuple[str | int, ...]) -> tuple[str, ...]:
        """Give a list of texts."""
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self._bad(place, "write a list of texts")
        return tuple(value)

    def _number(self, value: Any, place: tuple[str | int, ...]) -> int | None:
        """Give a whole number that may be left out."""
        if value is not None and type(value) is not int:
            self._bad(place, "write a whole number")
        number: int | None = value
        return number

    def _table_of(self, document: dict[str, Any], key: str) -> dict[str, Any]:
        """Give a table, empty if it is left out."""
        table = document.get(key, {})
        if not isinstance(table, dict):
            self._bad((key,), f"{key} is a table, written [{key}]")
        return table

    def _bad(self, place: tuple[str | int, ...], what: str) -> NoReturn:
        """Say where the mapping is wrong."""
        raise BadMapping(line=line_of(self._text, place), what=what)
