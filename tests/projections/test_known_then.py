"""What was known then is what read models would say that had stopped there."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from projections.catalogue import VIEWS
from projections.folding.projection import Change
from tests.projections.asking import NOW, load
from tests.projections.money_and_lists import registered
from tests.projections.relations_of import ROOTS, project, reader, telling
from tests.projections.test_admissions import awards, decisions, dossiers
from tests.projections.test_plan_actual import LISTS, PROJECTS, about_lists, about_money
from tests.projections.test_start_rate import starts

HEAD = 40


@dataclass(frozen=True)
class Belief:
    """A fact and the positions between which it was believed."""

    fact: Fact
    since: int
    until: int

    def changes(self) -> list[Change]:
        """Give what happened to the fact up to the head."""
        found = [Change(self.since, self.fact.id, None, self.fact)]
        if self.until <= HEAD:
            found.append(Change(self.until, self.fact.id, self.fact, None))
        return found


def answers(connection: Connection[Any], on: date, known: int) -> list[Any]:
    """Ask everything about lists and money, and take all columns of the answers."""
    at = reader(connection, on, known=known)
    lists = {"year": 2024, "levels": ["municipal"], "region": ["3205"]}
    money = {"year": 2024, "through": "2024-12", "basis": "statistical"}
    found = [
        *at.rows(ROOTS["start_rate"], **lists),
        *at.rows(ROOTS["plan_actual"], **money, group_by="level"),
        *at.rows(ROOTS["plan_actual"], **money, group_by="region"),
        *at.rows(ROOTS["admissions"], year=2024),
        *at.rows(ROOTS["funnel"]),
        *project(connection, "p1", on, known=known).many("investment", year=2024),
        *project(connection, "p1", on, known=known).many("listings"),
    ]
    return [dict(row.columns) for row in found]


facts = st.one_of(about_lists, about_lists, about_money, starts, dossiers, decisions, awards)
positions = st.tuples(st.integers(1, HEAD), st.integers(1, 2 * HEAD)).filter(lambda p: p[0] < p[1])
beliefs = st.builds(lambda fact, span: Belief(fact, *span), facts, positions)
days = st.one_of(st.dates(date(2024, 1, 1), date(2025, 1, 31)), st.just(date(2024, 12, 31)))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=st.lists(beliefs, max_size=25), on=days, known=st.integers(1, HEAD))
def test_an_answer_about_the_past_is_the_answer_of_the_past(
    read_models: Connection[Any], told: list[Belief], on: date, known: int
) -> None:
    always = [*LISTS, *(registered(each) for each in PROJECTS)]
    then = [belief.fact for belief in told if belief.since <= known < belief.until]

    with telling(read_models, always, since=0) as connection:
        changes = [change for belief in told for change in belief.changes()]
        load(connection, VIEWS, sorted(changes, key=lambda change: change.position))
        now = answers(connection, on, known)
    with telling(read_models, [*always, *then], since=0) as connection:
        assert now == answers(connection, on, NOW)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=st.lists(facts, max_size=12), on=days, order=st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(
    read_models: Connection[Any], told: list[Fact], on: date, order: Random
) -> None:
    always = [*LISTS, *(registered(each) for each in PROJECTS)]
    with telling(read_models, [*always, *told]) as connection:
        before = answers(connection, on, NOW)
    shuffled = [*always, *told]
    order.shuffle(shuffled)

    with telling(read_models, shuffled) as connection:
        assert answers(connection, on, NOW) == before
