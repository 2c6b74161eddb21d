"""Who was due and who was done, on the days around the due date."""

from typing import Any

import pytest
from psycopg import Connection

from domain.fact import Fact
from tests.judgement.facts import fact
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import YI, decided, registered
from tests.projections.steering import adopted, commissioned, signed, started

Found = tuple[int, int, str | None, list[str]]


def covered(connection: Connection[Any], root: str, on: str, /, **arguments: Any) -> Found:
    (row,) = ask(connection, root, on, **arguments)
    missing = [str(each.columns["id"]) for each in row.many("missing")]
    return int(row("due")), int(row("done")), row.percent("rate"), missing


def evaluated(project: str, on: str) -> Fact:
    return fact("PostEvaluationCompleted", on, project)


LIVES = [
    *(registered(each, "321102") for each in ("done", "late", "able", "ended", "young")),
    registered("power", "321102"),
    commissioned("done", "2023-05-10"),
    evaluated("done", "2024-08-01"),
    commissioned("late", "2023-06"),
    commissioned("able", "2024-11-01"),
    fact("CapacityReached", "2024-12-01", "able"),
    commissioned("ended", "2022-01-01"),
    fact("ProjectTerminated", "2023-01-01", "ended"),
    commissioned("young", "2024-12-31"),
]


def test_an_evaluation_is_due_at_the_first_checkpoint(read_models: Connection[Any]) -> None:
    def about(connection: Connection[Any], on: str) -> Found:
        return covered(
            connection, "evaluation_coverage", on, kind="post_evaluation", region=["3211"]
        )

    with telling(read_models, LIVES) as connection:
        assert about(connection, "2024-05-09") == (0, 0, None, [])
        assert about(connection, "2024-05-10") == (1, 0, "0.0", ["done"])
        # Twelve months after the end of a month known only as June.
        assert about(connection, "2024-06-29")[0] == 1
        assert about(connection, "2024-06-30") == (2, 0, "0.0", ["done", "late"])
        assert about(connection, "2024-11-30") == (2, 1, "50.0", ["late"])
        assert about(connection, "2024-12-31") == (3, 1, "33.3", ["late", "able"])


def test_a_policy_sets_checkpoints_and_exemptions(read_models: Connection[Any]) -> None:
    rule = adopted(
        "post-evaluation",
        """
exempt_halted = false
exempt_industries = ["C33"]
[[post_evaluation.checkpoints]]
name = "commissioning+36"
after = "commissioned"
months = 36
""",
        jurisdiction="3211",
    )
    other = fact("ProjectRegistered", "2023-02-01", "ended", district="321102", industry_gb4754="H")

    with telling(read_models, [*LIVES, other, rule]) as connection:
        (row,) = ask(
            connection, "evaluation_coverage", "2026-06-30", kind="post_evaluation", region=[]
        )
        assert int(row("due")) == 0
        (row,) = ask(connection, "evaluation_coverage", "2026-06-30", kind="post_evaluation")
        assert (row("due"), row("done")) == ("1", "0")
        share = row.one("rate")
        assert share is not None
        policy = share.one("policy")
        assert policy is not None
        assert policy("id") == "post-evaluation/test@1"


def test_whoever_has_land_was_to_be_assessed_before(read_models: Connection[Any]) -> None:
    facts = [
        *(registered(each) for each in ("p1", "p2", "p3")),
        *(fact("LandAwarded", "2024-03-01", each) for each in ("p1", "p2")),
        decided("p1", "2024-02-01", "reject"),
        decided("p2", "2024-02-01", "defer"),
    ]

    with telling(read_models, facts) as connection:
        found = covered(connection, "evaluation_coverage", "2024-12-31", kind="pre_assessment")
        assert found == (2, 1, "50.0", ["p2"])


STARTS = [
    *(registered(each) for each in ("p1", "p2", "p3", "p4")),
    *(started(each, "2024-10-01") for each in ("p1", "p2", "p3", "p4")),
    signed("p1", "2024-01-01", YI),
    signed("p2", "2024-01-01", 4_999_999),
    signed("p3", "2024-01-01", 5_000_000),
    fact("StatisticsEnrolled", "2024-12", "p3"),
    # The last one's size is not known well enough to excuse it.
    fact("ProjectRegistered", "2023-02-01", "p4", district="320582", intended_investment=None),
]


@pytest.mark.parametrize(
    ("on", "found"),
    [
        ("2024-10-30", (0, 0, None, [])),
        ("2024-10-31", (3, 0, "0.0", ["p1", "p3", "p4"])),
        ("2024-12-30", (3, 0, "0.0", ["p1", "p3", "p4"])),
        ("2024-12-31", (3, 1, "33.3", ["p1", "p4"])),
    ],
)
def test_a_start_is_to_be_enrolled_a_month_later(
    read_models: Connection[Any], on: str, found: Found
) -> None:
    with telling(read_models, STARTS) as connection:
        assert covered(connection, "enrolment_gap", on, region=["320582"]) == found


def test_a_policy_sets_days_and_size_of_enrolment(read_models: Connection[Any]) -> None:
    rule = adopted("enrolment", "within_days = 0\ntotal_wan_yuan_min = 1000")

    elsewhere = adopted("enrolment", "within_days = 3660", jurisdiction="11", version="2")

    with telling(read_models, [*STARTS, rule, elsewhere]) as connection:
        assert covered(connection, "enrolment_gap", "2024-10-01")[3] == ["p1", "p4"]
        named = {"policy": "enrolment/test@2"}
        assert covered(connection, "enrolment_gap", "2024-10-01", **named)[3] == []


def test_a_start_that_an_inspection_denies_need_not_be_enrolled(
    read_models: Connection[Any],
) -> None:
    denied = fact("StartVerified", "2024-10-15", "p1", verdict="false-start")

    with telling(read_models, [*STARTS, denied]) as connection:
        found = covered(connection, "enrolment_gap", "2024-10-31", region=["320582"])

    assert found == (2, 0, "0.0", ["p3", "p4"])
