"""Node colours turn on the right days under every kind of window."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.colour import SEVERITY, Colour, PlannedNode, node_colour, node_colours
from domain.colour_words import EXPLANATIONS, Reason
from domain.phase import Phase
from domain.policies import preset
from domain.policy import parse
from tests.judgement.facts import day, flex

RED, YELLOW, GREEN, GREY = Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY
WUJIN = preset("colour/wujin@2024.1").rules
HEAD = '[policy]\nid = "colour/t"\nversion = "1"\nkind = "colour"\neffective_from = 2024-01-01\n'


def rules(body: str) -> dict[str, Any]:
    return parse(HEAD + body).rules


def node(
    planned: str | None, actual: str | None = None, name: str = "signed", phase: str = "1"
) -> PlannedNode:
    return PlannedNode(
        node=name,
        phase_id=phase,
        planned=flex(planned) if planned else None,
        actual=flex(actual) if actual else None,
    )


def colour(on: str, planned: str | None, actual: str | None = None, policy: Any = WUJIN) -> Colour:
    return node_colour(node(planned, actual), policy, day(on)).colour


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2024-05-30", GREEN),
        ("2024-05-31", YELLOW),
        ("2024-06-30", YELLOW),
        ("2024-07-01", RED),
        ("2024-07-05", RED),
    ],
)
def test_a_plan_of_the_last_of_june_warns_for_thirty_days(on: str, expected: Colour) -> None:
    assert colour(on, "2024-06-30") is expected


def test_a_node_is_red_until_the_day_it_is_done_and_green_from_then() -> None:
    assert colour("2024-07-05", "2024-06-30", "2024-07-09") is RED
    assert colour("2024-07-08", "2024-06-30", "2024-07-09") is RED
    assert colour("2024-07-09", "2024-06-30", "2024-07-09") is GREEN


def test_a_quarter_is_overdue_after_its_last_day() -> None:
    assert colour("2025-09-30", "2025-Q3") is YELLOW
    assert colour("2025-10-01", "2025-Q3") is RED


def test_a_quarter_may_be_due_on_its_first_day() -> None:
    strict = rules('[colour]\nmonth_precision_due = "period-start"\n')

    assert colour("2025-07-01", "2025-Q3", policy=strict) is YELLOW
    assert colour("2025-07-02", "2025-Q3", policy=strict) is RED


def test_a_coarse_completion_counts_once_its_month_is_over_and_at_its_last_day() -> None:
    assert colour("2024-06-29", "2024-06-15", "2024-06") is RED
    judged = node_colour(node("2024-06-15", "2024-06"), WUJIN, day("2024-06-30"))

    assert (judged.colour, judged.reason, judged.days_late) == (GREEN, Reason.DONE_LATE, 15)


def test_without_policy_or_plan_a_node_is_grey() -> None:
    assert node_colour(node("2024-06-30"), None, day("2024-07-05")).reason is Reason.NO_POLICY
    assert colour("2024-07-05", None) is GREY
    assert colour("2024-07-05", None, "2024-07-01") is GREY


def test_a_suspended_node_is_grey_unless_the_policy_judges_it() -> None:
    overdue, on = node("2024-06-30"), day("2024-07-05")
    judging = rules('[colour]\nsuspended = "judged"\n')

    assert node_colour(overdue, WUJIN, on, Phase.SUSPENDED).colour is GREY
    assert node_colour(overdue, judging, on, Phase.SUSPENDED).colour is RED
    assert node_colour(overdue, judging, on, Phase.TERMINATED).reason is Reason.ENDED
    assert node_colour(node("2024-06-30", "2024-06-01"), WUJIN, on, Phase.SUSPENDED).colour is GREEN


def test_grace_tolerates_and_still_counts_the_days_late() -> None:
    tolerant = rules('[[colour.node]]\nmatch = "*"\ngrace_days = 7\n')
    judged = node_colour(node("2024-06-30"), tolerant, day("2024-07-07"))

    assert (judged.colour, judged.reason, judged.days_late) == (YELLOW, Reason.IN_GRACE, 7)
    assert colour("2024-07-08", "2024-06-30", policy=tolerant) is RED
    assert colour("2024-07-08", "2024-06-30", "2024-07-07", policy=tolerant) is GREEN


def test_the_plan_may_bring_its_own_days_of_warning() -> None:
    soon = PlannedNode("signed", "1", flex("2024-06-30"), warning_days=3)

    assert node_colour(soon, WUJIN, day("2024-06-26")).colour is GREEN
    assert node_colour(soon, WUJIN, day("2024-06-27")).colour is YELLOW


@pytest.mark.parametrize(
    ("planned", "expected"), [("9999-12-31", GREEN), ("9999", GREEN), ("0001-01-02", RED)]
)
def test_a_plan_at_an_end_of_the_calendar_is_judged_too(planned: str, expected: Colour) -> None:
    tolerant = rules('[[colour.node]]\nmatch = "*"\ngrace_months = 1\ngrace_days = 9\n')

    assert colour("2024-06-01", planned, policy=tolerant) is expected
    assert colour("2024-06-01", planned) is expected


def test_working_days_may_be_counted() -> None:
    working = rules(
        '[colour]\ncount_days = "work"\n[[colour.node]]\nmatch = "*"\n'
        "warning_days = 2\ngrace_days = 1\n"
    )

    # Two working days before Friday 2024-06-07 is Wednesday; the next after it, past the Dragon
    # Boat holiday, is Tuesday.
    assert colour("2024-06-04", "2024-06-07", policy=working) is GREEN
    assert colour("2024-06-05", "2024-06-07", policy=working) is YELLOW
    assert colour("2024-06-11", "2024-06-07", policy=working) is YELLOW
    assert colour("2024-06-12", "2024-06-07", policy=working) is RED
    unknown = node_colour(node("2093-06-07"), working, day("2024-06-12"))
    assert (unknown.colour, unknown.reason) == (GREY, Reason.CALENDAR_UNKNOWN)


@pytest.mark.parametrize(
    ("preset_ref", "on", "expected"),
    [
        ("colour/yinchuan@2025.1", "2025-06-30", GREEN),
        ("colour/yinchuan@2025.1", "2025-07-01", YELLOW),
        ("colour/yinchuan@2025.1", "2025-08-31", YELLOW),
        ("colour/yinchuan@2025.1", "2025-09-01", RED),
        ("colour/sanya@2022.1", "2025-07-01", YELLOW),
        ("colour/sanya@2022.1", "2025-07-31", YELLOW),
        ("colour/sanya@2022.1", "2025-08-01", RED),
    ],
)
def test_missed_months_of_a_planned_start_add_up(
    preset_ref: str, on: str, expected: Colour
) -> None:
    start = node("2025-06-12", name="construction_started")

    assert node_colour(start, preset(preset_ref).rules, day(on)).colour is expected


def test_months_of_grace_keep_to_the_end_of_the_month_or_to_the_day() -> None:
    late = rules('[[colour.node]]\nmatch = "*"\ngrace_months = 1\n')

    assert colour("2024-03-31", "2024-02-29", policy=late) is YELLOW
    assert colour("2024-04-01", "2024-02-29", policy=late) is RED
    assert colour("2024-02-29", "2024-01-30", policy=late) is YELLOW
    assert colour("2024-03-01", "2024-01-30", policy=late) is RED


def test_a_late_node_may_stay_red_until_the_next_is_done() -> None:
    keeping = rules('[colour]\nlate_done = "keep-red-until-next-node"\n')
    late = node("2024-06-30", "2024-07-09")
    following = node("2024-09-30", "2024-08-20", name="construction_started")
    elsewhere = node("2024-07-10", None, name="construction_started", phase="2")

    before, _, _ = node_colours([late, following, elsewhere], keeping, day("2024-08-19"), {})
    after, _, _ = node_colours([late, following, elsewhere], keeping, day("2024-08-20"), {})
    alone, _ = node_colours([late, elsewhere], keeping, day("2024-08-20"), {})

    assert (before.colour, before.counts) == (RED, True)
    assert (after.colour, after.counts) == (GREEN, False)
    assert alone.colour is GREEN


def test_late_nodes_may_be_yellow() -> None:
    yellow = rules('[colour]\nlate_done = "yellow"\n')

    assert colour("2024-07-09", "2024-06-30", "2024-07-09", yellow) is YELLOW
    assert colour("2024-07-09", "2024-06-30", "2024-06-30", yellow) is GREEN


def test_days_are_told_from_the_day_it_was_due_whatever_was_planned() -> None:
    rules_ = preset("colour/yinchuan@2025.1").rules
    missed = PlannedNode("construction_started", "1", flex("2025-03-10"))

    told = node_colour(missed, rules_, day("2025-04-01"))

    assert told.explanation("zh") == "计划2025-03-10，到期后已过1天，宽限至2025-05-31"
    assert told.explanation("en") == (
        "planned 2025-03-10, days past the day it was due: 1, tolerated until 2025-05-31"
    )


def test_a_colour_explains_itself() -> None:
    late = node_colour(node("2024-Q2"), WUJIN, day("2024-07-05"))

    assert late.explanation("zh") == "计划2024-Q2，已逾期5天"
    assert late.explanation("en") == "planned 2024-Q2, days overdue: 5"
    assert node_colour(node(None), WUJIN, day("2024-07-05")).explanation("en") == "no planned date"


def test_every_reason_can_be_told_in_both_languages() -> None:
    places = {"planned": "p", "actual": "a", "warned": "w", "deadline": "d", "days": 3}

    assert set(EXPLANATIONS) == set(Reason)
    for words in EXPLANATIONS.values():
        assert words.fill("zh", **places)
        assert words.fill("en", **places)


@given(
    st.dates(date(2020, 1, 1), date(2025, 1, 1)),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 400),
)
def test_an_open_node_never_gets_better_with_time(
    planned: date, warning: int, grace: int, wait: int
) -> None:
    policy = rules(
        f'[[colour.node]]\nmatch = "*"\nwarning_days = {warning}\ngrace_days = {grace}\n'
    )
    open_node = node(planned.isoformat())
    start = planned - timedelta(days=70)

    early = node_colour(open_node, policy, start)
    late = node_colour(open_node, policy, start + timedelta(days=wait))

    assert early.colour is GREEN
    assert SEVERITY[early.colour] <= SEVERITY[late.colour]
    assert (late.colour is RED) == (wait > 70 + grace)
