"""A small world for the engine: shelves and books, with every kind of value in them."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, Optional

import strawberry
from api.declaration import Argument, reads
from api.inputs import AsOf
from api.scalars import JSON, Date, DateTime, Decimal, FlexDate
from api.types.value import PageInfo

from projections.terms.relation import Many, One, Page, Relation, Value

NOW = datetime(2024, 7, 1, 1, 0, tzinfo=UTC)

TABLES = """
CREATE SCHEMA IF NOT EXISTS read;
CREATE TABLE read.shelves (id text, room text);
INSERT INTO read.shelves VALUES ('a', 'north'), ('b', NULL), ('c', 'süd "quoted" \\ 图书');
CREATE TABLE read.books (
    id int, shelf text, title text, kind text, price numeric, weight float8, bought date,
    read_at timestamptz, notes jsonb, tags text[], lent boolean, printed text, known_from bigint
);
INSERT INTO read.books
SELECT n, (ARRAY['a', 'b'])[1 + n % 2], 'Book ' || n,
    CASE WHEN n % 3 = 0 THEN 'novel' ELSE 'poem' END,
    CASE WHEN n % 4 > 0 THEN n * 1.10 END, n / 8.0,
    CASE WHEN n % 5 > 0 THEN date '2024-01-01' + n END,
    CASE WHEN n % 2 = 0 THEN timestamptz '2024-02-03 04:05:06.7+08' END,
    jsonb_build_object('n', n, 'list', jsonb_build_array(1, 'two', NULL, true)),
    ARRAY['t' || n, 'quote"d'], n % 2 = 0, '2024-Q1', n
FROM generate_series(1, 25) n;
INSERT INTO read.tracking (name, version, position) VALUES ('shelves', 1, 30), ('books', 1, 20);
"""


@strawberry.enum
class Kind(Enum):
    """Kinds of books."""

    NOVEL = "novel"
    POEM = "poem"


@strawberry.input
class BookFilter:
    """Which books."""

    kinds: list[Kind] | None = None
    title_part: str | None = None
    shelf: strawberry.ID | None = None


_FIRST = Argument(int, "", 5, (1, 20))
_AFTER = Argument(str | None, "", None)


@strawberry.type
class Book:
    """A book."""

    id: strawberry.ID = reads("")
    number: int = reads("")
    title: str = reads("", shout=Argument(bool, "", default=False))
    kind: Kind = reads("")
    price: Decimal | None = reads("", digits=Argument(int, "", 2, (0, 6)))
    weight: float = reads("")
    bought: Date | None = reads("")
    read_at: DateTime | None = reads("")
    notes: JSON = reads("")
    tags: list[str] = reads("")
    lent: bool = reads("")
    printed: FlexDate = reads("")
    promised: str = reads("Null for some, against its word")
    judged: str = reads("The clocks it was read under")
    shelf: Optional["Shelf"] = reads("")
    next: Optional["Book"] = reads("")


@strawberry.type
class BookEdge:
    """A book on a page."""

    cursor: str = reads("")
    node: Book = reads("")


@strawberry.type
class BookConnection:
    """A page of books."""

    nodes: list[Book] = reads("")
    edges: list[BookEdge] = reads("")
    page_info: PageInfo = reads("")
    total_count: int = reads("")


@strawberry.type
class Shelf:
    """A shelf."""

    id: strawberry.ID = reads("")
    room: str | None = reads("")
    books: list[Book] = reads("", kind=Argument(Kind | None, "", None))
    pages: BookConnection = reads("", first=_FIRST, after=_AFTER)


_TIMES = {
    "as_of": Argument(AsOf | None, "", None),
    "at_least": Argument(int | None, "", None, (0, 2**31 - 1)),
}


@strawberry.type
class Query:
    """Questions about shelves and books."""

    shelves: list[Shelf] = reads("", **_TIMES)
    shelf: Shelf | None = reads("", id=Argument(strawberry.ID, ""), **_TIMES)
    first_shelf: Shelf = reads("", **_TIMES)
    books: BookConnection = reads(
        "",
        filter=Argument(BookFilter | None, "", None),
        backwards=Argument(bool, "", default=False),
        first=_FIRST,
        after=_AFTER,
        **_TIMES,
    )
    slow: Shelf | None = reads("", seconds=Argument(str, ""), **_TIMES)
    recent: BookConnection = reads("", first=_FIRST, after=_AFTER, **_TIMES)


def _books(arguments: Any) -> str:
    wanted = ["b.known_from <= $known"]
    if arguments.given("filter.kinds"):
        wanted.append(f"upper(b.kind) = ANY ({arguments.bind('filter.kinds', 'text[]')})")
    if arguments.given("filter.title_part"):
        wanted.append(f"position({arguments.bind('filter.title_part', 'text')} IN b.title) > 0")
    if arguments.given("filter.shelf"):
        wanted.append(f"b.shelf = {arguments.bind('filter.shelf', 'text')}")
    sign = "-" if arguments.choice("backwards") else ""
    return f"SELECT b.id, {sign}b.id AS place FROM read.books b WHERE {' AND '.join(wanted)}"


def _of_shelf(arguments: Any) -> str:
    kind = f" AND upper(b.kind) = '{arguments.choice('kind')}'" if arguments.given("kind") else ""
    return (
        "SELECT b.id, b.id AS place FROM read.books b"
        f" WHERE b.shelf = $parent.id AND b.known_from <= $known{kind}"
    )


def _column(expression: str, kind: Any) -> Value:
    return Value(f"(SELECT {expression} FROM read.books b WHERE b.id = $self.id)", kind)


def _price(arguments: Any) -> str:
    digits = arguments.bind("digits", "integer")
    return f"(SELECT round(b.price, {digits}) FROM read.books b WHERE b.id = $self.id)"


def _title(arguments: Any) -> str:
    shown = "upper(b.title)" if arguments.choice("shout") else "b.title"
    return f"(SELECT {shown} FROM read.books b WHERE b.id = $self.id)"


BOOK = Relation(
    "Book",
    row={"id": "integer", "place": "integer"},
    fields={
        "id": Value("$self.id", "id"),
        "number": Value("$self.id", "int"),
        "title": Value(_title, "text"),
        "kind": _column("b.kind", "enum"),
        "price": Value(_price, "decimal"),
        "weight": _column("b.weight", "float"),
        "bought": _column("b.bought", "date"),
        "read_at": _column("b.read_at", "datetime"),
        "notes": _column("b.notes", "json"),
        "tags": _column("b.tags", "texts"),
        "lent": _column("b.lent", "boolean"),
        "printed": _column("b.printed", "flexdate"),
        "promised": Value("CASE WHEN $self.id <> 7 THEN 'kept' END", "text"),
        "judged": Value("$known || ' ' || $on || ' ' || $language", "text"),
        "shelf": One(
            "Shelf",
            lambda _: (
                "SELECT s.id, s.room FROM read.shelves s JOIN read.books b ON b.shelf = s.id"
                " WHERE b.id = $parent.id"
            ),
        ),
        "next": One(
            "Book",
            lambda _: (
                "SELECT b.id, b.id AS place FROM read.books b WHERE b.id = $parent.id + 1"
                " AND b.known_from <= $known"
            ),
        ),
    },
)
SHELF = Relation(
    "Shelf",
    row={"id": "text", "room": "text"},
    fields={
        "id": Value("$self.id", "id"),
        "room": Value("$self.room", "text"),
        "books": Many("Book", _of_shelf, "$self.id DESC"),
        "pages": Page("Book", _of_shelf, ("place", "id"), is_dear=True),
    },
)
ROOTS = {
    "shelves": Many("Shelf", lambda _: "SELECT id, room FROM read.shelves", "$self.id"),
    "shelf": One(
        "Shelf",
        lambda a: f"SELECT id, room FROM read.shelves WHERE id = {a.bind('id', 'text')}",
    ),
    "first_shelf": One("Shelf", lambda _: "SELECT id, room FROM read.shelves ORDER BY id LIMIT 1"),
    "books": Page("Book", _books, ("place", "id")),
    "slow": One(
        "Shelf",
        lambda a: (
            "SELECT 'a' AS id, 'slow' AS room FROM (SELECT"
            f" pg_sleep({a.bind('seconds', 'float8')})) s"
        ),
    ),
    "recent": Page(
        "Book",
        lambda _: "SELECT b.id, b.id % 3 AS place FROM read.books b WHERE b.known_from <= $known",
        ("place", "-id"),
    ),
}
