"""A year as its books were closed, and as it is known now."""

from typing import Any

from psycopg import Connection

from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import YI, invested, listed, published, registered
from tests.projections.steering import adopted, signed, started

KNOWN = [
    published("m", "municipal"),
    *(registered(each) for each in ("a", "b")),
    *(listed(each, "m", "new", YI) for each in ("a", "b")),
    started("a", "2024-05-01"),
    invested("a", "2024-12", YI // 2, "reported"),
]
LATE = [started("b", "2024-12-31"), signed("b", "2024-02-01", 2 * YI), started("b", "2025-01-01")]


def results(connection: Connection[Any], on: str, **arguments: Any) -> dict[str, Row]:
    rows = ask(connection, "annual_results", on, **{"year": 2024, **arguments})
    return {row("measure"): row for row in rows}


def values(row: Row) -> tuple[Any, ...]:
    closed, now = row.one("as_closed"), row.one("now")
    assert now is not None
    return closed and closed("value"), now("value"), row("drifted"), row.columns["causes"]


def close(connection: Connection[Any], at: str = "2025-01-15T23:59:59+08:00") -> None:
    """Let everything but the late facts have been recorded by a moment."""
    connection.execute(
        "INSERT INTO ledger.heads (previous, size, edge, recorded_at) VALUES (0, %s, '', %s)",
        (LATE[0].position - 1, at),
    )


def test_what_came_after_the_closing_day_is_drift(read_models: Connection[Any]) -> None:
    with telling(read_models, [*KNOWN, *LATE]) as connection:
        close(connection)
        found = results(connection, "2025-03-31", region=["320582"])

        cause = f"{{{LATE[0].position}}}"
        assert values(found["start_rate"]) == ("50", "100", "true", cause)
        assert values(found["starts"]) == ("1", "2", "true", cause)
        assert values(found["completion_rate"]) == ("25", "25", "false", "{}")
        assert values(found["investment"]) == ("0.5", "0.5", "false", "{}")
        assert values(found["signed_investment"])[:3] == ("0", "2", "true")
        share = found["start_rate"].one("as_closed")
        assert share is not None
        rate = share.one("rate")
        assert rate is not None
        assert (rate("numerator"), rate("denominator")) == ("1", "2")
        elsewhere = results(connection, "2025-03-31", region=["3211"])["start_rate"]
        assert values(elsewhere) == (None, None, "false", "{}")


def test_a_year_is_not_closed_before_its_day(read_models: Connection[Any]) -> None:
    rule = adopted("reporting", 'close_day = "03-31"', jurisdiction="3205")

    with telling(read_models, [*KNOWN, *LATE, rule]) as connection:
        close(connection, "2025-04-01T00:00:00+08:00")
        early = results(connection, "2025-03-30", region=["320582"])["start_rate"]
        assert values(early) == (None, "100", "false", "{}")
        # What was recorded when the closing day was over had not been known by its end.
        late = results(connection, "2025-03-31", region=["320582"])["start_rate"]
        assert values(late)[:3] == (None, "100", "true")
        assert (late("closed_on"), late("name")) == (
            "2025-03-31",
            "started of the new projects listed",
        )
