"""Requests: closed is not solved, solved is not satisfied, and open is not late."""

from decimal import Decimal
from fractions import Fraction

import pytest

from domain.errors import Malformed
from domain.fact import Fact
from domain.policy import parse
from domain.requests import Request, folded, measured
from tests.judgement.facts import day
from tests.judgement.requests import RULES, answered, dispatched, followed, received

MORNING = "2024-04-12T09:00:00+08:00"
NOON = "2024-04-12T12:30:00+08:00"


def request(*facts: Fact) -> Request:
    found = folded(facts)
    assert found is not None
    return found


def test_an_answer_alone_is_no_request() -> None:
    assert folded([answered("R", NOON)]) is None


@pytest.mark.parametrize("outcome", ["explained", "planned", "rejected"])
def test_closed_is_not_solved(outcome: str) -> None:
    found = request(received("R", MORNING), answered("R", NOON, outcome))

    assert (found.closed, found.solved) == (True, False)


def test_the_order_of_arrival_does_not_matter() -> None:
    answer = answered("R", NOON)

    assert request(answer, received("R", MORNING)) == request(received("R", MORNING), answer)


def test_a_reopened_request_is_open_until_it_is_answered_again() -> None:
    facts = [
        received("R", MORNING),
        answered("R", NOON),
        followed("R", "2024-04-15", "no", reopened=True),
    ]
    once = request(*facts)
    twice = request(*facts, answered("R", "2024-04-17T09:00:00+08:00"))

    assert (once.closed, once.solved, once.rounds) == (False, False, 2)
    assert (twice.closed, twice.solved, twice.rounds) == (True, True, 2)
    assert twice.hours() == 5 * 24
    assert twice.satisfied is False


def test_an_enterprise_that_says_no_unsolves_and_one_not_reached_says_nothing() -> None:
    facts = [received("R", MORNING), answered("R", NOON)]
    refused = request(*facts, followed("R", "2024-04-15", "yes", solved="no"))
    silent = request(*facts, followed("R", "2024-04-15", "unreached", solved="no"))

    assert (refused.solved, refused.satisfied) == (False, True)
    assert (silent.solved, silent.satisfied, silent.followed_up) == (True, None, True)


def test_hours_need_both_times_of_day() -> None:
    assert request(received("R", MORNING), answered("R", NOON)).hours() == Fraction(7, 2)
    assert request(received("R", "2024-04-12"), answered("R", NOON)).hours() is None
    assert request(received("R", NOON), answered("R", MORNING)).hours() is None


@pytest.mark.parametrize(
    ("category", "last_day"),
    [("consult", "2024-04-15"), ("help", "2024-04-19"), ("complaint", "2024-04-26")],
)
def test_the_clock_of_a_category_counts_working_days(category: str, last_day: str) -> None:
    friday = received("R", MORNING, category=category)
    found = request(friday)
    due = found.due(RULES)

    assert due is not None
    assert due.day == day(last_day)
    assert found.is_pending(RULES, day(last_day))
    assert found.in_time(RULES, day(last_day)) is None
    assert found.in_time(RULES, day("2024-04-27")) is False
    assert request(friday, answered("R", last_day)).in_time(RULES, day("2024-05-31")) is True


def test_what_was_promised_at_dispatch_goes_before_the_clock() -> None:
    facts = [received("R", MORNING), dispatched("R", NOON, "2024-04-12T18:00:00+08:00")]

    def closed(at: str) -> bool | None:
        return request(*facts, answered("R", at)).in_time(RULES, day("2024-05-31"))

    assert closed("2024-04-12T18:00:00+08:00") is True
    assert closed("2024-04-12T18:00:01+08:00") is False
    assert closed("2024-04-12") is None
    assert closed("2024-04-13") is False
    assert closed("2024-04") is None


def test_beyond_the_published_calendar_the_last_day_is_not_known() -> None:
    found = request(received("R", "2026-12-30T09:00:00+08:00", category="help"))
    closed = request(
        received("R", "2026-12-30T09:00:00+08:00", category="help"),
        answered("R", "2026-12-31T09:00:00+08:00"),
    )
    due = found.due(RULES)

    assert due is not None
    assert due.day is None
    assert found.is_pending(RULES, day("2026-12-31"))
    assert not found.is_pending(RULES, day("2027-01-20"))
    assert found.in_time(RULES, day("2027-01-20")) is None
    assert closed.in_time(RULES, day("2027-01-20")) is None


def test_both_denominators_are_told_apart() -> None:
    solved = [request(received(f"S{n}", MORNING), answered(f"S{n}", NOON)) for n in range(8)]
    late = [request(received("L", MORNING, category="consult"))]
    pending = [request(received("P", "2024-04-30T09:00:00+08:00", category="complaint"))]

    found = measured([*solved, *late, *pending], RULES, day("2024-04-30"))

    assert found.of_received.percent() == Decimal("80.0")
    assert found.of_due.percent(2) == Decimal("88.89")
    assert (found.in_time.numerator, found.in_time.denominator) == (8, 9)


def test_a_clock_may_count_calendar_days_and_a_category_may_have_none() -> None:
    rules = {
        "clock": [
            {"category": "help", "resolve_days": 3, "count_days": "calendar", "sign_hours": None}
        ]
    }
    timed, free = (request(received("R", MORNING, category=each)) for each in ("help", "else"))
    due = timed.due(rules)

    assert due is not None
    assert due.day == day("2024-04-15")
    assert free.due(rules) is None
    assert free.in_time(rules, day("2030-01-01")) is None
    assert not free.is_pending(rules, day("2024-04-13"))
    assert timed.signed_in_time(rules) is None


def test_without_requests_nothing_applies() -> None:
    found = measured([], RULES, day("2024-04-30"))

    assert found.of_due.percent() is None
    assert found.satisfaction.percent() is None
    assert found.median_hours is None


def test_a_request_handed_on_was_not_dispatched_accurately() -> None:
    here = dispatched("R", "2024-04-12T10:00:00+08:00", "2024-04-19", to_department="供电公司")
    there = dispatched("R", NOON, "2024-04-19", to_department="住建局")
    found = [request(received("R", MORNING), here, there), request(received("Q", MORNING), here)]

    measures = measured(found, RULES, day("2024-04-30"))

    assert measures.accuracy.percent() == Decimal("50.0")
    assert (measures.signed_in_time.numerator, measures.signed_in_time.denominator) == (2, 2)


HEAD = """\
[policy]
id = "{kind}/here"
version = "1"
kind = "{kind}"
effective_from = 2024-01-01
"""


@pytest.mark.parametrize(
    ("kind", "rules", "field", "cure"),
    [
        (
            "requests",
            "[[requests.clock]]\nresolve_days = 1\n[[requests.clock]]\nresolve_days = 2\n",
            "requests",
            'the category "*" is given twice',
        ),
        ("requests", '[requests]\ndenominator = "all"\n', "line 7: requests.denominator", "due"),
        (
            "requests",
            "[requests]\nfollow_up_percent_min = 101\n",
            "line 7: requests.follow_up_percent_min",
            "100",
        ),
        (
            "requests",
            "[[requests.clock]]\nresolve_day = 1\n",
            "requests.clock.0.resolve_day",
            "",
        ),
        ("calendar", "[calendar]\n", "calendar.series", "required"),
        (
            "calendar",
            '[[calendar.series]]\nname = "a"\nevery = "daily"\n',
            "line 8: calendar.series.0.every",
            "weekly",
        ),
        (
            "calendar",
            '[[calendar.series]]\nname = "a"\nevent = "ranking"\nlevel = "x"\nevery = "weekly"\n',
            "calendar",
            "which have no level",
        ),
        ("procedure", '[procedure]\nname = "a"\n', "procedure", "give at least one of steps"),
    ],
)
def test_a_policy_that_cannot_count_is_refused_with_its_key(
    kind: str, rules: str, field: str, cure: str
) -> None:
    with pytest.raises(Malformed) as refused:
        parse(HEAD.format(kind=kind) + rules)

    assert refused.value.code == "invalid_policy"
    assert field in str(refused.value.field)
    assert cure in refused.value.cure
