"""Say how one GraphQL type is read from the read models, once, as SQL.

A `Relation` names the columns that identify a row of a type and gives every field of the type
either as a `Value` (an SQL expression over the row) or as a link to further rows (`One`,
`Many`, `Page`). Two readers share these definitions: the compiler, which turns a whole
operation into one statement, and plain field-by-field execution, which exists to check the
compiler.

SQL texts may hold these tokens, and no other way of putting a value into a statement exists:

    $known     the last position taken into account, a bigint
    $on        the judged day, a date
    $language  'zh' or 'en'
    $settled   a position at which the spans hold, a bigint; only where spans may be read
    $reached   the last position that the read models have reached, a bigint
    $known_before, $on_before, $known_after, $on_after
               of questions that compare: the two clocks of the arguments `from` and `to`
    $after     of subscriptions: the position that the last answer was at, a bigint
    $self      the alias of the current row
    $parent    in the source of a link: the alias of the row that the link starts from

Where spans may be read, `$self_span` and the like, or `$parent_span`, mean the row of a lookup of
the relation, which is made once for all fields of the row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

ValueKind = Literal[
    "text",
    "id",
    "int",
    "float",
    "boolean",
    "decimal",
    "date",
    "datetime",
    "flexdate",
    "json",
    "enum",
    "code",
    "texts",
]


def named(code: str) -> str:
    """Give a code as the name of an enum's member, in which a hyphen is an underscore."""
    return f"replace({code}, '-', '_')"


class Arguments(Protocol):
    """The arguments of one field, as far as a statement depends on them.

    Names of input object fields are reached with a dot, as in `filter.region`.
    """

    def given(self, name: str) -> bool:
        """Tell whether the argument is there and not null; the answer is part of the plan."""

    def choice(self, name: str) -> object:
        """Give the value of an enum or boolean argument, which becomes part of the plan."""

    def bind(self, name: str, cast: str) -> str:
        """Give the SQL placeholder of the argument's value, cast to an SQL type."""

    def bind_key(self, name: str, key: int, keys: int, cast: str) -> str:
        """Give the SQL placeholder of one of the columns that a cursor holds."""

    def may_read_spans(self) -> bool:
        """Tell whether to read what was settled; where that does not tell, the answer is absent.

        A statement that reads spans stands for one that judges, which is run where spans fail.
        """

    def is_settled(self) -> bool:
        """Tell whether the known position itself was settled, so that the spans tell everything."""

    def carry(self, lookup: str) -> None:
        """Say that the rows of the source have the columns of a lookup, which need not be made."""


Source = Callable[[Arguments], str]
"""Gives a full SELECT statement whose columns include those of the type's row."""


@dataclass(frozen=True, slots=True)
class Value:
    """A field that holds one value.

    `kind` says how the SQL value is written as JSON: decimals and dates as strings, enums in upper
    case, `texts` (an SQL text[]) as a list of strings.
    """

    sql: str | Callable[[Arguments], str]
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class One:
    """A field that holds one object, or null where its source has no row."""

    type: str
    source: Source


@dataclass(frozen=True, slots=True)
class Many:
    """A field that holds a list of objects; `order` is an ORDER BY list over `$self`.

    `absent` gives the condition under which the source of a compiled answer cannot tell.
    """

    type: str
    source: Source
    order: str
    absent: Callable[[Arguments], str | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Page:
    """A field that holds a Relay connection.

    `order` names columns of the source that together are unique; a leading minus means descending.
    `ahead` gives a shorter source where there is one, of the same columns: of the rows after the
    cursor it need hold no more than the first that fill the page, and one.
    Where rows are dear to find, `is_dear`, a count of all and a page of them are found together.
    `count` gives an expression for how many rows there are, where that is known without counting.
    """

    type: str
    source: Source
    order: tuple[str, ...]
    ahead: Callable[[Arguments], str | None] = lambda _: None
    is_dear: bool = False
    count: Callable[[Arguments], str | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Stream:
    """A field of a subscription that holds one object after the other.

    The source gives rows with a column `position`, in its order, after `$after`.
    """

    type: str
    source: Source


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field that holds one object of one of several types: of the first that has a row."""

    options: tuple[One, ...]


@dataclass(frozen=True, slots=True)
class AsOf:
    """A field that holds one object read under other clocks, which its arguments give.

    `clocks` gives the SQL of the known position and of the judged day; the tokens in it mean the
    clocks outside, those in the source and in everything below it the new ones.
    """

    type: str
    clocks: Callable[[Arguments], tuple[str, str]]
    source: Source


Link = One | Many | Page
Field = Value | Link | OneOf | AsOf | Stream


@dataclass(frozen=True, slots=True)
class Relation:
    """All fields of one GraphQL type over rows with the given columns (name -> SQL type).

    `lookups` select further rows for a row; where one that a field uses finds nothing, the answer
    is absent. `carried` are the same for rows whose source carries them.
    """

    type: str
    row: dict[str, str]
    fields: dict[str, Field]
    lookups: dict[str, str] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
