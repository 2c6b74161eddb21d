"""What was delivered is scored against what was agreed, under any policy."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attainment import attained, grade, mean_per_mu, per_mu, score
from domain.policies import preset
from domain.policy import parse

DEFAULT = preset("post-evaluation/default@1").rules
HEAD = (
    '[policy]\nid = "post-evaluation/t"\nversion = "1"\nkind = "post-evaluation"\n'
    "effective_from = 2024-01-01\n[post_evaluation]\n"
)


def rules(body: str = "") -> dict[str, Any]:
    return parse(HEAD + body).rules


def agreed(**codes: Any) -> dict[str, Any]:
    return {code: {"value": value} for code, value in codes.items()}


def test_an_intensity_of_900_against_919_attains_97_9_percent() -> None:
    scored = score(
        agreed(investment_intensity="919"), {"investment_intensity": {"value": "900"}}, DEFAULT
    )
    (indicator,) = scored.indicators

    assert indicator.attainment() == Decimal("97.9")
    assert indicator.points_shown() == Decimal("97.9")
    assert scored.total == Decimal("97.932535")
    assert scored.grade == "A"


def test_points_are_weighed_and_capped() -> None:
    scored = score(
        {
            "tax_per_mu": {"target": "100", "weight": "3"},
            "output_per_mu": {"target": "100", "weight": "1"},
        },
        {"tax_per_mu": {"value": "50"}, "output_per_mu": {"value": "1000"}},
        DEFAULT,
    )
    output, tax = scored.indicators

    assert (output.attainment(), output.points) == (1000, Fraction(30))
    assert (tax.attainment(), tax.points) == (50, Fraction(75, 2))
    assert (scored.total, scored.grade) == (Decimal("67.5"), "C")


def test_weights_come_from_the_agreement_then_the_policy_then_the_default() -> None:
    scored = score(
        {
            "tax_per_mu": {"value": "1", "weight": "7"},
            "far": {"value": "1"},
            "staff": {"value": "1"},
        },
        {},
        DEFAULT,
    )

    assert {each.code: each.weight for each in scored.indicators} == {
        "far": 5,
        "staff": 1,
        "tax_per_mu": 7,
    }


def test_the_same_values_grade_differently_under_another_policy() -> None:
    wanted, got = agreed(tax_per_mu="100"), {"tax_per_mu": {"value": "88"}}
    strict = rules(
        '[[post_evaluation.grades]]\ngrade = "pass"\nname = "p"\nat_least = 85\n'
        '[[post_evaluation.grades]]\ngrade = "fail"\nname = "f"\nat_least = 0\n'
    )

    assert score(wanted, got, DEFAULT).grade == "B"
    assert score(wanted, got, strict).grade == "pass"


@pytest.mark.parametrize(
    ("total", "expected"),
    [("90", "A"), ("89.999999", "B"), ("80", "B"), ("60", "C"), ("59.9", "D"), ("0", "D")],
)
def test_a_threshold_belongs_to_the_better_grade(total: str, expected: str) -> None:
    assert grade(Decimal(total), DEFAULT) == expected


def test_a_missing_value_scores_nothing_or_is_left_out_or_takes_the_mean_of_peers() -> None:
    wanted = agreed(far="1", tax_per_mu="100")
    got = {"tax_per_mu": {"value": "100"}}

    assert score(wanted, got, rules()).total == 50
    assert score(wanted, got, rules('missing = "excluded"\n')).total == 100
    peers = rules('missing = "peer-mean"\n')
    assert score(wanted, got, peers, {"far": Fraction(4, 5)}).total == 90
    assert score(wanted, got, peers).total == 100


def test_nothing_agreed_leaves_nothing_to_grade() -> None:
    assert score({}, {}, DEFAULT).total is None
    nothing = score(agreed(far="0"), {"far": {"value": "1"}}, DEFAULT)

    assert (nothing.total, nothing.grade, nothing.indicators[0].ratio) == (None, None, None)


@pytest.mark.parametrize(
    ("direction", "wanted", "actual", "expected"),
    [
        ("higher", "100", "80", "0.8"),
        ("higher", "100", "-5", "0"),
        ("lower", "80", "100", "0.8"),
        ("lower", "80", "0", "1"),
        ("range", {"min": "2", "max": "4"}, "3", "1"),
        ("range", {"min": "2", "max": "4"}, "4", "1"),
        ("range", {"min": "2", "max": "4"}, "5", "0.8"),
        ("range", {"min": "2", "max": "4"}, "1", "0.5"),
    ],
)
def test_attainment_goes_by_direction(
    direction: str, wanted: Any, actual: str, expected: str
) -> None:
    assert attained(wanted, Decimal(actual), direction) == Fraction(expected)


def test_energy_per_output_is_better_when_lower_and_two_ends_are_a_range() -> None:
    scored = score(
        agreed(energy_per_output="0.1", far={"min": "1", "max": "2"}),
        {"energy_per_output": {"value": "0.2"}, "far": {"value": "1.5"}},
        DEFAULT,
    )

    assert [(each.direction, each.attainment()) for each in scored.indicators] == [
        ("lower", 50),
        ("range", 100),
    ]


def test_total_over_land_is_not_the_published_intensity() -> None:
    land = Decimal(2166)

    assert per_mu(23_820_000_000, land).rounded(1) == Decimal("1099.7")
    assert per_mu(19_906_000_000, land).rounded(0) == 919


def test_a_portfolio_has_two_means() -> None:
    weighted, simple = mean_per_mu(
        [(1_000_000, Decimal(1)), (9_000_000, Decimal(3)), (2_000_000, Decimal(0))]
    )

    assert weighted.rounded(2) == 300
    assert simple.rounded(2) == 200


VALUES = st.decimals(0, 10_000, places=2)


@given(
    st.lists(st.tuples(st.decimals(1, 10_000, places=2), VALUES, st.integers(1, 50)), min_size=1)
)
def test_the_total_lies_between_nothing_and_the_cap(
    indicators: list[tuple[Decimal, Decimal, int]],
) -> None:
    wanted = {
        f"i{n}": {"value": str(target), "weight": str(weight)}
        for n, (target, _, weight) in enumerate(indicators)
    }
    got = {f"i{n}": {"value": str(value)} for n, (_, value, _) in enumerate(indicators)}

    total = score(wanted, got, DEFAULT).total

    assert total is not None
    assert 0 <= total <= 120


@given(st.decimals(1, 10_000, places=2), VALUES, VALUES)
def test_delivering_more_never_scores_less(target: Decimal, one: Decimal, two: Decimal) -> None:
    low, high = sorted((one, two))

    def total(value: Decimal) -> Decimal:
        scored = score(agreed(far=str(target)), {"far": {"value": str(value)}}, DEFAULT)
        assert scored.total is not None
        return scored.total

    assert total(low) <= total(high)


@pytest.mark.parametrize(
    ("agreed", "actual", "direction"),
    [
        ({"min": "0", "max": "1"}, "-1", "range"),
        ({"min": "-2", "max": "-1"}, "0", "range"),
        ({"min": "1", "max": "2"}, "1.5", "higher"),
        ("5", "4", "range"),
    ],
)
def test_what_cannot_be_divided_attains_nothing(
    agreed: object, actual: str, direction: str
) -> None:
    assert attained(agreed, Decimal(actual), direction) is None
