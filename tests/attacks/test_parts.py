"""A ledger that is read in parts, by several processes, is checked as if it were read in one."""

import os
from concurrent.futures import Future
from datetime import UTC, datetime
from multiprocessing import Pipe

import psycopg
import pytest

from ledger.verification import together
from ledger.verification.part import check_part
from ledger.verification.signatures import Trust
from ledger.verification.verify import Verification, verify
from tests.attacks.conftest import Prepared, Scene
from tests.attacks.histories import SIZE, append, fact, flipped


@pytest.fixture
def _in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_WIDEST", 256)
    monkeypatch.setattr(together, "_NARROWEST", 256)
    monkeypatch.setattr(together, "_ALONE", 10)


def verified(database: str, *, processes: int = 1) -> Verification:
    return verify(database, lambda *_: None, Trust(), processes=processes)


@pytest.mark.slow
@pytest.mark.usefixtures("_in_small_parts")
def test_several_processes_read_what_one_reads(prepared: Prepared) -> None:
    several = verified(prepared.office.database, processes=2)
    alone = verified(prepared.office.database)

    assert several.ok, several.as_json()
    assert several.as_json() == alone.as_json()
    assert several.read["events"] == SIZE


def test_parts_come_in_order_whoever_reads_them(prepared: Prepared) -> None:
    conninfo, division = prepared.office.database, together._Division(SIZE, 256)
    # Another process has taken the first run, and finds no more after that.
    tickets, dispenser = Pipe(duplex=False)
    together._hand_out(dispenser, len(division.runs()))
    os.read(tickets.fileno(), together._TICKET.size)
    here = together._Taker(conninfo, division, tickets)
    elsewhere: list[Future[together._Taken | None]] = [Future() for _ in division.runs()]
    with psycopg.connect(conninfo, autocommit=True) as connection:
        first = together._Taken(0, check_part(connection, division.runs()[0]))
    for future, found in zip(elsewhere, (first, None, None), strict=True):
        future.set_result(found)

    parts = list(together._in_order(here, set(elsewhere)))
    here.close()
    tickets.close()

    assert [part.run for part in parts] == [(0, 256), (256, 512), (512, SIZE)]


@pytest.mark.usefixtures("_in_small_parts")
@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE ledger.heads SET previous = 240 WHERE size = 300", "heads"),
        (f"UPDATE ledger.heads SET edge = {flipped('edge', 3)} WHERE size = 350", "heads"),
        (f"UPDATE ledger.heads SET edge = {flipped('edge', 3)} WHERE size = 600", "heads"),
        (
            "UPDATE ledger.heads SET recorded_at = recorded_at + interval '1 s' WHERE size = 550",
            "heads",
        ),
        ("DELETE FROM ledger.events WHERE position = 257", "positions"),
        ("DELETE FROM ledger.events WHERE position = 600", "positions"),
        ("DELETE FROM ledger.heads WHERE size = 300", "heads"),
        ("DELETE FROM ledger.heads WHERE size = 600", "positions"),
        ("DELETE FROM ledger.tiles WHERE index = 1", "tiles"),
        ("UPDATE ledger.events SET recorded_at = '2024-01-01' WHERE position = 257", "recorded_at"),
    ],
)
def test_what_is_wrong_between_parts_is_found(scene: Scene, statement: str, check: str) -> None:
    with scene.unguarded() as connection:
        connection.execute("ALTER TABLE ledger.heads DROP CONSTRAINT heads_previous_key")
        connection.execute(statement.encode())

    assert check in verified(scene.office.database).findings.counts


@pytest.mark.usefixtures("_in_small_parts")
def test_streams_go_on_from_part_to_part(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.events SET version = version + 100"
            " WHERE stream = 'project/p3' AND position > 256"
        )

    counts = verified(scene.office.database).findings.counts
    assert counts["columns"] > 1
    with scene.unguarded() as connection:
        connection.execute(
            "DELETE FROM ledger.events WHERE stream = 'project/p4' AND position BETWEEN 240 AND 256"
        )
    assert "stream_versions" in verified(scene.office.database).findings.counts


def test_a_history_may_be_older_than_any_clock_of_ours(database: str) -> None:
    for year in (1991, 1999, 2000, 2024):
        moment = datetime(year, 1, 1, tzinfo=UTC)
        append(database, [fact(year, "Commissioned")], lambda moment=moment: moment)

    assert verified(database).ok
