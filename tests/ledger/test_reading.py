"""Reading gives the same over plain and asynchronous connections."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.draft import Draft
from intake import directory
from ledger import reading
from ledger.ledger import Ledger

Fact = Callable[..., Draft]
START = datetime(2024, 5, 1, tzinfo=UTC)
ASKED = [f"00000000-0000-4000-8000-{number:012}" for number in range(10_000)]


def append(database: str, *groups: list[Draft]) -> None:
    """Append groups, an hour apart."""
    hours = iter(range(100))

    async def work() -> None:
        ledger = await Ledger.open(database, clock=lambda: START + timedelta(hours=next(hours)))
        for group in groups:
            await ledger.append(group)
        await ledger.close()

    asyncio.run(work())


def both(database: str, question: Any, *values: Any, **named: Any) -> Any:
    """Ask over both kinds of connection and insist on one answer."""

    async def asked() -> Any:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            return await question(connection, *values, **named)

    with psycopg.connect(database) as connection:
        answer = question(connection, *values, **named)
    assert asyncio.run(asked()) == answer
    return answer


@pytest.fixture
def story(database: str, fact: Fact) -> tuple[str, list[Draft]]:
    """A fact, its correction, the retraction of that, and a fact beside them."""
    started = fact("r1", "1")
    corrected = fact(
        "c1", kind="EventCorrected", payload={"occurred_on": "2024-06-20"}, corrects=started.id
    )
    retracted = fact("c2", kind="EventRetracted", payload={}, corrects=corrected.id)
    beside = fact("r2", stream="project/b")
    append(database, [started], [corrected, beside], [retracted])
    return database, [started, corrected, beside, retracted]


def ids(events: list[Any]) -> list[str]:
    return [event.id for event in events]


def test_events_come_in_order_page_by_page(story: tuple[str, list[Draft]]) -> None:
    database, drafts = story

    first = both(database, reading.events_after, 0, 3)
    second = both(database, reading.events_after, 3, 3)

    assert ids(first) + ids(second) == ids(drafts)
    assert [event.position for event in [*first, *second]] == [1, 2, 3, 4]


def test_a_stream_holds_its_own_events_as_known_at_a_position(
    story: tuple[str, list[Draft]],
) -> None:
    database, drafts = story

    assert ids(both(database, reading.stream_events, "project/a")) == ids(
        [drafts[0], drafts[1], drafts[3]]
    )
    assert ids(both(database, reading.stream_events, "project/a", 3)) == ids(drafts[:2])


def test_events_are_found_by_id(story: tuple[str, list[Draft]]) -> None:
    database, drafts = story
    unknown = "00000000-0000-4000-8000-000000000000"

    assert ids(both(database, reading.events_by_id, [drafts[3].id, unknown, drafts[0].id])) == [
        drafts[0].id,
        drafts[3].id,
    ]


def test_amendments_are_read_by_level_or_as_whole_trees(story: tuple[str, list[Draft]]) -> None:
    database, drafts = story
    root = [drafts[0].id]

    assert ids(both(database, reading.amendments_targeting, root)) == [drafts[1].id]
    assert ids(both(database, reading.amendments_of, root)) == [drafts[1].id, drafts[3].id]
    assert ids(both(database, reading.amendments_of, root, up_to=3)) == [drafts[1].id]


def test_no_plan_that_was_made_while_the_ledger_was_empty_reads_whole_tables(
    database: str,
) -> None:
    """A plan is kept while the ledger grows, however large it becomes."""
    ids_asked = [f"00000000-0000-4000-8000-{number:012}" for number in range(10)]
    names = dict.fromkeys(("streams", "aliases", "events", "records"), ids_asked)
    amending = reading.amendments_of.question(ids_asked)
    with psycopg.connect(database, autocommit=True) as connection:
        for statement, values in (
            (directory.LOOK_UP, names),
            (directory.ROOTS, [ids_asked]),
            (amending.sql, amending.values),
        ):
            plan = connection.execute(f"EXPLAIN {statement}".encode(), values).fetchall()
            assert not [line for (line,) in plan if "Seq Scan" in line]


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (reading.amendments_targeting.question(ASKED, 2_000), "events_corrects"),
        (reading.streams_events.question(ASKED, ["ProjectSigned"], 2_000), "events_stream_version"),
        (reading.stream_events.question("project/a", 2_000), "events_stream_version"),
    ],
    ids=["amendments", "streams", "stream"],
)
def test_a_ledger_that_is_not_counted_yet_is_looked_up_and_not_searched_through(
    database: str, fact: Fact, question: Any, index: str
) -> None:
    """Every batch of a catch-up asks, before the database has counted what an import brought."""
    append(database, [fact(f"r{number}", stream=f"project/{number}") for number in range(2_000)])
    explain = f"EXPLAIN (FORMAT JSON) {question.sql}".encode()

    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute(explain, question.values, binary=True).fetchone()

    assert row is not None
    assert index in str(row[0])
    assert "events_pkey" not in str(row[0])
    assert "Seq Scan" not in str(row[0])


def test_a_moment_is_a_position(story: tuple[str, list[Draft]]) -> None:
    database, _ = story
    moments = [START - timedelta(seconds=1), START, START + timedelta(hours=1.5)]

    positions = [both(database, reading.position_at, moment) for moment in moments]

    assert positions == [0, 1, 3]


def test_the_head_of_an_empty_ledger_is_the_empty_tree(database: str) -> None:
    found = both(database, reading.head)

    assert (found.size, found.recorded_at) == (0, None)
    assert found.root.hex().startswith("e3b0c442")
    assert both(database, reading.head_size) == 0


def test_the_head_moves_with_the_ledger(story: tuple[str, list[Draft]]) -> None:
    database, _ = story

    assert both(database, reading.head_size) == both(database, reading.head).size == 4
