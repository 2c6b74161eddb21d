"""The eventsourcing library accepts the ledger as its store, by its own tests."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import (
    InfrastructureFactory,
    NotSupportedError,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.tests.persistence import ApplicationRecorderTestCase
from psycopg.conninfo import conninfo_to_dict

from domain.draft import Draft
from ledger.ledger import Ledger
from ledger.recorder import LedgerFactory, LedgerRecorder

Fact = Callable[..., Draft]
Checked = Callable[[str], list[dict[str, Any]]]


def settings(database: str) -> dict[str, str]:
    given = conninfo_to_dict(database)
    return {
        "PERSISTENCE_MODULE": "ledger.recorder",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given.get("host", "")),
        "POSTGRES_PORT": str(given.get("port", "")),
        "POSTGRES_USER": str(given.get("user", "")),
        "POSTGRES_PASSWORD": str(given.get("password", "")),
    }


@pytest.fixture
def datastore(database: str) -> Iterator[PostgresDatastore]:
    given = settings(database)
    with PostgresDatastore(
        dbname=given["POSTGRES_DBNAME"],
        host=given["POSTGRES_HOST"],
        port=given["POSTGRES_PORT"],
        user=given["POSTGRES_USER"],
        password=given["POSTGRES_PASSWORD"],
        pool_size=5,
        max_overflow=10,
    ) as datastore:
        yield datastore


class TestLibraryContract(ApplicationRecorderTestCase[LedgerRecorder]):
    """The library's own contract of an application recorder."""

    datastore: ClassVar[PostgresDatastore]

    @pytest.fixture(autouse=True)
    def _use(self, datastore: PostgresDatastore) -> None:
        type(self).datastore = datastore

    def create_recorder(self) -> LedgerRecorder:
        recorder = LedgerRecorder(self.datastore)
        recorder.create_table()
        return recorder


class Account(Aggregate):
    """An aggregate of somebody else's."""

    balance = 0

    @event("Paid")
    def pay(self, amount: int) -> None:
        self.balance += amount


class Bank(Application[UUID]):
    """An application of somebody else's."""

    name = "bank"


def test_an_application_of_the_library_works_on_the_ledger(database: str, checked: Checked) -> None:
    bank = Bank(env=settings(database))
    account = Account()
    account.pay(5)
    account.pay(6)
    bank.save(account)
    with bank.recorder.subscribe() as subscription:
        seen = [next(subscription).id for _ in range(3)]
    again: Account = bank.repository.get(account.id)
    bank.close()

    assert again.balance == 11
    assert seen == [1, 2, 3]
    events = checked(database)
    assert {entry["kind"] for entry in events} == {"Opaque"}
    assert [entry["version"] for entry in events] == [1, 2, 3]


def test_its_readers_see_facts_and_foreign_events_in_order(
    database: str, datastore: PostgresDatastore, fact: Fact, checked: Checked
) -> None:
    recorder = LedgerRecorder(datastore)
    foreign = StoredEvent(uuid4(), 7, "bank:Paid", b"\x00\xff")
    recorder.insert_events([foreign])

    async def append() -> None:
        ledger = await Ledger.open(database)
        await ledger.append([fact("r1", stream=f"project/{foreign.originator_id}")])
        await ledger.append([fact("r2", stream="project/not-a-uuid")])
        await ledger.close()

    asyncio.run(append())
    with recorder.subscribe() as subscription:
        first, second, third = (next(subscription) for _ in range(3))

    assert (first.originator_id, first.originator_version) == (foreign.originator_id, 7)
    assert (first.topic, first.state) == ("bank:Paid", b"\x00\xff")
    assert (second.topic, second.originator_id) == ("ConstructionStarted", foreign.originator_id)
    assert [entry.id for entry in (first, second, third)] == [1, 2, 3]
    found = recorder.select_notifications(None, 10, topics=["ConstructionStarted"])
    assert [entry.id for entry in found] == [2, 3]
    assert recorder.select_notifications(None, 10, topics=["bank:Paid"]) == [first]
    checked(database)


def test_a_stream_of_the_ledger_is_read_by_its_name(database: str, fact: Fact) -> None:
    async def append() -> None:
        ledger = await Ledger.open(database)
        await ledger.append([fact("r1"), fact("r2")])
        await ledger.close()

    asyncio.run(append())
    environment = {**settings(database), "ORIGINATOR_ID_TYPE": "text"}
    factory: Any = InfrastructureFactory.construct(environment)
    with factory:
        recorder = factory.application_recorder()
        assert isinstance(factory, LedgerFactory)
        events = recorder.select_events("project/a", gt=1)

    assert [(entry.originator_id, entry.originator_version) for entry in events] == [
        ("project/a", 2)
    ]


def test_our_own_kinds_enter_only_as_facts(datastore: PostgresDatastore) -> None:
    with pytest.raises(ProgrammingError, match="append it as a fact"):
        LedgerRecorder(datastore).insert_events(
            [StoredEvent(uuid4(), 1, "ConstructionStarted", b"{}")]
        )


def test_process_applications_are_refused(database: str) -> None:
    factory: Any = InfrastructureFactory.construct(settings(database))
    with factory, pytest.raises(NotSupportedError):
        factory.process_recorder()
