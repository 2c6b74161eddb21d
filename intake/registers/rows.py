"""Read the rows of a register into facts, or into what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.errors import Malformed
from intake.delivery import Delivery
from intake.registers.cells import Cell, written
from intake.registers.faults import Fault
from intake.registers.faulty_rows import number_of, numbered_in
from intake.registers.header import Header
from intake.registers.mapping import Column
from intake.registers.mapping import Mapping as Register
from intake.registers.skipping import why_skipped
from intake.registers.table import Merged, Row
from intake.registers.telling import Telling, asked_for, digest_of
from intake.registers.templates import compiled
from intake.registers.values import Terms, value_of

AMOUNTS: Final = frozenset({"money", "number", "integer", "area", "percent"})
"""Merged over several rows, an amount stands for all of them together and counts once."""
_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 100


@dataclass(slots=True)
class RowRead:
    """One row: what it says, or why it says nothing."""

    number: int
    cells: Row
    facts: list[Delivery] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """One column of a register: where it is, how it is meant, and what its texts were read as."""

    column: Column
    place: int | None
    terms: Terms
    known: dict[str, Any] = field(default_factory=dict)

    def value(self, cell: Cell) -> Any:
        """Read a cell; the texts of a register repeat. Raises Malformed."""
        if not isinstance(cell, str) or len(cell) > _LONGEST_REMEMBERED:
            return value_of(self.column, cell, self.terms)
        if cell not in self.known:
            if len(self.known) > _REMEMBERED:
                self.known.clear()
            self.known[cell] = value_of(self.column, cell, self.terms)
        return self.known[cell]


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
        self._tellings = [Telling(register, fact) for fact in register.facts]
        self._derived = [
            (name, [compiled(text) for text in texts]) for name, texts in register.derived.items()
        ]
        self._readers = [
            Reader(column, header.places.get(column.name), self._terms(column))
            for column in register.columns
        ]
        keys = {name for fact in register.facts for key in fact.key for name in key.split("|")}
        self._numbered = numbered_in(header)
        self._keys = [place for name, place in header.places.items() if name in keys]

    def read(self, index: int, cells: Row) -> RowRead:
        """Read the row at an index, counted from 0 as in the sheet."""
        if self._merged:
            cells = self._unmerged(index, cells)
        row = RowRead(index + 1, cells)
        row.skipped = why_skipped(
            cells, self._keys, self._register.skip, index - self._header.after
        )
        if row.skipped is not None:
            return row
        values = {**self._given, "row": number_of(row.number, row.cells, self._numbered)}
        for reader in self._readers:
            try:
                values[reader.column.name] = self._value(reader, row)
            except Malformed as problem:
                row.faults.append(self._fault(problem, reader.column))
        if not row.faults:
            for name, texts in self._derived:
                found = (fill(values) for fill in texts)
                values[name] = next((text for text in found if text is not None), None)
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
            elif place < len(full) and not written(full[place]) and self._may_reach(place, index):
                full[place] = cell
        return full

    def _may_reach(self, place: int, index: int) -> bool:
        """Tell whether a merged cell says the same of each of its rows."""
        types = {reader.column.type for reader in self._readers if reader.place == place}
        return not types & AMOUNTS or index in self._merged

    def _value(self, reader: Reader, row: RowRead) -> Any:
        """Read what a column says in this row. Raises Malformed."""
        place, cells = reader.place, row.cells
        cell = cells[place] if place is not None and place < len(cells) else None
        if isinstance(cell, str) or cell is None:
            said = written(cell)
            if said in self._register.same and place is not None:
                if place not in self._above:
                    raise Malformed(
                        code="nothing_above", value=said, cure="Write the value itself."
                    )
                cell = self._above[place]
                said = written(cell)
                # Given back alone, the row has nothing above it.
                row.cells = [*cells[:place], cell, *cells[place + 1 :]]
            if not said or said in self._register.blank:
                return self._blank(reader, said)
        if place is not None:
            self._above[place] = cell
        return reader.value(cell)

    def _blank(self, reader: Reader, said: str) -> Any:
        """Give what a blank cell stands for. Raises Malformed."""
        if reader.place is not None:
            self._above[reader.place] = None
        if reader.column.default is not None:
            return reader.value(reader.column.default)
        if reader.column.required:
            raise Malformed(code="missing_value", value=said or None, cure="Fill in this cell.")
        return None

    def _terms(self, column: Column) -> Terms:
        """Say how amounts and dates of a column are meant; the register knows better than we."""
        unit = self._header.units.get(column.name)
        if column.type == "money":
            # What is said of the whole register is said of its amounts, not of areas.
            unit = unit or self._header.table_unit or column.unit or self._register.unit
        return Terms(unit or column.unit, self._year)

    def _fault(self, problem: Malformed, column: Column | None) -> Fault:
        """Put down what is wrong, at its cell."""
        place = self._header.places.get(column.name) if column else None
        title = column.titles[0] if column else None
        if place is not None:
            title = self._header.title(place) or title
        return Fault(problem.code, problem.cure, place, title, problem.value)

    def _tell(self, row: RowRead, values: dict[str, Any]) -> None:
        """Tell the facts of a row."""
        for telling in self._tellings:
            if not telling.applies(values):
                continue
            lacking = telling.lacking(values)
            for name in lacking:
                row.faults.append(self._lacking(name))
            if not lacking:
                row.facts.append(telling.delivery(values, row.number))
        if row.faults:
            row.facts.clear()
        elif not row.facts:
            row.skipped = "nothing to tell"
        self._check_repetition(row)

    def _lacking(self, name: str) -> Fault:
        """Put down what a fact cannot be told without: a cell, a column, or what is given."""
        column = self._column(name)
        if column is None:
            cure = "Give it for the whole register, or in the title above the header."
            return Fault("missing_value", cure, None, name)
        there = name in self._header.places
        cure = "Fill in this cell." if there else "Add this column and fill it in."
        return self._fault(Malformed(code="missing_value", cure=cure), column)

    def _check_repetition(self, row: RowRead) -> None:
        """Refuse a second row of one file that says something else of the same record."""
        for fact in row.facts:
            if fact.record_version is not None:
                continue
            digest = digest_of(fact)
            number, known = self._seen.setdefault(fact.record_id, (row.number, digest))
            if known != digest:
                place = min(self._keys, default=None)
                title = None if place is None else self._header.title(place)
                cure = f"Row {number} is about the same; keep one of the two."
                key = fact.record_id.rpartition("/")[2]
                row.faults.append(Fault("repeated_key", cure, place, title, key))
                row.facts.clear()
                return

    def _column(self, name: str) -> Column | None:
        """Find a column by its name."""
        return next((one for one in self._register.columns if one.name == name), None)

    def fault_of(self, problem: Fault, kind: str) -> Fault:
        """Put what the ledger found wrong with a fact at the cell that said it."""
        for fact in self._register.facts:
            if fact.kind == kind:
                for name in asked_for(fact, problem.title or ""):
                    place = self._header.places.get(name)
                    if place is not None:
                        title = self._header.title(place)
                        return Fault(problem.code, problem.cure, place, title, problem.value)
        return problem
