"""Changes told in every wording, and what formalities take before and after."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.ratio import Change
from tests.projections.life import ask, telling
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
