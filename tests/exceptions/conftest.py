"""Tell stories end to end: deliveries go in at the door, questions are asked in GraphQL."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from api.database import Readers
from api.engine import Engine, Request
from api.serving import own_contract
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.envelope import Actor
from domain.kinds import KINDS
from domain.policies import presets
from domain.receipt import Receipt, Status
from intake.cloudevents import read_event
from intake.grant import Grant, Right
from intake.intake import Intake
from ledger.ledger import Ledger
from projections.catalogue import VIEWS
from projections.runner import Runner
from tests.databases import copied

EVERYTHING = Grant(Actor(id="desk", org="发改委", role="clerk"), frozenset(Right))
Event = dict[str, Any]
_OUTSIDE = ("revision", "reason", "corrects", "source")


def event(kind: str, record: str, on: str, project: str | None = None, /, **data: Any) -> Event:
    """Give a delivery made from the example of its kind; a value that is None leaves a field out.

    Phases and stages are left out unless they are given. `revision`, the version of the record,
    `reason`, `corrects` and `source` are not part of the payload.
    """
    outside = {name: data.pop(name, None) for name in _OUTSIDE}
    example = {k: v for k, v in KINDS[kind].example.items() if k not in {"phase_id", "stage"}}
    given = {
        "specversion": "1.0",
        "type": kind,
        "source": f"/sources/{outside['source'] or 'approval'}",
        "id": f"{record}#{outside['revision'] or 1}",
        "occurredon": on,
        "subject": None if project is None else project if "/" in project else f"project/{project}",
        "reason": outside["reason"],
        "corrects": outside["corrects"],
        "data": {k: v for k, v in {**example, **data}.items() if v is not None},
    }
    return {name: value for name, value in given.items() if value is not None}


def registered(project: str, /, on: str = "2024-01-05", **data: Any) -> Event:
    """Give the delivery that makes a project known."""
    given = {"stage": "negotiating", "title": f"项目{project}", **data}
    return event("ProjectRegistered", f"R-{project}", on, project, **given)


def amended(kind: str, record: str, target: str, on: str, /, **data: Any) -> Event:
    """Give a correction or retraction of a record of the same source."""
    return {
        **event(kind, record, on, None, reason="查实更正", corrects=f"source:approval/{target}"),
        "data": data,
    }


class Town:
    """A ledger with its door and its questions, on an event loop of its own."""

    def __init__(self, conninfo: str) -> None:
        """Work on a migrated database."""
        self.conninfo = conninfo
        self.now = datetime(2025, 3, 31, 4, tzinfo=UTC)
        self._runner = asyncio.Runner()
        self._ledger, self._pool, self._intake = self._runner.run(self._open())
        self._engine = Engine(
            own_contract(), Readers(conninfo, size=2, milliseconds=20_000), clock=lambda: self.now
        )

    async def _open(self) -> Any:
        ledger = await Ledger.open(self.conninfo, clock=lambda: self.now)
        pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            self.conninfo, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
        )
        await pool.open()
        return ledger, pool, Intake(ledger, pool, clock=lambda: self.now)

    def send(self, *events: Event) -> list[Receipt]:
        """Send deliveries and let the read models follow."""
        deliveries = [read_event(each) for each in events]
        receipts: list[Receipt] = self._runner.run(self._intake.receive(deliveries, EVERYTHING))
        Runner(self.conninfo, VIEWS).catch_up()
        return receipts

    def statuses(self, *events: Event) -> list[str]:
        """Send deliveries and tell what became of each."""
        return [receipt.status.value for receipt in self.send(*events)]

    def run(self, coroutine: Any) -> Any:
        """Run something on the loop of this town."""
        return self._runner.run(coroutine)

    @property
    def pool(self) -> Any:
        """Give the connections of the door."""
        return self._pool

    @property
    def intake(self) -> Intake:
        """Give the door itself."""
        return self._intake

    def ask(self, query: str, **variables: Any) -> Any:
        """Ask a question and give its data; an error fails the test."""
        request = Request(query, variables=variables)
        answer = orjson.loads(self._runner.run(self._engine.answer(request)).body)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def refused(self, query: str) -> Any:
        """Ask a question that is refused, and give the first error."""
        answer = orjson.loads(self._runner.run(self._engine.answer(Request(query))).body)
        return answer["errors"][0]

    def project(self, project: str, fields: str, on: str | None = None) -> Any:
        """Ask for fields of one project."""
        day = f', asOf: {{on: "{on}"}}' if on else ""
        return self.ask(f'{{ project(id: "{project}"{day}) {{ {fields} }} }}')["project"]

    def adopt_presets(self) -> None:
        """Adopt the policies that come with the house."""
        receipts = self.send(*map(adoption, presets()))
        assert {receipt.status for receipt in receipts} == {Status.ACCEPTED}

    def close(self) -> None:
        """Close everything."""
        self._runner.run(self._engine.close())
        self._runner.run(self._pool.close())
        self._runner.run(self._ledger.close())
        self._runner.close()


def adoption(policy: Any, on: str = "2020-01-01") -> Event:
    """Give the delivery by which a policy is adopted."""
    last = policy.effective_to
    told = event(
        "PolicyAdopted",
        policy.ref,
        on,
        None,
        policy_id=policy.id,
        kind=policy.kind,
        effective_from=policy.effective_from.isoformat(),
        effective_to=None if last is None else last.isoformat(),
        sha256=policy.sha256,
        body=policy.body,
    )
    told["data"]["version"] = policy.version
    return told


@contextmanager
def opened(server: str, modelled: str) -> Iterator[Town]:
    """Open a town over a database of its own."""
    with copied(server, modelled) as conninfo:
        town = Town(conninfo)
        yield town
        town.close()


@pytest.fixture(scope="module")
def town(server: str, modelled: str) -> Iterator[Town]:
    """A town with the presets adopted, shared by the stories of a module."""
    with opened(server, modelled) as town:
        town.adopt_presets()
        yield town


@pytest.fixture
def bare_town(server: str, modelled: str) -> Iterator[Town]:
    """A town of its own without any policy."""
    with opened(server, modelled) as town:
        yield town
