"""Load facts straight into read models and ask relations, one small statement a value."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg import Connection, sql

from domain.fact import Fact
from projections.folding.belief import OPEN
from projections.folding.projection import Change, Changes, Projection
from projections.judging.reach import unrestricted
from projections.terms.relation import Many, One, Page, Relation, Value

Link = One | Many | Page
NOW = OPEN - 1
_TOKEN = re.compile(r"\$(known|settled|on|language|self|parent)(?:_(?P<lookup>[a-z]+))?\b")


def load(
    connection: Connection[Any], views: Iterable[Projection], changes: Iterable[Change]
) -> None:
    """Fold changes into the read models."""
    batch = Changes(changes)
    with connection.cursor() as cursor:
        for view in views:
            view.fold(batch, cursor)


def opened(facts: Iterable[Fact], since: int | None = None) -> list[Change]:
    """Let facts be known from their own positions on, or all from a given one."""
    return [
        Change(fact.position if since is None else since, fact.id, None, fact) for fact in facts
    ]


class Given:
    """The arguments of one field, written into the statement as literals."""

    def __init__(
        self,
        connection: Connection[Any],
        values: Mapping[str, Any],
        *,
        spans: bool = False,
        is_settled: bool = False,
    ) -> None:
        """Take the values; an inner name is reached with a dot."""
        self._connection = connection
        self._values = values
        self._spans = spans
        self._is_settled = is_settled

    def may_read_spans(self) -> bool:
        return self._spans

    def is_settled(self) -> bool:
        return self._is_settled

    def carry(self, lookup: str) -> None:
        """Make the lookup all the same; it tells the same as the rows that carry it."""

    def given(self, name: str) -> bool:
        inner = (key for key in self._values if key.startswith(f"{name}."))
        return self._values.get(name) is not None or any(map(self.given, inner))

    def choice(self, name: str) -> object:
        return self._values[name]

    def bind(self, name: str, cast: str) -> str:
        literal = sql.Literal(self._values[name]).as_string(self._connection)
        return f"({literal}::{cast})"


@dataclass(frozen=True)
class Reader:
    """Asks relations about one point on both clocks."""

    connection: Connection[Any]
    relations: Mapping[str, Relation]
    on: date
    known: int = NOW
    language: str = "en"
    parent: Mapping[str, str | None] = field(default_factory=dict)
    parent_type: str = ""
    settled: int | None = None
    """Where spans may be read: a position at which they hold."""

    def _given(self, values: Mapping[str, Any]) -> Given:
        return Given(
            self.connection,
            values,
            spans=self.settled is not None,
            is_settled=self.settled == self.known,
        )

    def is_absent(self, link: Many, /, **arguments: Any) -> bool:
        """Tell whether the spans do not tell what the link holds."""
        condition = link.absent(self._given(arguments))
        if condition is None:
            return False
        placed = self._placed(condition, parent="r1")
        statement = f"SELECT {placed} FROM ({self._parent_row()}) r1"
        return bool(self.connection.execute(statement.encode()).fetchone()[0])

    def rows(self, link: Link, /, **arguments: Any) -> list["Row"]:
        """Run the source of a link and give its rows in order."""
        relation = self.relations[link.type]
        columns = ", ".join(f"r2.{name}::text AS {name}" for name in relation.row)
        text = link.source(self._given(arguments))
        source = self._placed(text, parent="r1")
        looked_up = self._looked_up(text)
        around = f" FROM ({self._parent_row()}) r1{looked_up} CROSS JOIN LATERAL ({source}) r2"
        order = (
            f" ORDER BY {self._placed(link.order, self_='r2')}" if isinstance(link, Many) else ""
        )
        found = self.connection.execute(f"SELECT {columns}{around}{order}".encode()).fetchall()
        names = tuple(relation.row)
        return [Row(self, relation, dict(zip(names, values, strict=True))) for values in found]

    def value(self, value: Value, /, **arguments: Any) -> Any:
        """Evaluate an expression over the parent row."""
        text = value.sql
        if not isinstance(text, str):
            text = text(self._given(arguments))
        statement = (
            f"SELECT ({self._placed(text, self_='r1')})::text FROM ({self._parent_row()}) r1"
            f"{self._looked_up(text)}"
        )
        if value.kind == "json":
            statement = statement.replace("::text", "::jsonb", 1)
        return self.connection.execute(statement.encode()).fetchone()[0]

    def _looked_up(self, text: str) -> str:
        """Look up what an expression, or the source of a link, uses of the parent row."""
        lookups = self.relations[self.parent_type].lookups if self.parent_type else {}
        return "".join(
            f" LEFT JOIN LATERAL ({self._placed(lookup, self_='r1')}) r1_{name} ON true"
            for name, lookup in lookups.items()
            if re.search(rf"\$(self|parent)_{name}\b", text)
        )

    def _parent_row(self) -> str:
        if not self.parent:
            return "SELECT"
        types = self.relations[self.parent_type].row
        return "SELECT " + ", ".join(
            f"{sql.Literal(text).as_string(self.connection)}::{types[name]} AS {name}"
            for name, text in self.parent.items()
        )

    def _placed(self, text: str, *, self_: str = "", parent: str = "") -> str:
        words = {
            "known": f"{self.known}::bigint",
            "settled": f"{self.settled}::bigint",
            "on": f"date '{self.on}'",
            "language": f"'{self.language}'::text",
            "self": self_,
            "parent": parent,
        }
        return _TOKEN.sub(
            lambda match: words[match[1]] + (f"_{match['lookup']}" if match["lookup"] else ""),
            unrestricted(text),
        )


@dataclass(frozen=True)
class Row:
    """One row of a relation, whose fields can be asked for."""

    reader: Reader
    relation: Relation
    columns: Mapping[str, str | None]

    def _inside(self) -> Reader:
        reader = self.reader
        return Reader(
            reader.connection,
            reader.relations,
            reader.on,
            reader.known,
            reader.language,
            self.columns,
            self.relation.type,
            reader.settled,
        )

    def many(self, name: str, /, **arguments: Any) -> list["Row"]:
        """Follow a link to its rows."""
        link = self.relation.fields[name]
        assert not isinstance(link, Value)
        return self._inside().rows(link, **arguments)

    def one(self, name: str, /, **arguments: Any) -> "Row | None":
        """Follow a link to its first row."""
        rows = self.many(name, **arguments)
        return rows[0] if rows else None

    def __call__(self, name: str, /, **arguments: Any) -> Any:
        """Give a value as text, None where it is null."""
        value = self.relation.fields[name]
        assert isinstance(value, Value)
        return self._inside().value(value, **arguments)

    def amount(self, name: str, unit: str = "yuan") -> str | None:
        """Give an amount of money in a unit."""
        money = self.one(name)
        return None if money is None else money("amount", unit=unit)

    def percent(self, name: str, digits: int = 1) -> str | None:
        """Give a ratio in percent."""
        ratio = self.one(name)
        return None if ratio is None else ratio("percent", digits=digits)
