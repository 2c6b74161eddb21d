"""A project's colour: its nodes together, and the pace of its investment."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.colour import SEVERITY, Colour, NodeColour, PlannedNode, node_colour
from domain.phase import Phase
from domain.policies import preset
from domain.policy import parse
from domain.project_colour import pace_colour, project_colour
from tests.judgement.facts import day, flex

RED, YELLOW, GREEN, GREY = Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY
WUJIN = preset("colour/wujin@2024.1").rules
HEAD = '[policy]\nid = "colour/t"\nversion = "1"\nkind = "colour"\neffective_from = 2024-01-01\n'


def judged(rules: dict[str, Any], *plans: tuple[str, str, str | None]) -> list[NodeColour]:
    """Judge nodes given as (name, planned, actual) on 2024-07-05."""
    return [
        node_colour(
            PlannedNode(name, "1", flex(planned), flex(actual) if actual else None),
            rules,
            day("2024-07-05"),
        )
        for name, planned, actual in plans
    ]


LATE = ("signed", "2024-06-30", None)
SOON = ("admitted", "2024-07-10", None)
FAR = ("commissioned", "2025-12-31", None)
DONE_LATE = ("code_assigned", "2024-05-01", "2024-06-01")


def test_the_worst_open_node_decides() -> None:
    assert project_colour(judged(WUJIN, FAR, SOON, LATE), WUJIN) is RED
    assert project_colour(judged(WUJIN, FAR, SOON), WUJIN) is YELLOW
    assert project_colour(judged(WUJIN, FAR, DONE_LATE), WUJIN) is GREEN
    assert project_colour(judged(WUJIN, DONE_LATE), WUJIN) is GREEN


def test_nothing_planned_is_grey() -> None:
    assert project_colour([], WUJIN) is GREY
    assert project_colour([], None) is GREY


def test_a_halt_of_the_whole_project_is_grey() -> None:
    for halt in (Phase.SUSPENDED, Phase.WITHDRAWN, Phase.TERMINATED):
        assert project_colour(judged(WUJIN, LATE), WUJIN, halt) is GREY


def test_only_grey_open_nodes_leave_the_project_grey() -> None:
    halted = node_colour(
        PlannedNode("signed", "1", flex("2024-06-30")), WUJIN, day("2024-07-05"), Phase.SUSPENDED
    )

    assert project_colour([halted], WUJIN) is GREY
    assert project_colour([halted, *judged(WUJIN, SOON)], WUJIN) is YELLOW


def test_the_next_node_may_decide() -> None:
    rules = parse(HEAD + '[colour]\naggregate = "next-node"\n').rules

    assert project_colour(judged(rules, FAR, SOON), rules) is YELLOW
    assert project_colour(judged(rules, FAR, DONE_LATE), rules) is GREEN


def test_nodes_may_be_weighed() -> None:
    body = (
        '[colour]\naggregate = "weighted"\n[[colour.node]]\nmatch = "*"\n'
        '[[colour.node]]\nmatch = "commissioned"\nweight = 3\n'
    )
    rules = parse(HEAD + body).rules

    # red 2 x 1 and green 0 x 3 over 4 is exactly 0.5: yellow.
    assert project_colour(judged(rules, LATE, FAR), rules) is YELLOW
    assert project_colour(judged(rules, SOON, FAR), rules) is GREEN
    assert project_colour(judged(rules, LATE), rules) is RED


def test_pace_counts_only_where_the_policy_wants_it() -> None:
    yinchuan = preset("colour/yinchuan@2025.1").rules

    assert project_colour(judged(WUJIN, FAR), WUJIN, pace=RED) is GREEN
    assert project_colour(judged(yinchuan, FAR), yinchuan, pace=RED) is RED
    assert project_colour(judged(yinchuan, FAR), yinchuan, pace=GREY) is GREEN
    assert project_colour([], yinchuan, pace=GREEN) is GREEN


@pytest.mark.parametrize(
    ("reference", "ytd", "expected"),
    [
        ("colour/yinchuan@2025.1", "40.00", YELLOW),
        ("colour/yinchuan@2025.1", "40.01", GREEN),
        ("colour/yinchuan@2025.1", "20.00", YELLOW),
        ("colour/yinchuan@2025.1", "19.99", RED),
        ("colour/sanya@2022.1", "50.00", GREEN),
        ("colour/sanya@2022.1", "49.99", YELLOW),
        ("colour/sanya@2022.1", "25.00", YELLOW),
        ("colour/sanya@2022.1", "24.99", RED),
        ("colour/wuhan@2023.1", "40.00", GREEN),
        ("colour/wuhan@2023.1", "39.99", YELLOW),
        ("colour/wuhan@2023.1", "30.00", YELLOW),
        ("colour/wuhan@2023.1", "29.99", RED),
    ],
)
def test_the_pace_rules_of_three_cities_at_month_six_of_a_plan_of_a_hundred(
    reference: str, ytd: str, expected: Colour
) -> None:
    rules = preset(reference).rules["pace"]

    assert pace_colour(Decimal(ytd), 100, 6, rules) is expected


def test_pace_is_not_judged_without_a_plan_or_before_the_first_month_is_over() -> None:
    rules = preset("colour/wuhan@2023.1").rules["pace"]

    assert pace_colour(10, 0, 6, rules) is GREY
    assert pace_colour(10, 100, 0, rules) is GREY


@given(
    st.integers(0, 200),
    st.integers(0, 200),
    st.integers(1, 12),
    st.sampled_from(["colour/yinchuan@2025.1", "colour/sanya@2022.1", "colour/wuhan@2023.1"]),
)
def test_more_investment_is_never_worse(one: int, two: int, month: int, reference: str) -> None:
    rules = preset(reference).rules["pace"]
    less, more = sorted((one, two))

    worse, better = (SEVERITY[pace_colour(ytd, 100, month, rules)] for ytd in (less, more))

    assert worse >= better
