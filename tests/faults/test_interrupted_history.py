"""A history that was interrupted while it was replayed keeps its own recorded times."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from intake.cloudevents import read_event
from ledger.reading import events_after
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings
from tests.intake.events import REGISTERED, delivered, event
from tests.ledger.conftest import make_fact

RECEIVED = datetime(2024, 6, 12, 1, tzinfo=UTC)


def test_what_is_released_later_is_recorded_when_its_project_was(
    database: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=database)
    opening = event("LedgerOpened", "opening", {"clock": "replayed"}, subject=None)
    early = delivered(receivedat=RECEIVED.isoformat())
    project = make_fact(
        kind="ProjectRegistered",
        stream="project/p1",
        payload=dict(REGISTERED),
        recorded_at=RECEIVED + timedelta(days=1),
    )

    async def load() -> None:
        async with opened(settings, database, replayed=True) as house:
            deliveries = [opening | {"receivedat": RECEIVED.isoformat()}, early]
            await house.intake.receive([read_event(each) for each in deliveries], OPERATOR)
            # Appended, and then the process ends before it releases what waited for it.
            await house.ledger.append([project])
        async with opened(settings, database, replayed=True):
            pass

    asyncio.run(load())

    with psycopg.connect(database) as connection:
        events = events_after(connection, 0)
    assert [each.kind for each in events] == ["LedgerOpened", "ProjectRegistered", "LandDelivered"]
    assert events[2].recorded_at == events[1].recorded_at == RECEIVED + timedelta(days=1)
