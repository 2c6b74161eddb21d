"""Rows written for COPY come back as the values that they were written from."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from psycopg.types.json import Jsonb

from domain.receipt import Status
from projections.folding.copying import copy_lines, written

AWKWARD = "tab\there, line\nbreak\r, back\\slash, \\N, 中文\u3000“q” 'q' \"q\" {,} \x0b\x08"
ROWS = [
    ("text", AWKWARD),
    ("text", ""),
    ("text", "\\N"),
    ("text", "\\."),
    ("text", None),
    ("boolean", True),
    ("boolean", False),
    ("bigint", -(2**63)),
    ("numeric", Decimal("53.050")),
    ("numeric", Decimal("1E+3")),
    ("date", date(2024, 6, 11)),
    ("date", date(1, 1, 1)),
    ("timestamptz", datetime(2024, 6, 11, 1, 2, 3, 4, tzinfo=UTC)),
    ("jsonb", {"words": AWKWARD, "list": [1, None, True]}),
    ("text[]", [AWKWARD, "", "NULL", "a,b", None]),
    ("text[]", []),
    ("bigint[]", [1, 2]),
]


@pytest.fixture(scope="module")
def connection(server):
    with psycopg.connect(server) as connection:
        yield connection


@pytest.mark.parametrize(("column", "value"), ROWS)
def test_a_value_comes_back(connection, column, value):
    given = Jsonb(value) if column == "jsonb" else value
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE kept (number integer, value {column})")
        lines = (f"{written((number, given))}\n" for number in range(300))
        copy_lines(cursor, "COPY kept FROM STDIN", lines)
        found = cursor.execute("SELECT value, count(*) FROM kept GROUP BY 1").fetchall()

    assert found == [(value, 300)]


def test_a_member_of_an_enumeration_is_written_as_its_text():
    assert written((Status.ACCEPTED,)) == "accepted"


def test_what_no_column_holds_is_a_fault():
    with pytest.raises(TypeError, match="bytes"):
        written((b"bytes",))
