"""Evaluations scored by SQL, compared with the definition in the domain."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.attainment import Scored, score
from domain.fact import Fact
from domain.policies import presets
from domain.policy import parse
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.relations_of import project, telling
from tests.projections.test_start_rate import adopted

BODY = """
[policy]
id = "post-evaluation/test"
version = "{missing}"
kind = "post-evaluation"
jurisdiction = "CN"
effective_from = 2020-01-01
basis = "test"
[post_evaluation]
cap = {cap}
missing = "{missing}"
[post_evaluation.weights]
tax_per_mu = 3
"""
POLICIES = {
    "zero": BODY.format(missing="zero", cap="1.2"),
    "excluded": BODY.format(missing="excluded", cap="1.05"),
    "peer-mean": BODY.format(missing="peer-mean", cap="2"),
}
ADOPTED = [adopted(body) for body in POLICIES.values()]
DEFAULT = next(each for each in presets() if each.ref == "post-evaluation/default@1")


def ref(missing: str) -> str:
    return f"post-evaluation/test@{missing}"


def agreement(project_: str = "p1", on: str = "2022-03-01", **indicators: Any) -> Fact:
    return fact("PerformanceAgreementSigned", on, project_, indicators=indicators)


def term(target: Any, direction: str = "higher", **more: Any) -> dict[str, Any]:
    return {"target": target, "unit": "万元/亩", "direction": direction, "due": "2026", **more}


def evaluation(
    agreed: dict[str, Any], actual: dict[str, Any], project_: str = "p1", **changes: Any
) -> Fact:
    return fact(
        "PostEvaluationCompleted",
        changes.pop("on", "2024-09-01"),
        project_,
        **{
            "evaluation_id": f"E-{project_}",
            "policy": ref("zero"),
            "agreed": agreed,
            "actual": actual,
            "scores": {},
            **changes,
        },
    )


def evaluations(connection: Connection[Any], on: str = "2024-12-31") -> list[Row]:
    return project(connection, "p1", on).many("post_evaluations")


def shown(row: Row) -> list[tuple[Any, ...]]:
    return [
        (i("code"), i("direction"), i("attainment"), i("points")) for i in row.many("indicators")
    ]


def expected(scored: Scored) -> list[tuple[Any, ...]]:
    def text(value: Decimal | None) -> str | None:
        return None if value is None else f"{value:f}"

    return [
        (i.code, i.direction, text(i.attainment()), trimmed(i.points_shown()))
        for i in scored.indicators
    ]


def trimmed(value: Decimal | None) -> str | None:
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def test_the_recorded_result_stands_and_another_policy_recomputes_it(
    read_models: Connection[Any],
) -> None:
    facts = [
        *ADOPTED,
        adopted(DEFAULT.body),
        agreement(investment_intensity=term("919", weight="40")),
        fact("LandAwarded", "2022-05-01", "p1"),
        fact("OperatingResultReported", "2023", "p1"),
        fact("InvestmentReported", "2023-12", "p1"),
        evaluation(
            {"investment_intensity": {"value": "919"}, "tax_per_mu": {"value": "89"}},
            {"investment_intensity": {"value": "900"}, "tax_per_mu": {"value": "100"}},
            scores={"investment_intensity": {"points": "97.9"}},
            total="101.5",
            grade="A",
        ),
    ]

    with telling(read_models, facts) as connection:
        (row,) = evaluations(connection)
        again = row.one("recomputed_under", policy=ref("excluded"))
        intensity, tax = row.many("indicators")

        assert evaluations(connection, "2024-08-31") == []
        assert (row("total"), row("grade"), row("completed_on")) == ("101.5", "A", "2024-09-01")
        assert (intensity("attainment"), intensity("points")) == ("97.9", "97.9")
        assert (intensity("weight"), tax("weight")) == ("40", "3")
        assert (intensity("unit"), intensity("name")) == ("万元/亩", "investment intensity")
        assert intensity.one("agreed_from") is not None
        assert tax.one("agreed_from") is None
        assert [len(each.many("actual_from")) for each in (intensity, tax)] == [2, 1]
        assert again is not None
        assert (again("total"), again("grade")) == ("98.425614", "A")
        assert [i("points") for i in again.many("indicators")] == ["91.1", "7.3"]
        assert row.one("recomputed_under", policy="post-evaluation/none@1") is None


def test_without_a_snapshot_the_agreement_is_judged(read_models: Connection[Any]) -> None:
    facts = [
        *ADOPTED,
        agreement(on="2022-01-01", tax_per_mu=term("50"), far=term("9", unit="ratio")),
        agreement(on="2023-01-01", tax_per_mu=term("100")),
        agreement(on="2024-10-01", tax_per_mu=term("1")),
        evaluation({}, {"tax_per_mu": {"value": "80"}}, total="1", grade="D"),
    ]

    with telling(read_models, facts) as connection:
        (row,) = evaluations(connection)

        assert shown(row) == [("far", "higher", None, "0"), ("tax_per_mu", "higher", "80.0", "60")]


values = st.decimals(-20, 200, places=1).map(str)
weights = st.sampled_from(["0", "1", "7", "33.3"])
codes = st.sampled_from(["tax_per_mu", "output_per_mu", "energy_per_output", "far", "own_index"])
bounds = st.tuples(values, values).map(
    lambda ends: dict(zip(("min", "max"), sorted(ends, key=Decimal), strict=True))
)


def promises() -> st.SearchStrategy[dict[str, Any]]:
    weighted = st.one_of(st.just({}), weights.map(lambda weight: {"weight": weight}))
    plain = st.one_of(
        st.builds(lambda value: {"value": value}, values),
        st.builds(
            lambda value, way: {"value": value, "direction": way},
            values,
            st.sampled_from(["higher", "lower"]),
        ),
        bounds.filter(lambda ends: Decimal(ends["min"]) > 0).map(lambda ends: {"value": ends}),
    )
    return st.builds(lambda term_, weight: {**term_, **weight}, plain, weighted)


snapshots = st.dictionaries(codes, st.just(None), min_size=1).flatmap(
    lambda found: st.fixed_dictionaries({code: promises() for code in found})
)
delivered = st.dictionaries(codes, values.map(lambda value: {"value": value}))


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(agreed=snapshots, actual=delivered, missing=st.sampled_from(["zero", "excluded"]))
def test_sql_scores_as_the_domain_does(
    read_models: Connection[Any], agreed: dict[str, Any], actual: dict[str, Any], missing: str
) -> None:
    told = evaluation(agreed, actual)
    scored = score(told.payload["agreed"], told.payload["actual"], parse(POLICIES[missing]).rules)

    with telling(read_models, [*ADOPTED, told]) as connection:
        (row,) = evaluations(connection)
        again = row.one("recomputed_under", policy=ref(missing))

        if scored.total is None:
            assert again is None
            return
        assert again is not None
        assert (Decimal(again("total")), again("grade")) == (scored.total, scored.grade)
        assert shown(again) == expected(scored)


def test_a_missing_value_takes_the_mean_of_its_peers(read_models: Connection[Any]) -> None:
    agreed = {"tax_per_mu": {"value": "100"}, "far": {"value": "2"}}
    told = evaluation(agreed, {"far": {"value": "2"}})
    facts = [
        *ADOPTED,
        told,
        evaluation(agreed, {"tax_per_mu": {"value": "50"}}, "p2"),
        evaluation(agreed, {"tax_per_mu": {"value": "300"}}, "p3"),
        evaluation(agreed, {"far": {"value": "1"}}, "p4"),
        evaluation(agreed, {"tax_per_mu": {"value": "1"}}, "p5", checkpoint="capacity"),
        evaluation(agreed, {"tax_per_mu": {"value": "1"}}, "p6", on="2025-01-01"),
    ]

    with telling(read_models, facts) as connection:
        (row,) = evaluations(connection)
        again = row.one("recomputed_under", policy=ref("peer-mean"))
        scored = score(
            told.payload["agreed"],
            told.payload["actual"],
            parse(POLICIES["peer-mean"]).rules,
            {"tax_per_mu": Fraction(5, 4)},
        )

        assert again is not None
        assert scored.total is not None
        assert Decimal(again("total")) == scored.total
        assert shown(again) == expected(scored)


def test_agreements_are_shown_with_their_terms(read_models: Connection[Any]) -> None:
    with telling(read_models, [agreement(tax_per_mu=term("100"))]) as connection:
        (shown_,) = project(connection, "p1", "2024-12-31")("agreements")

        assert shown_["agreementId"] == "JG-2024-031"
        assert shown_["signedOn"] == "2022-03-01"
        assert shown_["indicators"]["tax_per_mu"]["target"] == "100"
