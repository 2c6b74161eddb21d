"""What became known after a ranking was published shows as drift; the published one stays."""

from typing import Any

from psycopg import Connection

from domain.fact import Fact
from tests.projections.life import telling
from tests.projections.money_and_lists import (
    YI,
    listed,
    published,
    registered,
)
from tests.projections.ranked import lines, published_ranking, ranked
from tests.projections.steering import adopted, signed, started


def test_drift_lists_what_late_facts_changed(read_models: Connection[Any]) -> None:
    rules = adopted(
        "ranking",
        """
[[ranking.metric]]
code = "start"
measure = "start_rate"
points = "ratio"
weight = 40
""",
        jurisdiction="3206",
    )
    scores = {
        place: {"start": {"raw": raw, "points": points}}
        for place, raw, points in (("320602", "50", "20"), ("320682", "100.0", "40"))
    }
    known = [
        rules,
        published("m", "municipal"),
        *(registered(each, "320602") for each in ("a", "b")),
        registered("c", "320682"),
        *(listed(each, "m", "new", YI) for each in ("a", "b", "c")),
        started("a", "2024-02-01"),
        started("c", "2024-02-01"),
    ]
    told = published_ranking("2024-Q1", {"320682": 1, "320602": 2}, scores)
    late = [started("b", "2024-03-30"), started("b", "2024-04-01"), signed("b", "2024-01-01")]

    with telling(read_models, [*known, told, *late]) as connection:
        _known_by(connection, told)
        found = ranked(connection, "2024-Q1", "2024-12-31")
        assert lines(found) == [(1, "320682", "40"), (2, "320602", "20")]
        drift = {
            row("path"): (row("old"), row("new"), row.columns["causes"])
            for row in found.many("drift")
        }
        cause = f"{{{late[0].position}}}"
        assert drift == {
            "rows.320602.rank": (2, 1, cause),
            "rows.320602.score": ("20", "40", cause),
            "rows.320602.metrics.start.raw": ("50", "100", cause),
            "rows.320602.metrics.start.points": ("20", "40", cause),
        }
    with telling(read_models, [*known, told]) as connection:
        _known_by(connection, told)
        assert ranked(connection, "2024-Q1", "2024-12-31").many("drift") == []


def test_drift_without_the_rules_compares_what_can_be_compared(
    read_models: Connection[Any],
) -> None:
    scores = {"320602": {"start_rate": {"raw": "100", "points": "7"}, "love": {"points": "3"}}}
    facts = [registered("a", "320602"), published("m", "municipal")]
    told = published_ranking("2024-Q1", {"320602": 1}, scores)
    late = listed("a", "m", "new", YI)

    with telling(read_models, [*facts, told, late]) as connection:
        _known_by(connection, told)
        (row,) = ranked(connection, "2024-Q1", "2024-12-31").many("drift")
        assert (row("path"), row("old"), row("new")) == (
            "rows.320602.metrics.start_rate.raw",
            "100",
            "0",
        )
        assert row.columns["causes"] == f"{{{late.position}}}"


def _known_by(connection: Connection[Any], told: Fact) -> None:
    """Let everything recorded before a publication be what it was made from."""
    connection.execute(
        "INSERT INTO ledger.heads (previous, size, edge, recorded_at) VALUES (0, %s, '', %s)",
        (told.position, "2024-04-01"),
    )
