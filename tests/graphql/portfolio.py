"""Take a few projects with a life in them out of the demonstration, and record them."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

from intake.batch import Batch
from intake.cloudevents import read_event
from intake.delivery import Delivery
from projections.catalogue import VIEWS
from projections.runner import Runner
from projections.spans.settling import Settler
from server.demonstration import Portfolio, batches, books, spooled
from server.demonstration.deliveries import Arrival
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings
from tests.graphql.service import service
from tests.graphql.steering import steering

SMALL = Portfolio(projects=220)
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


def selected() -> list[Arrival]:
    """Give the deliveries of some thirty projects, and all that are about none."""
    with spooled(books(SMALL)) as spool:
        arrivals = list(spool.read())
    events = [arrival.event for arrival in arrivals]
    registered: dict[str, str] = {}
    for event in events:
        if event["type"] == "ProjectCodeAssigned":
            registered[f"code:{event['data']['code']}"] = event["subject"]
    wanted = {
        event["subject"]
        for number, event in enumerate(
            event for event in events if event["type"] == "ProjectRegistered"
        )
        if number % 8 == 0
    }
    for kind in sorted(RARE):
        subjects = [event.get("subject", "") for event in events if event["type"] == kind]
        wanted |= {registered.get(subject, subject) for subject in subjects[:1]}
    selected = [arrival for arrival in arrivals if _is_wanted(arrival.event, registered, wanted)]
    known = min(subject for subject in wanted if subject.startswith("source:"))
    further = steering(known) + service(known)
    return selected + [
        Arrival(event["receivedat"], awaited=False, event=event) for event in further
    ]


def _is_wanted(event: dict[str, Any], registered: dict[str, str], wanted: set[str]) -> bool:
    """Tell whether a delivery is about a wanted project, or about none."""
    subject = event["subject"]
    named = subject.startswith(("source:", "code:"))
    return not named or registered.get(subject, subject) in wanted


def record(conninfo: str, folder: Path) -> None:
    """Record the selected deliveries at the times of their receipt, and project them."""
    arrivals = selected()
    opening = Delivery(
        kind="LedgerOpened",
        system="ledger",
        record_id="opening",
        occurred_on="2020-01-01",
        payload={"clock": "replayed", "note": "A few projects of the demonstration"},
        received_at=datetime.fromisoformat(arrivals[0].received_at),
    )

    async def run() -> None:
        async with opened(Settings(data=folder), conninfo, replayed=True) as house:
            await house.intake.receive([opening], OPERATOR)
            for batch in batches(arrivals):
                together = Batch(house.intake, house.book, OPERATOR, door="command")
                await together.take([read_event(event) for event in batch], last=True)

    asyncio.run(run())
    Runner(conninfo, VIEWS).catch_up()
    Settler(conninfo).settle()
