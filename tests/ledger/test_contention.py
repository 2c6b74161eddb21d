"""Many writers, several processes and a reader at the tail: nothing is lost, doubled or missed."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from domain.draft import Draft
from ledger.ledger import Ledger
from ledger.reading import events_after

Fact = Callable[..., Draft]
Checked = Callable[[str], list[dict[str, Any]]]
PROGRAM = Path(__file__).with_name("writing_process.py")
WRITERS, EACH = 8, 120


def test_a_reader_at_the_tail_misses_nothing(database: str, fact: Fact, checked: Checked) -> None:
    done = threading.Event()
    seen: list[str] = []

    def tail() -> None:
        position = 0
        with psycopg.connect(database, autocommit=True) as connection:
            while True:
                finished = done.is_set()
                events = events_after(connection, position, 50)
                seen.extend(event.id for event in events)
                if events:
                    position = events[-1].position
                elif finished:
                    return

    async def write() -> list[str]:
        # Each ledger has a connection of its own, as eight processes would.
        ledgers = [await Ledger.open(database) for _ in range(WRITERS)]

        async def one(number: int) -> list[str]:
            return [
                str((await ledgers[number].append([fact(f"{number}-{n}")]))[0].event_id)
                for n in range(EACH)
            ]

        written = await asyncio.gather(*(one(number) for number in range(WRITERS)))
        for ledger in ledgers:
            await ledger.close()
        return [event for part in written for event in part]

    reader = threading.Thread(target=tail)
    reader.start()
    try:
        written = asyncio.run(write())
    finally:
        done.set()
        reader.join()

    assert len(seen) == len(set(seen)) == WRITERS * EACH
    assert set(seen) == set(written)
    assert seen == [event["body"]["id"] for event in checked(database)]


def test_a_listener_is_told_of_every_growth(database: str, fact: Fact) -> None:
    async def work() -> None:
        ledger = await Ledger.open(database)
        for n in range(3):
            await ledger.append([fact(f"r{n}")])
        await ledger.close()

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("LISTEN ledger")
        asyncio.run(work())
        told = [note.payload for note in connection.notifies(timeout=5, stop_after=3)]

    assert told == ["1", "2", "3"]


@pytest.mark.slow
def test_two_processes_contend(database: str, checked: Checked) -> None:
    command = [sys.executable, str(PROGRAM), database]
    # The two send the same records half of the time.
    processes = [
        subprocess.Popen([*command, name, "400", "3"], stdout=subprocess.PIPE, text=True)
        for name in ("first", "second", "first")
    ]
    answers = [process.communicate(timeout=60)[0].splitlines() for process in processes]

    events = checked(database)
    given = [line.split() for lines in answers for line in lines]
    accepted = {identifier for status, _, identifier in given if status == "accepted"}
    assert len(events) == len(accepted) == 800
    assert len(given) == 1_200
    assert {event["body"]["id"] for event in events} == accepted
    # Whoever came second was told the first one's event.
    assert {identifier for _, _, identifier in given} == accepted
