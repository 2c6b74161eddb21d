"""Rank three districts under a policy with metrics of every kind."""

from typing import Any

from psycopg import Connection

from domain.fact import Fact
from domain.policy import Policy, parse
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask
from tests.projections.money_and_lists import (
    of_stream,
    published,
    registered,
)
from tests.projections.steering import adopted

DISTRICTS = ("320602", "320682", "320685")
PROJECTS = tuple(f"p{number}" for number in range(6))
EVERY_KIND = """
digits = 2
neutral = 0.4
[[ranking.metric]]
code = "start"
measure = "start_rate"
points = "ratio"
weight = 30
quarter_weights = [40, 30, 20, 0]
cap = 1.1
target = 90
[[ranking.metric]]
code = "done"
measure = "completion_rate"
points = "ratio"
weight = 25
cap = 1.5
[[ranking.metric]]
code = "spent"
measure = "investment"
points = "min-max"
weight = 20
neutral = 0
[[ranking.metric]]
code = "made"
measure = "commissionings"
points = "count"
each = 2.5
max_points = 3
window = "year"
[[ranking.metric]]
code = "size"
measure = "annual_plan"
points = "bands"
[[ranking.metric.band]]
at_least = 3
points = 20
[[ranking.metric.band]]
at_least = 1.5
points = 10
[[ranking.metric]]
code = "top"
measure = "provincial_projects"
points = "bonus"
each = 20
max_points = 20
[[ranking.metric]]
code = "late"
measure = "late_enrolments"
points = "malus"
each = 5
[[ranking.metric]]
code = "share"
measure = "start_rate"
levels = ["provincial"]
points = "min-max"
weight = 3
"""
RULES = adopted("ranking", EVERY_KIND, jurisdiction="3206")


def policy() -> Policy:
    return parse(str(RULES.payload["body"]))


def ranked(connection: Connection[Any], period: str, on: str, **arguments: Any) -> Row:
    (found,) = ask(connection, "ranking", on, period=period, **arguments)
    return found


def lines(found: Row) -> list[tuple[int, str, str]]:
    return [(int(row("rank")), row("region"), row("score")) for row in found.many("rows")]


LISTS = [
    published("m", "municipal"),
    published("v", "provincial"),
    *(registered(each, DISTRICTS[number % 3]) for number, each in enumerate(PROJECTS)),
]


def published_ranking(
    period: str, ranks: dict[str, int], scores: Any = None, on: str = "2019-10-31"
) -> Fact:
    told = fact(
        "RankingPublished",
        period,
        None,
        round_id=period,
        policy="ranking/test@1",
        ranks=ranks,
        scores=scores or {},
        published_on=on,
        as_known_at="2024-04-01",
    )
    return of_stream(told, f"round/{period}")
