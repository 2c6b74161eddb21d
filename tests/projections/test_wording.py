"""Changes told in every wording, and what formalities take before and after."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from domain.ratio import Change
from tests.judgement.facts import fact
from tests.projections.life import ask, project, telling
from tests.projections.money_and_lists import YI, registered
from tests.projections.test_requests import adopted

NAMES = ("ratio", "increase", "pp")


def worded(connection: Connection[Any], before: str, after: str, **more: Any) -> tuple[str, ...]:
    (row,) = ask(connection, "wording", "2024-12-31", **{"from": before, "to": after, **more})
    return (*(row(name) for name in NAMES), row.percent("cut"))


@pytest.mark.parametrize(
    ("before", "after", "percent", "told"),
    [
        ("0.6", "2.9", False, ("4.83", "3.83", None, "-383.3")),
        ("5", "60", False, ("12", "11", None, "-1100.0")),
        ("70", "90", True, ("1.29", "0.29", "20", "-28.6")),
        ("24", "13", False, ("0.54", "-0.46", None, "45.8")),
        ("0", "3", False, (None, None, None, None)),
    ],
)
def test_the_published_changes(
    read_models: Connection[Any], before: str, after: str, percent: bool, told: tuple[str, ...]
) -> None:
    assert worded(read_models, before, after, in_percent=percent) == told


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.decimals("0", "1000", places=2),
    after=st.decimals("0", "1000", places=2),
)
def test_sql_words_a_change_as_the_pure_function_does(
    read_models: Connection[Any], before: Decimal, after: Decimal
) -> None:
    change = Change(before, after)

    told = worded(read_models, str(before), str(after), in_percent=True)

    wanted = (change.ratio(), change.increase(), change.points(2), change.cut().percent())
    assert [None if text is None else Decimal(text) for text in told] == list(wanted)


def test_24_steps_became_13(read_models: Connection[Any]) -> None:
    versions = ("2018", "2019")
    facts = [adopted(f"procedure/tongzhou-simulated-approval@{each}") for each in versions]

    with telling(read_models, facts) as connection:
        old, new = ask(connection, "procedures", "2019-06-30", region=["320612"])
        change = new.one("steps_change")
        assert change is not None

        assert (old("steps"), new("steps"), old.one("steps_change")) == ("24", "13", None)
        assert change.percent("cut") == "45.8"
        assert (change("from"), change("to")) == ("24", "13")
        assert new.one("materials_change") is None
        assert len(ask(connection, "procedures", "2018-06-30")) == 1
        assert len(ask(connection, "procedures", "2019-06-30", region=["3206"])) == 2
        assert ask(connection, "procedures", "2019-06-30", region=["3211"]) == []


def secured(on: str, **changes: Any) -> Fact:
    return fact("PremisesSecured", on, **{"far_before": None, "storeys": None, **changes})


def of_year(year: str, tax: int, **changes: Any) -> Fact:
    return fact(
        "OperatingResultReported",
        year,
        tax={"yuan": tax},
        land_occupied_mu="100",
        output={"yuan": YI},
        **changes,
    )


def test_a_vertical_factory_before_and_after(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1", on="2014-01-05"),
        secured("2015-03-01", kind="owned-plant", far="0.6"),
        of_year("2019", 3_000_000),
        of_year("2020", 2_000_000, phase_id="1"),
        of_year("2020", 3_000_000, phase_id="2"),
        secured("2021-05-01", kind="vertical-factory", far="2.9", storeys=6),
        of_year("2021", 9_000_000),
        of_year("2023", 60_000_000),
    ]

    with telling(read_models, facts) as connection:
        now = project(connection, "p1", "2024-12-31").one("premises_change")
        then = project(connection, "p1", "2020-12-31").one("premises_change")
        assert now is not None
        assert then is not None
        ratio, tax = now.one("far"), now.one("tax_per_mu")
        assert ratio is not None
        assert tax is not None

        assert (now("kind"), now("storeys")) == ("vertical-factory", "6")
        assert (ratio("ratio"), ratio("increase"), ratio("pp")) == ("4.83", "3.83", None)
        assert (tax("from"), tax("to"), tax("ratio")) == ("2.5", "60", "24")
        assert (then.one("far"), then.one("tax_per_mu")) == (None, None)


def test_the_ratio_before_may_come_with_the_fact(read_models: Connection[Any]) -> None:
    facts = [registered("p1"), secured("2021-05-01", far="2.9", far_before="0.6")]

    with telling(read_models, facts) as connection:
        change = project(connection, "p1", "2024-12-31").one("premises_change")
        assert change is not None
        ratio = change.one("far")
        assert ratio is not None

        assert (ratio("from"), ratio("increase")) == ("0.6", "3.83")
        assert change.one("tax_per_mu") is None


def test_a_project_without_premises_changed_nothing(read_models: Connection[Any]) -> None:
    with telling(read_models, [registered("p1")]) as connection:
        assert project(connection, "p1", "2024-12-31").one("premises_change") is None
