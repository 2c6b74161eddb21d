"""People decide about what was kept, by name and reason, and every decision is an event."""

import asyncio
import json
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from domain.envelope import Actor
from domain.errors import LedgerError
from intake.batch import Batch
from intake.cloudevents import read_event
from intake.desk import AlreadyDecided, Desk, UnknownEntry, explained
from intake.grant import Grant, Right
from intake.receipt_book import ReceiptBook
from intake.retraction import Retraction
from tests.intake.conftest import EVERYTHING
from tests.intake.events import delivered, event, registration

CHIEF = Grant(Actor(id="chief-1", org="DRC", role="chief", name="李四"), frozenset(Right))
CODE = "2407-320582-89-01-729324"


class Office:
    """An intake, a desk and a receipt book over one database."""

    def __init__(self, intake: Any, pool: Any) -> None:
        self.intake = intake
        self.pool = pool
        self.desk = Desk(intake, pool, CHIEF)
        self.book = ReceiptBook(pool)

    async def send(self, *events: Any) -> list[str]:
        facts = [read_event(one) for one in events]
        return [one.status.value for one in await self.intake.receive(facts, EVERYTHING)]

    async def explain(self, number: int) -> dict[str, Any]:
        async with self.pool.connection() as connection:
            return await explained(connection, number)


@pytest.fixture
def office(open_intake, database):
    """Give a function that runs work in an office over a fresh ledger."""

    def run(work: Any) -> Any:
        async def within() -> Any:
            pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
                database, min_size=1, max_size=4, open=False, kwargs={"autocommit": True}
            )
            async with open_intake() as intake, pool:
                return await work(Office(intake, pool))

        return asyncio.run(within())

    return run


def decisions(database: str) -> list[Any]:
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT convert_from(bytes, 'UTF8')::jsonb #> '{body,payload}',"
            " convert_from(bytes, 'UTF8')::jsonb #>> '{body,reason}',"
            " convert_from(bytes, 'UTF8')::jsonb #>> '{body,actor,id}'"
            " FROM ledger.events WHERE kind = 'QuarantineDecided' AND stream = 'ledger/quarantine'"
            " ORDER BY position"
        ).fetchall()


def test_an_implausible_fact_is_released_by_name_and_reason(office, database):
    async def work(office: Office) -> None:
        await office.send(registration(), delivered("d1#1", occurredon="2099-01-01"))
        decided = await office.desk.release(1, "confirmed by telephone")
        assert (decided.decision, decided.receipt.status.value) == ("released", "accepted")
        entry = await office.explain(1)
        assert (entry["decision"], entry["decided_by"]) == ("released", "chief-1")
        assert entry["decision_reason"] == "confirmed by telephone"
        assert entry["decided_by_name"] == "李四"
        with pytest.raises(AlreadyDecided):
            await office.desk.refuse(1, "too late")

    office(work)
    [(payload, reason, actor)] = decisions(database)
    assert (payload["number"], payload["decision"]) == (1, "released")
    assert payload["source_key"] == "approval/d1"
    assert payload["event"]
    assert (reason, actor) == ("confirmed by telephone", "chief-1")


def test_what_lacks_its_project_is_not_released_but_can_be_corrected(office, database):
    async def work(office: Office) -> None:
        await office.send(registration(), delivered("d1", subject=f"code:{CODE}"))
        kept = await office.desk.release(1, "surely")
        assert (kept.decision, kept.receipt.code) == ("kept", "unknown_project")
        decided = await office.desk.correct(1, {"subject": "project/p1"}, "the code was misspelt")
        assert (decided.decision, decided.receipt.status.value) == ("replaced", "accepted")

    office(work)
    [(payload, _, _)] = decisions(database)
    assert payload["decision"] == "replaced"


def test_a_correction_that_cannot_be_read_leaves_the_entry_as_it_was(office):
    async def work(office: Office) -> None:
        await office.send(registration(), delivered("d1", occurredon="2099-01-01"))
        kept = await office.desk.correct(1, {"payload": {"parcel": 1}}, "wrong")
        assert (kept.decision, kept.receipt.status.value) == ("kept", "rejected")
        for changes in ({"kind": "LandAwarded"}, {}):
            with pytest.raises(LedgerError):
                await office.desk.correct(1, changes, "wrong")
        assert (await office.explain(1))["decision"] is None
        assert (await office.desk.refuse(1, "nonsense")).decision == "refused"

    office(work)


def test_a_refused_fact_never_joins_and_stays_on_record(office):
    async def work(office: Office) -> None:
        fact = delivered("d1#1", subject="source:approval/r9")
        await office.send(fact)
        await office.desk.refuse(1, "double of d0")
        await office.send(registration("r9#1", subject="project/p9"))
        entry = await office.explain(1)
        assert (entry["decision"], entry["event"]) == ("refused", None)
        assert entry["payload"] == {"parcel_id": "2024-A-7"}
        found = await office.intake.receive([read_event(fact)], EVERYTHING)
        assert found[0].status.value == "accepted"

    office(work)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_decision_needs_its_reason_its_entry_and_the_right_to_decide(office, reason):
    async def work(office: Office) -> None:
        await office.send(delivered("d1"))
        with pytest.raises(LedgerError) as refused:
            await office.desk.release(1, reason)
        assert refused.value.code == "missing_reason"
        with pytest.raises(UnknownEntry):
            await office.desk.refuse(99, "why")
        for grant in (
            Grant(CHIEF.actor, frozenset({Right.APPEND, Right.READ})),
            Grant(CHIEF.actor, frozenset(Right), systems=frozenset({"land"})),
        ):
            with pytest.raises(LedgerError) as refused:
                await Desk(office.intake, office.pool, grant).refuse(1, "why")
            assert refused.value.code == "forbidden"

    office(work)


def test_two_who_decide_at_once_decide_once(office, database):
    async def work(office: Office) -> None:
        await office.send(registration(), delivered("d1", occurredon="2099-01-01"))
        answers = await asyncio.gather(
            office.desk.release(1, "yes"), office.desk.refuse(1, "no"), return_exceptions=True
        )
        assert sorted(isinstance(one, AlreadyDecided) for one in answers) == [False, True]

    office(work)
    assert len(decisions(database)) == 1


def test_a_batch_is_taken_back_with_one_reason(office, database):
    async def work(office: Office) -> None:
        await office.send(registration("r0#1"))
        batch = Batch(office.intake, office.book, EVERYTHING, id="slip")
        facts = [
            delivered("d1#1"),
            delivered("d1#2", occurredon="2024-06-12"),
            delivered("d2#1", subject=f"code:{CODE}"),
            event("LandDelivered", "d3#1"),
        ]
        await batch.take([read_event(one) for one in facts], last=True)
        retraction = Retraction(office.intake, office.book, office.pool, CHIEF)
        result = (await retraction.of("slip", "sent for the wrong year")).as_json()
        assert (result["events"], result["accepted"], result["refused_in_quarantine"]) == (2, 2, 1)
        again = (await retraction.of("slip", "sent for the wrong year")).as_json()
        assert (again["duplicate"], again["refused_in_quarantine"]) == (2, 0)
        for wrong, code in (("nothing", "unknown_batch"), ("slip", "missing_reason")):
            with pytest.raises(LedgerError) as refused:
                await retraction.of(wrong, " " if wrong == "slip" else "why")
            assert refused.value.code == code

    office(work)
    with psycopg.connect(database) as connection:
        reasons = connection.execute(
            "SELECT DISTINCT convert_from(bytes, 'UTF8')::jsonb #>> '{body,reason}'"
            " FROM ledger.events WHERE kind = 'EventRetracted'"
        ).fetchall()
    assert reasons == [("sent for the wrong year",)]


def test_a_fact_is_known_again_by_a_code_that_no_longer_names_its_project(office):
    async def work(office: Office) -> None:
        code = event("ProjectCodeAssigned", "c1", {"code": CODE})
        fact = delivered("d1#1", subject=f"code:{CODE}")
        assert await office.send(registration(), code, fact) == ["accepted"] * 3
        corrected = event(
            "EventCorrected",
            "k1",
            {"payload": {"code": "2407-320582-89-01-729325"}},
            corrects="source:approval/c1",
            reason="misspelt",
        )
        assert await office.send(corrected) == ["accepted"]
        assert await office.send(fact) == ["duplicate"]
        assert await office.send(fact | {"id": "d1#2"}) == ["quarantined"]
        assert await office.send(fact | {"id": "d9#1"}) == ["quarantined"]

    office(work)


def test_no_name_lies_in_clear_in_the_quarantine_however_it_is_nested(office, database):
    nested = {"payload": {"x": [{"officers": ["张三丰", {"y": "李四光"}]}], "lead_officer": "王五"}}

    async def work(office: Office) -> None:
        nonsense = event("EventCorrected", "k1", nested, corrects="source:approval/n", reason="r")
        assert await office.send(nonsense) == ["quarantined"]
        assert (await office.explain(1))["payload"] == nested

    office(work)
    with psycopg.connect(database) as connection:
        kept = connection.execute(
            "SELECT convert_from(delivery, 'UTF8'), q::text FROM ledger.quarantine AS q"
        ).fetchall()
    text = json.dumps(kept, ensure_ascii=False, default=str)
    assert not any(name in text for name in ("张三丰", "李四光", "王五"))
