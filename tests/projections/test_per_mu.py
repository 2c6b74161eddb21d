"""Grades by yields in SQL, compared with the definition in the domain."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.errors import Malformed
from domain.fact import Fact
from domain.per_mu import counted_tax, graded
from domain.policy import parse
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import registered
from tests.projections.steering import adopted, commissioned

PROJECTS = tuple(f"p{number}" for number in range(6))
METRICS = """
missing = "{missing}"
tax_kinds = {tax_kinds}
[[per_mu.metrics]]
code = "tax_per_mu"
weight = 45
baseline = 24.097
cap = 1.5
[[per_mu.metrics]]
code = "output_per_mu"
weight = 35
times_mean = 2
[[per_mu.metrics]]
code = "research_share"
weight = 20
times_mean = 1
"""


def results(
    project: str,
    tax: int,
    output: int,
    research: int,
    land: str,
    *,
    taxes: dict[str, int] | None = None,
) -> Fact:
    return fact(
        "OperatingResultReported",
        "2023",
        project,
        tax={"yuan": tax},
        taxes=taxes and {kind: {"yuan": part} for kind, part in taxes.items()},
        output={"yuan": output},
        revenue={"yuan": output},
        rd={"yuan": research},
        land_occupied_mu=land,
    )


def asked(connection: Connection[Any], **arguments: Any) -> list[Row]:
    return ask(connection, "per_mu_grades", "2024-06-30", year=2023, **arguments)


def by_hand(rules: dict[str, Any], told: list[Fact]) -> list[tuple[Any, ...]]:
    projects = {
        str(each.project): {
            "tax": None if tax is None else Fraction(tax),
            "output": Fraction(each.payload["output"]["yuan"]),
            "revenue": Fraction(each.payload["revenue"]["yuan"]),
            "research": Fraction(each.payload["rd"]["yuan"]),
            "land": Fraction(Decimal(each.payload["land_occupied_mu"])),
        }
        for each in told
        for tax in [counted_tax(each.payload, rules["tax_kinds"])]
    }
    return [
        (row.project, row.rank, row.grade, row.score, row.points) for row in graded(rules, projects)
    ]


def shown(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [
        (
            str(row.columns["project"]),
            int(row("rank")),
            row("grade"),
            Decimal(row("score")),
            {
                cell("code"): Decimal(cell("points"))
                for cell in row.many("metrics")
                if cell("points") is not None
            },
        )
        for row in rows
    ]


PARTS = {kind: st.sampled_from([-5_000, 20_000]) for kind in ("vat", "land_use", "property")}
amounts = st.sampled_from([-20_000, 0, 10_000, 333_333, 1_000_000, 20_000_000])


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.data(),
    st.sampled_from(["zero", "excluded", "peer-mean"]),
    st.sampled_from(["[]", '["vat"]', '["vat", "land_use"]']),
)
def test_points_ranks_and_grades_are_those_of_the_domain(
    read_models: Connection[Any], data: st.DataObject, missing: str, kinds: str
) -> None:
    body = METRICS.format(missing=missing, tax_kinds=kinds)
    rule = adopted("per-mu", body, jurisdiction="3205")
    told = [
        results(
            project,
            data.draw(amounts),
            max(0, data.draw(amounts)),
            max(0, data.draw(amounts)),
            data.draw(st.sampled_from(["0", "30", "53.05", "7"])),
            taxes=data.draw(st.none() | st.fixed_dictionaries({}, optional=PARTS)),
        )
        for project in data.draw(st.sets(st.sampled_from(PROJECTS), min_size=1))
    ]
    lives = [each for p in PROJECTS for each in (registered(p), commissioned(p, "2020-05"))]

    with telling(read_models, [rule, *lives, *told]) as connection:
        wanted = by_hand(parse(str(rule.payload["body"])).rules, told)
        assert shown(asked(connection, region=["320582"])) == wanted


def test_exempt_projects_are_shown_and_take_no_rank(read_models: Connection[Any]) -> None:
    facts = [
        *(registered(each) for each in ("best", "half", "young", "unborn")),
        fact("ProjectRegistered", "2020-01-01", "power", district="320582", industry_gb4754="D44"),
        *(commissioned(each, "2021-12-31") for each in ("best", "half", "power")),
        commissioned("young", "2022-01-01"),
        *(
            results(each, tax, 10_000_000, 0, "10")
            for each, tax in (
                ("best", 2_000_000),
                ("half", 1_000_000),
                ("young", 9_000_000),
                ("unborn", 9_000_000),
                ("power", 9_000_000),
            )
        ),
    ]

    with telling(read_models, facts) as connection:
        rows = asked(connection)
        found = [
            (str(row.columns["project"]), row("grade"), row("exempt"), row("rank")) for row in rows
        ]
        # Two are graded: the first is the upper half of them, the second the rest.
        assert found == [
            ("best", "B", None, "1"),
            ("half", "D", None, "2"),
            ("power", "T", "industry", None),
            ("unborn", "T", "young", None),
            ("young", "T", "young", None),
        ]
        (tax, output) = rows[0].many("metrics")
        assert (tax("value"), tax("baseline"), tax("points")) == ("20", "15", "80")
        assert (output("value"), output("points"), output("imputed")) == ("100", "40", "false")
        assert asked(connection, region=["3211"]) == []
        assert len(asked(connection, first=1)) == 1


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ('[[per_mu.metrics]]\ncode = "joy"\nweight = 1\nbaseline = 1', "metrics.0.code"),
        ('[[per_mu.metrics]]\ncode = "tax_per_mu"\nweight = 1', "metrics.0"),
        ('[[per_mu.grades]]\ngrade = "A"\nup_to_percent = 20', "grades"),
        ('missing = "mean"', "missing"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(rules: str, key: str) -> None:
    with pytest.raises(Malformed) as refused:
        adopted("per-mu", rules)

    assert f"per_mu.{key}" in str(refused.value.field)
