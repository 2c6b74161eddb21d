"""Tables are laid out by what is asked, read at one moment, and written so that nothing is lost."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from api.errors import Problem
from api.extraction import roots_of
from api.read_model import table_names
from api.request import Request
from api.trusted import trusted_in
from psycopg import connect

from server.exports.catalogue import operations
from server.exports.csv_file import CsvFile
from server.exports.parquet_file import ParquetFile
from server.exports.tables import ReadModelTable, Wanted
from tests.graphql.exported import file_of, rows_of, table_of, world

__all__ = ["world"]

PROJECTS = """query Projects($text: String) {
  projects(first: 7, filter: { text: $text }, orderBy: "title") {
    totalCount
    nodes { id title phase totalInvestment { amount(unit: YI_YUAN) } suppliedLand { value } }
  }
}"""


def names(table):
    return [column.name for column in table.columns]


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_pages_are_followed_to_their_end_in_their_order(world):
    table = table_of(world, PROJECTS)

    rows = rows_of(world, table)

    whole = world.ask('{ projects(first: 200, orderBy: "title") { nodes { id title } } }')
    assert [(row[0], row[1]) for row in rows] == [
        (node["id"], node["title"]) for node in whole["data"]["projects"]["nodes"]
    ]
    assert len(rows) > 7
    assert names(table) == ["id", "title", "phase", "totalInvestment.amount", "suppliedLand.value"]


def test_pages_that_are_too_costly_are_made_smaller(world):
    heavy = """{ projects { nodes { id events(first: 1000) { nodes { id evidence { id } } } } } }"""

    rows = rows_of(world, table_of(world, heavy))

    all_of_them = {row[0] for row in rows_of(world, table_of(world, PROJECTS))}
    assert {row[0] for row in rows} == all_of_them
    assert len(rows) == len(all_of_them)


def test_all_pages_are_read_at_the_clocks_of_the_first(world, monkeypatch):
    asked, answer = [], world.engine.answer

    async def noted(request, **how):
        asked.append(request)
        return await answer(request, **how)

    monkeypatch.setattr(world.engine, "answer", noted)
    heavy = "{ projects { nodes { events(first: 1000) { nodes { id evidence { id } } } } } }"
    table = table_of(world, heavy)
    rows_of(world, table)

    at = table.at
    fixed = {"knownPosition": at.known, "on": at.on.isoformat()}
    after = [each.variables["exportAsOf"] for each in asked if each.variables["exportAfter"]]
    assert len(after) > 1
    assert after == [fixed] * len(after)
    assert all(each.is_own for each in asked)


def test_a_limit_ends_the_reading(world):
    assert len(rows_of(world, table_of(world, PROJECTS, limit=3))) == 3


def test_what_the_clocks_hide_is_not_there(world):
    then = table_of(world, PROJECTS, times={"knownPosition": 40, "on": "2021-06-30"})

    rows = rows_of(world, then)

    asked = """{ projects(first: 200, asOf: { knownPosition: 40, on: "2021-06-30" }) {
        nodes { id } } }"""
    nodes = world.ask(asked)["data"]["projects"]["nodes"]
    assert {row[0] for row in rows} == {node["id"] for node in nodes} != set()
    about = world.run(then.about())
    assert (about.known, about.on) == (40, date(2021, 6, 30))
    assert about.known_at is not None


def test_clocks_of_a_document_hold_unless_others_are_asked_for(world):
    query = '{ board(asOf: { knownPosition: 60, on: "2022-01-31" }) { region total } }'

    own, other = table_of(world, query), table_of(world, query, times={"on": "2023-01-31"})
    rows_of(world, own)
    rows_of(world, other)

    assert world.run(own.about()).on == date(2022, 1, 31)
    assert world.run(other.about()).on == date(2023, 1, 31)
    assert world.run(other.about()).known == 60


def test_variables_fragments_and_aliases_stay_what_they_are(world):
    query = """query Asked($text: String!, $policy: ID, $unit: Unit = YUAN) {
      found: projects(filter: { text: $text }) { edges { node { ...Named } } }
      board(policy: $policy) { region }
    }
    fragment Named on Project { name: title money: totalInvestment { amount(unit: $unit) } }"""

    table = table_of(world, query, variables={"text": "项目"}, key="found")
    rows = rows_of(world, table)

    assert names(table) == ["name", "money.amount"]
    assert rows
    assert all("项目" in row[0] for row in rows)


def test_a_query_with_several_fields_needs_a_choice(world):
    query = "{ one: board { region } two: funnel { phase } }"

    with pytest.raises(Problem, match="one, two"):
        table_of(world, query)


def test_only_queries_of_facts_are_exported(world):
    with pytest.raises(Problem, match="Only a query"):
        table_of(world, "{ __schema { queryType { name } } }")


def test_the_only_list_becomes_the_rows_and_others_are_cells(world):
    query = """{ projects { nodes { title permits { kind status } milestones { node } } } }"""

    first = rows_of(world, table_of(world, query))
    permits = table_of(world, query, rows="projects.permits")
    exploded = rows_of(world, permits)

    assert names(permits) == ["title", "kind", "status", "milestones"]
    listed = [permit for row in first for permit in json.loads(row[1])]
    assert [{"kind": row[1], "status": row[2]} for row in exploded] == listed != []


def test_an_empty_list_does_not_take_along_what_stands_beside_it(world):
    asked = "{ integrity { ok checkedFrom problems { position kind } } }"

    assert rows_of(world, table_of(world, asked))[0][:2] == [True, 1]
    assert rows_of(world, table_of(world, asked, rows="problems")) == []
    nobody = '{ project(id: "nobody") { title permits { kind } } }'
    assert rows_of(world, table_of(world, nobody)) == []
    assert rows_of(world, table_of(world, '{ project(id: "nobody") { title code } }')) == []


def test_a_list_that_is_not_there_is_named_with_those_that_are(world):
    with pytest.raises(Problem, match="permits") as refused:
        table_of(world, "{ projects { nodes { permits { kind } } } }", rows="nothing")

    assert refused.value.extensions["field"] == "rows"


def test_every_operation_of_the_house_is_a_table(world):
    texts = trusted_in().documents
    values = {"id": "x", "today": "x", "code": "x"}
    for name in operations():
        request = Request(texts[name], variables=values)
        for key in roots_of(world.engine, request):
            table = table_of(world, texts[name], variables=values, key=key)
            assert table.columns
            assert len(set(names(table))) == len(table.columns)


def test_csv_is_read_back_as_it_was(world):
    table = table_of(world, PROJECTS)

    data = file_of(world, table, CsvFile())

    header, *rows = read_csv(data)
    assert header == names(table)
    assert rows == [["" if cell is None else cell for cell in row] for row in rows_of(world, table)]
    assert data.count(b"\r\n") == len(rows) + 1


def test_csv_for_spreadsheets_has_a_mark_and_no_formula(world):
    table = table_of(world, PROJECTS)
    file = CsvFile(bom=True, guarded=True)
    begun = file.begin(table.columns, None)

    added = file.add(
        [["=1+1", '@SUM(A1)\n"x"', "-3", "-3.5", None], ["a,b", "+8", "\tx", "1", "2"]]
    )

    assert begun.startswith(b"\xef\xbb\xbf")
    assert read_csv(added) == [
        ["'=1+1", '\'@SUM(A1)\n"x"', "'-3", "-3.5", ""],
        ["a,b", "'+8", "'\tx", "1", "2"],
    ]


def test_parquet_keeps_types_and_says_as_of_when(world):
    query = """{ events(first: 50, types: ["LandAwarded"]) { nodes {
        position recordedAt retracted occurredOn } } }"""
    table = table_of(world, query, times={"on": "2024-12-31"})

    read = pq.read_table(io.BytesIO(file_of(world, table, ParquetFile())))

    types = {name: str(read.schema.field(name).type) for name in read.schema.names}
    assert types == {
        "position": "int64",
        "recordedAt": "timestamp[us, tz=UTC]",
        "retracted": "bool",
        "occurredOn": "string",
    }
    rows = rows_of(world, table)
    assert read.column("position").to_pylist() == [row[0] for row in rows] != []
    told = [datetime.fromisoformat(row[1]) for row in rows]
    assert read.column("recordedAt").to_pylist() == told
    metadata = {k.decode(): v.decode() for k, v in read.schema.metadata.items()}
    assert metadata["ledger.known_position"] == str(world.run(table.about()).known)
    assert metadata["ledger.on"] == "2024-12-31"
    assert metadata["ledger.schema_version"] == "1"


def test_parquet_keeps_exact_decimals(world):
    query = '{ planActual(year: 2024, through: "2024-12", basis: STATISTICAL, groupBy: LEVEL) {'
    query += " key actual { amount(unit: YI_YUAN) } completion { percent(digits: 6) } } }"
    table = table_of(world, query)

    read = pq.read_table(io.BytesIO(file_of(world, table, ParquetFile())))

    exact = [Decimal(row[1]) for row in rows_of(world, table)]
    assert read.column("actual.amount").to_pylist() == exact != []
    assert str(read.schema.field("actual.amount").type).startswith("decimal128")


def test_an_empty_table_still_has_its_columns(world):
    table = table_of(world, PROJECTS, variables={"text": "there is no such project"})

    header, *rows = read_csv(file_of(world, table, CsvFile()))
    read = pq.read_table(io.BytesIO(file_of(world, table, ParquetFile())))

    assert (header, rows) == (names(table), [])
    assert (read.schema.names, read.num_rows) == (header, 0)


def test_every_read_model_is_a_table_of_what_was_believed(world, portfolio):
    with connect(portfolio, autocommit=True) as database:
        head = database.execute("SELECT max(size) FROM ledger.heads").fetchone()[0]
        then = head // 2
        for name in table_names():
            table = ReadModelTable(
                world.engine, Request(), Wanted({"knownPosition": then, "on": "2023-06-30"}), name
            )
            rows = rows_of(world, table)
            columns = names(table)
            assert "known_from" not in columns
            if "day_to" in columns:
                days = {row[columns.index("day_to")] for row in rows}
                assert all(day <= date(2023, 6, 30) for day in days)
                counted = database.execute(
                    f"SELECT count(*) FROM read.{name} WHERE known_from <= %s AND known_to > %s"
                    " AND day_to <= '2023-06-30'",
                    [then, then],
                ).fetchone()
                assert len(rows) == counted[0]


def test_no_read_model_tells_the_seal_of_a_name(world):
    for name in ("milestone_plans", "stewards", "issues", "visits"):
        table = ReadModelTable(world.engine, Request(), Wanted(), name)
        assert b"hmac-sha256" not in file_of(world, table, CsvFile())


def test_names_are_counted_or_left_out(world):
    query = "{ overdue { node responsiblePerson explain } }"
    told = table_of(world, query, times={"on": "2024-12-31"})
    silent = table_of(world, query, times={"on": "2024-12-31"}, names=False)

    rows, hidden = rows_of(world, told), rows_of(world, silent)

    assert told.may_tell_names
    assert told.names == sum(row[1] is not None for row in rows) > 0
    assert not silent.may_tell_names
    assert {row[1] for row in hidden} == {None}
    assert [row[0] for row in hidden] == [row[0] for row in rows]


def test_names_inside_other_cells_are_left_out_too(world):
    query = "{ projects { nodes { id stewards { lead { name org } } evidence { id } } } }"

    hidden = rows_of(world, table_of(world, query, names=False))
    told = rows_of(world, table_of(world, query))

    leads = [each["lead"] for row in told for each in json.loads(row[1]) if each["lead"]]
    assert any(lead["name"] for lead in leads)
    leads = [each["lead"] for row in hidden for each in json.loads(row[1]) if each["lead"]]
    assert leads
    assert not any(lead["name"] for lead in leads)
    assert all(lead["org"] for lead in leads)
