"""However facts arrive, the ledger comes to say the same."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import ClassVar

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.fact import Fact
from domain.receipt import Status
from projections.catalogue import VIEWS
from projections.folding.content import digest
from projections.folding.derived import DerivedView
from projections.folding.projection import Column, FactView
from projections.rebuild import rebuild
from projections.runner import Runner
from tests.laws.conftest import World
from tests.laws.world import RELATED, Event, registration, worlds

NewWorld = Callable[[], World]
lawful = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@lawful
@given(data=st.data(), world=worlds())
def test_any_order_and_any_batching_give_the_same_state(
    new_world: NewWorld, data: st.DataObject, world: list[Event]
) -> None:
    check_order(new_world, data, world)


@settings(lawful, max_examples=6)
@given(data=st.data(), world=worlds(RELATED))
def test_facts_that_depend_on_each_other_may_come_in_any_order(
    new_world: NewWorld, data: st.DataObject, world: list[Event]
) -> None:
    shuffled = check_order(new_world, data, world)

    live = shuffled.content()
    for view in (view for view in VIEWS if isinstance(view, DerivedView)):
        rebuild(shuffled.conninfo, view)
    assert shuffled.content() == live


def check_order(new_world: NewWorld, data: st.DataObject, world: list[Event]) -> World:
    in_order, shuffled = new_world(), new_world()
    order = data.draw(st.permutations(world))
    cuts = data.draw(st.sets(st.integers(1, len(order))))
    edges = [0, *sorted(cuts), len(order)]

    in_order.send([[delivery] for delivery in world])
    shuffled.send([order[start:end] for start, end in pairwise(edges)])

    assert shuffled.meaning() == in_order.meaning()
    return shuffled


@settings(lawful, max_examples=8)
@given(world=worlds())
def test_sending_everything_twice_changes_nothing(new_world: NewWorld, world: list[Event]) -> None:
    ledger = new_world()
    ledger.send([world])
    before, size = ledger.content(), ledger.size()

    again = ledger.send([world])

    assert ledger.content() == before
    assert ledger.size() == size
    assert {receipt.status for receipt in again} <= {Status.DUPLICATE, Status.SUPERSEDED}


@settings(lawful, max_examples=3)
@given(world=worlds())
def test_a_rebuilt_read_model_equals_the_live_one(new_world: NewWorld, world: list[Event]) -> None:
    ledger = new_world()
    ledger.send([world[: len(world) // 2], world[len(world) // 2 :]])
    live = ledger.content()

    for view in VIEWS:
        rebuild(ledger.conninfo, view)

    assert ledger.content() == live


def _amended(kind: str, name: str, corrects: str, data: dict[str, str]) -> Event:
    return registration("P1") | {
        "type": kind,
        "id": f"{name}#1",
        "corrects": corrects,
        "data": data,
        "occurredon": "2024-08-01",
    }


@pytest.mark.parametrize("reversed_by", ["EventRetracted", "EventCorrected"])
def test_a_correction_and_its_reversal_cancel(new_world: NewWorld, reversed_by: str) -> None:
    ledger = new_world()
    ledger.send([[registration("P1")]])
    before = ledger.meaning()
    target = "source:approval/P1"
    ledger.send([[_amended("EventCorrected", "c", target, {"occurred_on": "2024-02-02"})]])
    corrected = ledger.meaning()
    if reversed_by == "EventRetracted":
        reversal = _amended("EventRetracted", "r", "source:approval/c", {})
    else:
        reversal = _amended(
            "EventCorrected", "r", "source:approval/c", {"occurred_on": "2024-01-02"}
        )

    ledger.send([[reversal]])

    after = ledger.meaning()
    assert corrected["projects"] != before["projects"]
    assert after | {"amendments": ""} == before | {"amendments": ""}


def test_a_read_model_stops_alone_at_an_event_it_cannot_fold(new_world: NewWorld) -> None:
    ledger = new_world()
    with psycopg.connect(ledger.conninfo) as connection:
        ledger.send([[registration("P1")]])
        connection.execute("ALTER TABLE read.projects ADD CONSTRAINT no_p2 CHECK (project <> 'P2')")
        connection.commit()

        ledger.send([[registration("P2"), registration("P3")]])

        states = {
            name: (position, stopped_at, problem)
            for name, position, stopped_at, problem in connection.execute(
                "SELECT name, position, stopped_at, problem FROM read.tracking"
            )
        }
    position, stopped_at, problem = states.pop("projects")
    assert (position, stopped_at) == (1, 2)
    assert "no_p2" in problem
    assert {state[:2] for state in states.values()} == {(3, None)}


def test_a_start_that_was_derived_goes_without_the_report_it_was_derived_from(
    new_world: NewWorld,
) -> None:
    secured = registration("P1") | {
        "type": "PremisesSecured",
        "id": "F1#1",
        "occurredon": "2024-03-01",
        "data": {"kind": "lease", "floor_area_m2": "12000"},
    }
    installed = registration("P1") | {
        "type": "PhysicalProgressReported",
        "id": "F2#1",
        "occurredon": "2024-03-06",
        "data": {"element": "installation"},
    }
    later = _amended("EventCorrected", "c", "source:approval/F1", {"occurred_on": "2024-04-01"}) | {
        "subject": "project/P1"
    }
    at_once, bit_by_bit = new_world(), new_world()

    at_once.send([[registration("P1"), secured, installed, later]])
    bit_by_bit.send([[registration("P1"), secured, installed]])
    bit_by_bit.send([[later]])

    assert bit_by_bit.meaning() == at_once.meaning()


def test_every_delivery_is_accounted_for(new_world: NewWorld) -> None:
    ledger = new_world()
    first = registration("P1")
    revised = first | {"id": "P1#2", "occurredon": "2024-01-03"}
    other = first | {"occurredon": "2024-01-09"}
    lost = first | {
        "id": "X#1",
        "type": "LandDelivered",
        "subject": "project/unknown",
        "data": {"parcel_id": "A"},
    }

    receipts = ledger.send([[first, first, revised, first, other, lost]])

    assert [receipt.status for receipt in receipts] == [
        Status.ACCEPTED,
        Status.DUPLICATE,
        Status.CORRECTED,
        Status.DUPLICATE,
        Status.REJECTED,
        Status.QUARANTINED,
    ]
    assert Counter(receipt.code for receipt in receipts if receipt.code) == Counter(
        {"duplicate_key_other_content": 1, "unknown_project": 1}
    )


def test_meaning_is_not_blind(new_world: NewWorld) -> None:
    one, other = new_world(), new_world()
    one.send([[registration("P1")]])
    other.send([[registration("P1") | {"occurredon": "2024-01-03"}]])

    with psycopg.connect(one.conninfo) as first, psycopg.connect(other.conninfo) as second:
        digests = [
            digest(connection, VIEWS[1], schema="read", meaning_only=True)
            for connection in (first, second)
        ]

    assert digests[0] != digests[1]


def test_a_read_model_whose_columns_changed_is_folded_anew(new_world: NewWorld) -> None:
    class Titles(FactView):
        name = "titles"
        kinds = frozenset({"ProjectRegistered"})
        columns: ClassVar[tuple[Column, ...]] = (Column("title", "text"),)

        def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
            yield tuple(fact.payload["title"] for _ in self.columns)

    class TitlesTwice(Titles):
        columns = (Column("title", "text"), Column("again", "text"))

    ledger = new_world()
    ledger.send([[registration("P1")]])
    Runner(ledger.conninfo, [Titles()]).catch_up()

    Runner(ledger.conninfo, [TitlesTwice()]).catch_up()

    with psycopg.connect(ledger.conninfo) as connection:
        rows = connection.execute("SELECT title, again FROM read.titles").fetchall()
    assert [title == again for title, again in rows] == [True]
