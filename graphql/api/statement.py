"""Build SQL whose every value is bound, and remember where each value comes from."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from strawberry.utils.str_converters import to_camel_case

from api.cursor import read_cursor
from api.errors import BadInput
from projections.judging.reach import guarded, restricted, unrestricted

Wire = str | list["Wire"] | None
"""A value as it is bound: text, which the placeholder's cast gives its SQL type."""

_MOVING = re.compile(r"\bledger\.(?:batch|quarantine)")
"""What grows without the ledger's position moving: an answer from it is true for a moment only."""
_PLACEHOLDER = re.compile(r"\$\{(\d+)\}")
_TABLE = re.compile(r"\bread\.([a-z_]+)")
_CLOCK = {
    "known": "bigint",
    "settled": "bigint",
    "on": "date",
    "language": "text",
    "reached": "bigint",
    "after": "bigint",
    "known_before": "bigint",
    "on_before": "date",
    "known_after": "bigint",
    "on_after": "date",
    "regions": "text[]",
    "actor": "text",
    "seen": "text",
}
_TOKEN = re.compile(rf"\$({'|'.join(_CLOCK)}|(?:self|parent)(?:_(?P<lookup>[a-z]+))?)\b")


@dataclass(frozen=True, slots=True)
class Parameter:
    """Where the value of a placeholder comes from when the statement runs.

    One of the clocks, or of what limits the caller, by name; a path in the arguments of the field
    with the number `slot`; or else a constant. `key` picks one column out of a cursor with so many
    `keys`, given out in the `order` that the caller chose.
    """

    clock: str | None = None
    slot: int | None = None
    path: tuple[str, ...] = ()
    key: int | None = None
    keys: int = 0
    order: str = ""


def text_of(value: object) -> Wire:
    """Turn a coerced argument into text that PostgreSQL reads. Raises BadInput."""
    match value:
        case None:
            text: Wire = None
        case Enum():
            text = value.name
        case bool():
            text = "true" if value else "false"
        case list() | tuple():
            text = [text_of(item) for item in value]
        case dict():
            text = storable(json.dumps(value, default=str, ensure_ascii=False))
        case date():
            text = value.isoformat()
        case _:
            text = storable(str(value))
    return text


def storable(text: str) -> str:
    """Give a text that PostgreSQL can keep. Raises BadInput for any other."""
    if "\x00" in text:
        message = "A text may not contain the NUL character."
        raise BadInput(message)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            message = "A text may not contain half of a surrogate pair."
            raise BadInput(message) from error
    return text


def reach(values: Mapping[str, object], path: tuple[str, ...]) -> object:
    """Find a value in the arguments of a field, reaching into input objects."""
    found: object = values
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


@dataclass(frozen=True, slots=True)
class Finished:
    """A statement that can be run, with what its placeholders stand for.

    `is_settled` says that it can only be run at a position that was settled.
    """

    text: bytes
    parameters: tuple[Parameter, ...] = ()
    constants: tuple[Wire, ...] = ()
    tables: frozenset[str] = frozenset()
    moves: bool = False
    is_settled: bool = False

    def bound(self, slots: Sequence[Mapping[str, object]]) -> list[Wire]:
        """Give the values of the parameters, all but the clocks. Raises BadInput."""
        values = list(self.constants)
        for place, parameter in enumerate(self.parameters):
            if parameter.slot is None:
                continue
            value = reach(slots[parameter.slot], parameter.path)
            if parameter.key is None:
                values[place] = text_of(value)
            else:
                values[place] = read_cursor(value, parameter.keys, parameter.order)[parameter.key]
        return values

    def clocked(self, values: Sequence[Wire], clocks: Mapping[str, Wire]) -> list[Wire]:
        """Give the values of the parameters with the clocks among them."""
        return [
            value if parameter.clock is None else clocks[parameter.clock]
            for value, parameter in zip(values, self.parameters, strict=True)
        ]


@dataclass(slots=True)
class Statement:
    """A statement in the making: its parameters and a supply of names for its rows.

    `spans` says whether it may read spans, and `reads_spans` and `is_settled` whether it does, and
    whether only at a position that was settled itself. One that is `limited` shows only
    what its caller's reach allows.
    """

    limited: bool = False
    spans: bool = False
    reads_spans: bool = False
    is_settled: bool = False
    chosen: set[int] = field(default_factory=set)
    _values: list[tuple[Parameter, Wire]] = field(default_factory=list)
    _numbers: dict[tuple[Parameter, str], int] = field(default_factory=dict)
    _rows: int = 0
    _moved: dict[str, str] = field(default_factory=dict)
    _lookups: dict[str, dict[str, None]] = field(default_factory=dict)

    @contextmanager
    def under(self, row: str) -> Iterator[None]:
        """Mean, for the length of a `with`, the clocks in two columns of a row."""
        before = self._moved
        self._moved = {name: f'{row}."{name}"' for name in ("known", "on")}
        try:
            yield
        finally:
            self._moved = before

    def may_read_spans(self) -> bool:
        """Tell whether spans may be read, which are about the clocks of the whole statement."""
        may = self.spans and not self._moved
        self.reads_spans |= may
        return may

    def row(self) -> str:
        """Give a fresh alias for rows."""
        self._rows += 1
        return f"row_{self._rows}"

    def placeholder(self, parameter: Parameter, cast: str) -> str:
        """Give the placeholder of a value known at run time; asking again gives the same one."""
        number = self._numbers.get((parameter, cast))
        if number is None:
            number = self._numbers[parameter, cast] = self._add(parameter, None)
        return f"${{{number}}}::{cast}"

    def constant(self, value: Wire, cast: str) -> str:
        """Give the placeholder of a value that the document itself holds."""
        return f"${{{self._add(Parameter(), value)}}}::{cast}"

    def _looked_up(self, row: str, lookup: str) -> str:
        """Give the alias of what is looked up for a row, and remember that it must be."""
        self._lookups.setdefault(row, {})[lookup] = None
        return f"{row}_{lookup}"

    def found(self, row: str) -> str | None:
        """Give the condition that everything that is looked up for a row is found."""
        names = self._lookups.get(row, ())
        return " AND ".join(f"{row}_{name}.project IS NOT NULL" for name in names) or None

    def joined(self, row: str, lookups: Mapping[str, str]) -> str:
        """Give the joins that look things up for a row; what the row shows is written before."""
        return "".join(
            f" LEFT JOIN LATERAL ({self.placed(lookups[name], row=row)}) {row}_{name} ON true"
            for name in self._lookups.get(row, ())
        )

    def _add(self, parameter: Parameter, constant: Wire) -> int:
        self._values.append((parameter, constant))
        return len(self._values) - 1

    def finished(self, text: str) -> "Finished":
        """Number the placeholders that the text really uses; PostgreSQL accepts no others."""
        used: dict[int, int] = {}

        def numbered(match: re.Match[str]) -> str:
            return f"${used.setdefault(int(match[1]), len(used) + 1)}"

        numbered_text = _PLACEHOLDER.sub(numbered, text)
        values = [self._values[number] for number in used]
        return Finished(
            numbered_text.encode(),
            tuple(parameter for parameter, _ in values),
            tuple(constant for _, constant in values),
            frozenset(_TABLE.findall(text)),
            _MOVING.search(text) is not None,
            self.is_settled,
        )

    def source(self, type_: str, sql: str, *, parent: str = "", single: bool = False) -> str:
        """Place the source of rows of a type; rows beyond the caller's reach are left out.

        `single` says that there is one row at most.
        """
        shown = guarded(type_, sql, single=single) if self.limited else unrestricted(sql)
        return self._told(shown, "", parent)

    def placed(self, sql: str, *, row: str = "", parent: str = "") -> str:
        """Put the clocks and the aliases of rows in the place of their tokens."""
        return self._told(restricted(sql) if self.limited else unrestricted(sql), row, parent)

    def _told(self, sql: str, row: str, parent: str) -> str:
        """Fill in the tokens of a text whose tables are what the caller may see."""

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name in self._moved:
                return self._moved[name]
            cast = _CLOCK.get(name)
            if cast is not None:
                return self.placeholder(Parameter(clock=name), cast)
            alias = row if name.startswith("self") else parent
            return alias if match["lookup"] is None else self._looked_up(alias, match["lookup"])

        return _TOKEN.sub(replaced, sql)


class FieldArguments:
    """The arguments of one field while its statement is built."""

    def __init__(
        self, statement: Statement, values: Mapping[str, object], slot: int | None = None
    ) -> None:
        """Take the coerced values; `slot` numbers the field if they depend on variables."""
        self._statement = statement
        self.values = values
        self.carried: set[str] = set()
        self._slot = slot

    def _find(self, name: str) -> tuple[tuple[str, ...], object]:
        path = tuple(to_camel_case(part) for part in name.split("."))
        return path, reach(self.values, path)

    def given(self, name: str) -> bool:
        """Tell whether the argument is present and not null."""
        return self._find(name)[1] is not None

    def choice(self, name: str) -> object:
        """Give the value of an argument that decides the statement; of an enum its name."""
        value = self._find(name)[1]
        if isinstance(value, Enum):
            return value.name
        # The key of a plan holds enums and booleans anyway, of others only whether they are given.
        if self._slot is not None and not isinstance(value, bool):
            self._statement.chosen.add(self._slot)
        return value

    def may_read_spans(self) -> bool:
        """Tell whether to read what was settled."""
        return self._statement.may_read_spans()

    def is_settled(self) -> bool:
        """Tell whether the known position itself was settled."""
        may = self._statement.may_read_spans()
        self._statement.is_settled |= may
        return may

    def carry(self, lookup: str) -> None:
        """Note that the rows of the field's source carry a lookup."""
        self.carried.add(lookup)

    def bind(self, name: str, cast: str) -> str:
        """Give the placeholder of the argument's value."""
        path, value = self._find(name)
        if self._slot is None:
            return self._statement.constant(text_of(value), cast)
        return self._statement.placeholder(Parameter(slot=self._slot, path=path), cast)

    @property
    def order(self) -> str:
        """Give the order that the caller chose; empty for the field's own."""
        return str(self.choice("order_by")) if self.given("order_by") else ""

    def bind_key(self, name: str, key: int, keys: int, cast: str) -> str:
        """Give the placeholder of one of the columns that a cursor holds."""
        path, value = self._find(name)
        order = self.order
        if self._slot is None:
            return self._statement.constant(read_cursor(value, keys, order)[key], cast)
        parameter = Parameter(slot=self._slot, path=path, key=key, keys=keys, order=order)
        return self._statement.placeholder(parameter, cast)
