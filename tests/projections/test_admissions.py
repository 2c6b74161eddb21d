"""The admission card and the funnel, compared with plain counts over the same facts."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.attainment import mean_per_mu
from domain.fact import Fact
from domain.project import visible
from domain.ratio import half_up
from tests.judgement.facts import fact
from tests.projections import steering
from tests.projections.asking import Row
from tests.projections.money_and_lists import (
    WAN,
    YI,
    amended,
    decided,
    listed,
    published,
    registered,
    submitted,
)
from tests.projections.relations_of import ROOTS, reader, telling

LISTS = [published("m", "municipal"), published("d", "district")]
PROJECTS = ("p1", "p2", "p3")


def card(connection: Connection[Any], on: str | date, **arguments: Any) -> Row:
    (row,) = reader(connection, on).rows(ROOTS["admissions"], **{"year": 2024, **arguments})
    return row


def steps(connection: Connection[Any], on: str | date, **arguments: Any) -> dict[str, int]:
    rows = reader(connection, on).rows(ROOTS["funnel"], **arguments)
    return {row("phase"): int(row("entered")) for row in rows}


def test_the_published_card(read_models: Connection[Any]) -> None:
    """45 admissions whose sums are those published for 2024."""
    facts, names = [*LISTS], [f"p{number:02d}" for number in range(45)]
    for place, name in enumerate(names):
        land = "48.4" if place else "36.4"
        fixed = 450_000_000 if place else 19_905_540_000 - 44 * 450_000_000
        total = 529_000_000 if place else 23_820_000_000 - 44 * 529_000_000
        facts += [
            registered(name),
            submitted(
                name,
                "2024-02-01",
                land,
                total_investment=str(total),
                fixed_asset_investment=str(fixed),
                tax_per_mu="89",
                output_per_mu="1401",
            ),
            decided(name, "2024-03-01", "conditional" if place == 7 else "pass"),
        ]
        if place < 42:
            facts.append(listed(name, "m", "new" if place < 17 else "reserve", YI))
        if place < 23:
            facts.append(
                fact("LandAwarded", "2024-05-01", name, area_mu="53.0" if place else "54.1")
            )
        if place < 17:
            facts.append(fact("ConstructionStarted", "2024-07", name))

    with telling(read_models, facts) as connection:
        row = card(connection, "2024-12-31", region=["3205"])

        counts = ("submitted", "passed", "listed", "land_completed", "started")
        assert [int(row(name)) for name in counts] == [45, 45, 42, 23, 17]
        assert row.percent("conversion") == "93.3"
        assert row.amount("total_investment", "yi_yuan") == "238.2"
        assert row.amount("mean_investment", "yi_yuan") == "5.29333333"
        demand, supply = row.one("demand_land"), row.one("supplied_land")
        assert demand is not None
        assert supply is not None
        assert (demand("value"), supply("value")) == ("2166", "1220.1")
        assert (row("intensity_weighted"), row("tax_per_mu")) == ("919", "89")
        assert row("output_per_mu") == "1401"
        assert int(card(connection, "2024-12-31", region=["3211"])("submitted")) == 0
        assert list(steps(connection, "2024-12-31").values()) == [45, 45, 42, 23, 0, 17, 0]


def test_an_assessment_belongs_to_the_year_of_its_decision(read_models: Connection[Any]) -> None:
    facts = [
        *(registered(name) for name in PROJECTS),
        submitted("p1", "2023-12-20", "10"),
        decided("p1", "2024-01-15", "defer"),
        decided("p1", "2024-02-15", "pass"),
        submitted("p2", "2024-12-20", "20"),
        decided("p2", "2025-01-10", "reject"),
        submitted("p3", "2023-05-01", "30"),
        decided("p3", "2023-06-01", "reject"),
    ]

    with telling(read_models, facts) as connection:

        def counts(on: str, year: int) -> tuple[int, int]:
            row = card(connection, on, year=year)
            return int(row("submitted")), int(row("passed"))

        assert counts("2023-12-31", 2023) == (2, 0)
        assert counts("2024-12-31", 2023) == (1, 0)
        assert counts("2024-01-31", 2024) == (1, 0)
        assert counts("2024-12-31", 2024) == (2, 1)
        assert counts("2025-12-31", 2024) == (1, 1)
        assert counts("2025-12-31", 2025) == (1, 0)


def test_an_empty_year_has_no_rates(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        row = card(connection, "2024-12-31")

        assert row("submitted") == "0"
        assert row.percent("conversion") is None
        assert row.amount("mean_investment") is None
        assert row("intensity_weighted") is None
        assert row("intensity_unweighted") is None


def test_values_that_only_the_agreement_holds(read_models: Connection[Any]) -> None:
    term = {"unit": "万元/亩", "direction": "higher", "due": "2026"}
    facts = [
        registered("p1"),
        submitted("p1", "2024-01-20", "10", investment_intensity="300"),
        decided("p1", "2024-02-15"),
        fact(
            "PerformanceAgreementSigned",
            "2024-03-01",
            "p1",
            indicators={"tax_per_mu": {"target": "35.55", **term}},
        ),
    ]

    with telling(read_models, facts) as connection:
        row = card(connection, "2024-12-31")

        assert (row("intensity_weighted"), row("tax_per_mu")) == ("300", "35.6")
        assert row("output_per_mu") is None


def test_the_cohort_of_the_funnel(read_models: Connection[Any]) -> None:
    facts = [
        *LISTS,
        *(registered(name) for name in PROJECTS),
        *(submitted(name, "2024-02-01", "10") for name in PROJECTS),
        fact("ProjectSigned", "2023-11-02", "p1"),
        decided("p2", "2024-03-10"),
        fact("ProjectSigned", "2024", "p3"),
        decided("p3", "2024-03-11"),
        listed("p2", "m", "new", YI),
        amended("p2", "m", "remove", "2024-06-01"),
        listed("p3", "d", "new", YI),
        decided("p1", "2025"),
    ]

    with telling(read_models, facts) as connection:
        whole = steps(connection, "2024-12-31")
        cohort = {"filter.signed_from": "2024-01-01", "filter.signed_to": "2024-12-31"}

        assert (whole["SUBMITTED"], whole["PASSED"], whole["LISTED"]) == (3, 2, 1)
        assert steps(connection, "2024-12-30", **cohort)["SUBMITTED"] == 2
        assert steps(connection, "2024-12-31", **cohort)["SUBMITTED"] == 2
        assert steps(connection, "2025-12-31", **cohort)["PASSED"] == 2
        assert steps(connection, "2025-12-31")["PASSED"] == 3
        rows = reader(connection, "2024-12-31").rows(ROOTS["funnel"])
        assert [row.percent("rate_from_previous") for row in rows[:3]] == [None, "66.7", "50.0"]
        assert [row.percent("rate_from_first") for row in rows[:3]] == ["100.0", "66.7", "33.3"]


def test_who_is_not_registered_is_counted_nowhere(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        registered("p2", on="2024-06-15"),
        *(submitted(name, "2024-02-01", "10") for name in PROJECTS),
        *(decided(name, "2024-03-01") for name in PROJECTS),
    ]

    with telling(read_models, facts) as connection:
        for on, found in (("2024-06-14", 1), ("2024-06-15", 2)):
            for region in ({}, {"region": ["32"]}):
                row = card(connection, on, **region)
                assert (row("submitted"), row("passed")) == (str(found), str(found))
            for region in ({}, {"filter": {}}, {"filter.region": ["32"]}):
                counted = steps(connection, on, **region)
                assert (counted["SUBMITTED"], counted["PASSED"]) == (found, found)


days = st.dates(date(2023, 10, 1), date(2025, 3, 31)).map(str)
dates = st.one_of(days, st.sampled_from(["2023", "2024", "2024-Q1", "2024-H2", "2024-05"]))
names = st.sampled_from(PROJECTS)
amounts = st.integers(1, 500).map(lambda wan: str(wan * WAN))
lands = st.decimals(0, 99, places=1).map(str)
dossiers = st.builds(
    submitted, names, dates, lands, total_investment=amounts, fixed_asset_investment=amounts
)
decisions = st.builds(decided, names, dates, st.sampled_from(["pass", "conditional", "reject"]))
awards = st.builds(
    lambda name, on, mu: fact("LandAwarded", on, name, area_mu=mu), names, dates, lands
)
entries = st.builds(listed, names, st.sampled_from(["m", "d"]), st.just("new"), st.just(1), dates)


def by_hand(facts: list[Fact], on: date) -> tuple[Any, ...]:
    """Sum the card of 2024 project by project."""
    submissions, passed = 0, []
    for name in PROJECTS:
        mine = [one for one in visible(facts, on) if one.project == name]
        rounds = [one for one in mine if one.kind == "AdmissionDecided"]
        dossiers_ = [one for one in mine if one.kind == "PreAssessmentSubmitted"]
        decided_in = [one for one in rounds if one.occurred_on.latest.year == 2024]
        waiting = [
            one
            for one in dossiers_
            if one.occurred_on.latest.year == 2024
            and not any(later.order_key > one.order_key for later in rounds)
        ]
        submissions += bool(decided_in or waiting)
        if decided_in and decided_in[-1].payload["outcome"] != "reject":
            before = [one for one in dossiers_ if one.order_key <= decided_in[-1].order_key]
            passed.append((mine, (before or dossiers_ or [None])[-1]))
    kept = [(mine, one) for mine, one in passed if one is not None]
    land = [Decimal(one.payload["demand_land_mu"]) for _, one in kept]
    fixed = [int(one.payload["indicators"]["fixed_asset_investment"]["value"]) for _, one in kept]
    awarded = [
        [Decimal(a.payload["area_mu"]) for a in mine if a.kind == "LandAwarded"]
        for mine, _ in passed
    ]
    weighted, simple = mean_per_mu(list(zip(fixed, land, strict=True)))
    listed_ = (
        [any(one.payload.get("list_id") == "m" for one in mine) for mine, _ in passed]
        if on >= date(2024, 1, 10)
        else []
    )
    return (
        submissions,
        len(passed),
        sum(listed_),
        sum(map(bool, awarded)),
        sum((sum(parts, Decimal()) for parts in awarded), Decimal()),
        None if weighted.exact() is None else half_up(weighted.exact(), 1),
        None if simple.exact() is None else half_up(simple.exact(), 1),
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    told=st.lists(
        st.one_of(dossiers, dossiers, decisions, decisions, awards, entries), max_size=20
    ),
    on=st.dates(date(2023, 12, 1), date(2025, 6, 30)),
)
def test_the_card_is_as_if_summed_by_hand(
    read_models: Connection[Any], told: list[Fact], on: date
) -> None:
    known = [*LISTS, *(registered(name) for name in PROJECTS)]

    with telling(read_models, [*known, *told]) as connection:
        row = card(connection, on)
        supplied = row.one("supplied_land")
        assert supplied is not None

        assert (
            int(row("submitted")),
            int(row("passed")),
            int(row("listed")),
            int(row("land_completed")),
            Decimal(supplied("value")),
            row("intensity_weighted") and Decimal(row("intensity_weighted")),
            row("intensity_unweighted") and Decimal(row("intensity_unweighted")),
        ) == by_hand(told, on)


def test_the_rates_that_starts_are_part_of_name_the_policy_that_counts_them(
    read_models: Connection[Any],
) -> None:
    facts = [
        steering.adopted("listing", 'start_evidence = "verified"', version="strict"),
        registered("p1"),
        submitted("p1", "2024-02-01", "40"),
    ]

    with telling(read_models, facts) as connection:
        named: dict[str, set[str]] = {"rate_from_previous": set(), "rate_from_first": set()}
        for row in reader(connection, "2024-12-31").rows(ROOTS["funnel"]):
            for name, phases in named.items():
                rate = row.one(name)
                policy = None if rate is None else rate.one("policy")
                if policy is not None:
                    assert policy("id") == "listing/test@strict"
                    phases.add(row("phase"))

    assert named == {
        "rate_from_previous": {"STARTED", "COMMISSIONED"},
        "rate_from_first": {"STARTED"},
    }


def test_a_start_that_an_inspection_denies_counts_nowhere(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        submitted("p1", "2024-02-01", "40"),
        decided("p1", "2024-03-01", "pass"),
        fact("ConstructionStarted", "2024-06-01", "p1"),
        fact("StartVerified", "2024-08-15", "p1", verdict="false-start"),
    ]

    with telling(read_models, facts) as connection:
        before, after = (
            (card(connection, on)("started"), steps(connection, on)["STARTED"])
            for on in ("2024-08-14", "2024-12-31")
        )

    assert (before, after) == (("1", 1), ("0", 0))
