"""Take a few projects with a life in them out of the demonstration, and record them."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.batch import Batch
from intake.cloudevents import read_event
from intake.delivery import Delivery
from projections.runner import Runner
from projections.views import VIEWS
from server.demonstration import batches, deliveries
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings
from tests.graphql.steering import steering

RARE = {
    "CapacityReached",
    "EventRetracted",
    "MilestoneReplanned",
    "OffListRequirementRaised",
    "PhaseDefined",
    "PostEvaluationCompleted",
    "PremisesSecured",
    "ProjectSuspended",
    "ProjectTerminated",
}
"""Kinds of which one project each is wanted."""


def selected() -> list[dict[str, Any]]:
    """Give the deliveries of some thirty projects, and all that are about none."""
    events = deliveries()
    registered: dict[str, str] = {}
    for event in events:
        if event["type"] == "ProjectCodeAssigned":
            registered[f"code:{event['data']['code']}"] = event["subject"]
    wanted = {
        event["subject"]
        for number, event in enumerate(
            event for event in events if event["type"] == "ProjectRegistered"
        )
        if number % 25 == 0
    }
    for kind in sorted(RARE):
        subjects = [event.get("subject", "") for event in events if event["type"] == kind]
        wanted |= {registered.get(subject, subject) for subject in subjects[:1]}
    selected = [
        event
        for event in events
        if not event.get("subject", "").startswith(("source:", "code:"))
        or registered.get(event["subject"], event["subject"]) in wanted
    ]
    return selected + steering(min(wanted))


def record(conninfo: str, folder: Path) -> None:
    """Record the selected deliveries at the times of their receipt, and project them."""
    events = selected()
    opening = Delivery(
        kind="LedgerOpened",
        system="ledger",
        record_id="opening",
        occurred_on="2020-01-01",
        payload={"clock": "replayed", "note": "A few projects of the demonstration"},
        received_at=datetime.fromisoformat(events[0]["receivedat"]),
    )

    async def run() -> None:
        async with opened(Settings(data=folder), conninfo, replayed=True) as house:
            await house.intake.receive([opening], OPERATOR)
            for batch in batches(events):
                together = Batch(house.intake, house.book, OPERATOR, door="command")
                await together.take([read_event(event) for event in batch], last=True)

    asyncio.run(run())
    Runner(conninfo, VIEWS).catch_up()
