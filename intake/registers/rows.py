"""Read the rows of a register into facts, or into what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

import orjson
from msgspec.structs import replace

from domain.errors import Malformed
from intake.delivery import Delivery
from intake.registers.cells import Cell, written
from intake.registers.faults import Fault
from intake.registers.header import Header
from intake.registers.mapping import Column, Fact
from intake.registers.mapping import Mapping as Register
from intake.registers.skipping import why_skipped
from intake.registers.table import Merged, Row
from intake.registers.templates import filled, first_of, names_in
from intake.registers.values import Terms, value_of

AMOUNTS: Final = frozenset({"money", "number", "integer", "area", "percent"})
"""Merged over several rows, an amount stands for all of them together and counts once."""
LONGEST_KEY: Final = 160


@dataclass(slots=True)
class RowRead:
    """One row: what it says, or why it says nothing."""

    number: int
    cells: Row
    facts: list[Delivery] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: str | None = None


class RowReader:
    """Reads row after row; some say "as above"."""

    def __init__(
        self, register: Register, header: Header, merged: Merged, given: Mapping[str, Any]
    ) -> None:
        """Read the rows under a header; what is `given` holds for all of them."""
        self._register = register
        self._header = header
        self._merged: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in merged:
            if bottom > top >= header.after:
                self._merged.setdefault(top, []).append((left, bottom))
        self._reaching: dict[int, tuple[int, Cell]] = {}
        self._above: dict[int, Cell] = {}
        self._seen: dict[str, tuple[int, bytes]] = {}
        year = given.get("year") or register.year or header.year
        month = given.get("month") or register.month or header.month
        self._year = int(year) if year else None
        self._given = {**given, "year": self._year, "month": month}
        self._keys = {
            name for fact in register.facts for key in fact.key for name in key.split("|")
        }

    def read(self, index: int, cells: Row) -> RowRead:
        """Read the row at an index, counted from 0 as in the sheet."""
        row = RowRead(index + 1, cells)
        cells = self._unmerged(index, cells)
        keys = [place for name, place in self._header.places.items() if name in self._keys]
        row.skipped = why_skipped(cells, keys, self._register.skip, index - self._header.after)
        if row.skipped is not None:
            return row
        values = dict(self._given) | {"row": row.number}
        for column in self._register.columns:
            try:
                values[column.name] = self._value(column, cells)
            except Malformed as problem:
                row.faults.append(self._fault(problem, column))
        if not row.faults:
            for name, texts in self._register.derived.items():
                filled_in = (filled(text, values) for text in texts)
                values[name] = next((text for text in filled_in if text is not None), None)
            self._tell(row, values)
        return row

    def _unmerged(self, index: int, cells: Row) -> Row:
        """Fill what a merged cell above reaches over."""
        for left, bottom in self._merged.get(index, ()):
            if left < len(cells):
                self._reaching[left] = (bottom, cells[left])
        if not self._reaching:
            return cells
        full = list(cells)
        for place, (bottom, cell) in list(self._reaching.items()):
            if index > bottom:
                del self._reaching[place]
            elif place < len(full) and not written(full[place]):
                full[place] = cell if self._may_reach(place, index) else full[place]
        return full

    def _may_reach(self, place: int, index: int) -> bool:
        """Tell whether a merged cell says the same of each of its rows."""
        names = [name for name, at in self._header.places.items() if at == place]
        types = {column.type for column in self._register.columns if column.name in names}
        return not types & AMOUNTS or index in self._merged

    def _value(self, column: Column, cells: Row) -> Any:
        """Read what a column says in this row. Raises Malformed."""
        place = self._header.places.get(column.name)
        cell = cells[place] if place is not None and place < len(cells) else None
        said = written(cell)
        if said in self._register.same and place is not None:
            if place not in self._above:
                raise Malformed(code="nothing_above", value=said, cure="Write the value itself.")
            cell = self._above[place]
            said = written(cell)
        if place is not None:
            self._above[place] = cell
        if not said or said in self._register.blank:
            if column.default is not None:
                return value_of(column, column.default, self._terms(column))
            if column.required:
                raise Malformed(code="missing_value", value=said or None, cure="Fill in this cell.")
            return None
        return value_of(column, cell, self._terms(column))

    def _terms(self, column: Column) -> Terms:
        """Say how amounts and dates of a column are meant; the header knows best."""
        unit = self._header.units.get(column.name) or column.unit
        return Terms(unit or self._header.table_unit or self._register.unit, self._year)

    def _fault(self, problem: Malformed, column: Column | None) -> Fault:
        """Put down what is wrong, at its cell."""
        place = self._header.places.get(column.name) if column else None
        title = column.titles[0] if column else None
        if place is not None:
            title = self._header.title(place) or title
        return Fault(problem.code, problem.cure, place, title, problem.value)

    def _tell(self, row: RowRead, values: dict[str, Any]) -> None:
        """Tell the facts of a row."""
        for fact in self._register.facts:
            if any(values.get(name) is None for name in fact.only_if):
                continue
            if any(str(values.get(name)) not in said for name, said in fact.when.items()):
                continue
            delivery = self._delivery(row, fact, values)
            if delivery is not None:
                row.facts.append(delivery)
        if row.faults:
            row.facts.clear()
        elif not row.facts:
            row.skipped = "nothing to tell"
        self._check_repetition(row)

    def _delivery(self, row: RowRead, fact: Fact, values: Mapping[str, Any]) -> Delivery | None:
        """Write one fact of a row, or put down which cell it lacks."""
        date, subject = filled(fact.date, values), filled(fact.subject, values)
        lacking = [key.partition("|")[0] for key in fact.key if first_of(key, values) is None]
        lacking += self._sources(fact.date) if date is None else []
        lacking += self._sources(fact.subject) if subject is None and fact.subject else []
        lacking += self._sources(fact.record) if filled(fact.record, values) is None else []
        for name in dict.fromkeys(lacking):
            problem = Malformed(code="missing_value", cure="Fill in this cell.")
            row.faults.append(self._fault(problem, self._column(name)))
        if lacking:
            return None
        return Delivery(
            kind=fact.kind,
            system=self._register.system,
            record_id=self._record(fact, values),
            record_version=filled(fact.version, values),
            subject=subject,
            occurred_on=str(date),
            reason=filled(fact.reason, values),
            corrects=self._target(fact, values),
            payload=filled(dict(fact.payload), values) or {},
            row_no=row.number,
        )

    def _sources(self, template: str | None) -> list[str]:
        """Name the columns that a template depends on."""
        return [
            source
            for name in names_in(template)
            for source in names_in(list(self._register.derived.get(name, ()))) or [name]
        ]

    def _record(self, fact: Fact, values: Mapping[str, Any]) -> str:
        """Name the record of a fact: the register, the kind, and the key of the row."""
        if fact.record is not None:
            return str(filled(fact.record, values))
        same = [one for one in self._register.facts if one.kind == fact.kind]
        order = f"~{same.index(fact) + 1}" if same.index(fact) else ""
        key = "|".join(str(first_of(names, values)) for names in fact.key)
        if len(key) > LONGEST_KEY:
            key = f"{key[: LONGEST_KEY // 2]}~{sha256(key.encode()).hexdigest()[:32]}"
        return f"{self._register.name}/{fact.kind}{order}/{key}"

    def _target(self, fact: Fact, values: Mapping[str, Any]) -> str | None:
        """Name what an amendment amends: a fact of the same register, by its kind, or any other."""
        for one in self._register.facts:
            if one.kind == fact.corrects:
                return f"source:{self._register.system}/{self._record(one, values)}"
        target: str | None = filled(fact.corrects, values)
        return target

    def _check_repetition(self, row: RowRead) -> None:
        """Refuse a second row of one file that says something else of the same record."""
        for fact in row.facts:
            if fact.record_version is not None:
                continue
            digest = digest_of(fact)
            number, known = self._seen.setdefault(fact.record_id, (row.number, digest))
            if known != digest:
                names = [name for name in self._keys if name in self._header.places]
                problem = Malformed(
                    code="repeated_key",
                    value=fact.record_id.rpartition("/")[2],
                    cure=f"Row {number} is about the same; keep one of the two.",
                )
                row.faults.append(self._fault(problem, self._column(min(names, default=""))))
                row.facts.clear()
                return

    def _column(self, name: str) -> Column | None:
        """Find a column by its name."""
        return next((one for one in self._register.columns if one.name == name), None)

    def fault_of(
        self, code: str, cure: str, where: str | None, value: str | None, kind: str
    ) -> Fault:
        """Put down what the ledger found wrong with a fact, at the cell that said it."""
        for fact in self._register.facts:
            if fact.kind == kind:
                for name in _asked_for(fact, where or ""):
                    column = self._column(name)
                    if column is not None and name in self._header.places:
                        place = self._header.places[name]
                        return Fault(code, cure, place, self._header.title(place), value)
        return Fault(code, cure, None, where, value)


def _asked_for(fact: Fact, where: str) -> list[str]:
    """Name the columns that said a field of a fact."""
    if where == "subject":
        return names_in(fact.subject)
    if where in {"occurred_on", "occurredon"}:
        return names_in(fact.date)
    template: Any = {"payload": dict(fact.payload)}
    for step in where.split("."):
        if isinstance(template, Mapping) and step in template:
            template = template[step]
        else:
            break
    return names_in(template) if isinstance(template, str) else []


def digest_of(fact: Delivery) -> bytes:
    """Identify what a fact says, without where and as which version it came."""
    said = replace(fact, row_no=None, batch_id=None, record_version=None)
    parts = [said.kind, said.subject, said.occurred_on, said.reason, said.corrects, said.payload]
    return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()
