"""Agreed beside delivered over many projects."""

from typing import Any

from psycopg import Connection

from tests.judgement.facts import fact
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import registered
from tests.projections.test_post_evaluations import agreement, evaluation, term


def pairs(connection: Connection[Any], **filter_: Any) -> list[tuple[Any, ...]]:
    asked = {f"filter.{name}": value for name, value in filter_.items()}
    rows = ask(connection, "post_evaluation_pairs", "2024-12-31", indicator="tax_per_mu", **asked)
    return [
        (str(row.columns["project"]), row("agreed"), row("actual"), row("grade")) for row in rows
    ]


def test_the_last_evaluation_of_each_project_gives_a_point(read_models: Connection[Any]) -> None:
    facts = [
        *(registered(each, "321102") for each in ("p1", "p2", "p3")),
        registered("p4", "320582"),
        # What the evaluation leaves out, the agreement in force says.
        agreement("p1", tax_per_mu=term("89")),
        evaluation({}, {"tax_per_mu": {"value": "80.50"}}, "p1", grade="B", evaluation_id="E1"),
        evaluation(
            {"tax_per_mu": {"value": "100"}},
            {"tax_per_mu": {"value": "1"}},
            "p1",
            on="2024-01-01",
            grade="D",
        ),
        evaluation({"tax_per_mu": {"value": "30"}}, {}, "p2"),
        evaluation({"far": {"value": "2"}}, {"far": {"value": "2"}}, "p3"),
        evaluation({"tax_per_mu": {"value": "5"}}, {"tax_per_mu": {"value": "6"}}, "p4"),
        fact("ProjectSuspended", "2024-10-01", "p4"),
    ]

    with telling(read_models, facts) as connection:
        assert pairs(connection, region=["3211"]) == [("p1", "89", "80.5", "B")]
        assert pairs(connection) == [("p1", "89", "80.5", "B"), ("p4", "5", "6", "A")]
        assert pairs(connection, region=["44"]) == []
