"""The start rate through a year, compared with the set taken anew on each day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from domain.listing import BROADEST_FIRST, listings
from domain.policy import Policy, parse
from domain.project import visible
from domain.ratio import Ratio
from tests.judgement.facts import fact
from tests.projections import steering
from tests.projections.asking import Row
from tests.projections.money_and_lists import (
    YI,
    amended,
    listed,
    of_stream,
    published,
    registered,
    target,
)
from tests.projections.relations_of import ROOTS, reader, telling
from tests.projections.test_plan_actual import LEVELS, LISTS, PROJECTS, about_lists, dates


def asked(connection: Connection[Any], on: str | date, **arguments: Any) -> list[Row]:
    return reader(connection, on).rows(ROOTS["start_rate"], **{"year": 2024, **arguments})


def rates(rows: list[Row]) -> dict[str, tuple[int, int]]:
    shares = {row("on"): row.one("rate") for row in rows}
    return {
        day: (int(share("numerator")), int(share("denominator")))
        for day, share in shares.items()
        if share is not None
    }


def started(project: str, on: str) -> Fact:
    return fact("ConstructionStarted", on, project)


def adopted(body: str) -> Fact:
    policy: Policy = parse(body)
    told = fact(
        "PolicyAdopted",
        "2020-01-01",
        None,
        policy_id=policy.id,
        kind=policy.kind,
        version=policy.version,
        effective_from=policy.effective_from.isoformat(),
        effective_to=None,
        sha256=policy.sha256,
        body=body,
    )
    return of_stream(told, f"policy/{policy.id}")


def test_targets_by_date_and_a_coarse_start(read_models: Connection[Any]) -> None:
    facts = [
        published("m", "municipal"),
        *(registered(each, "321102") for each in PROJECTS),
        *(listed(each, "m", "new", YI) for each in PROJECTS),
        started("p1", "2024-02-15"),
        started("p2", "2024-05"),
        started("p3", "2024-Q2"),
        started("p4", "2024-08-01"),
        target("h1", "3211/municipal", "75", "2024-06-30"),
        target("q3", "3211/municipal", "100", "2024-09-30", comparator=">"),
        target("other", "3205/municipal", "10", "2024-03-31"),
        target("above", "3211/provincial", "10", "2024-03-31"),
    ]

    with telling(read_models, facts) as connection:
        rows = asked(connection, "2024-10-15", levels=["municipal"], region=["321100"])

        assert rates(rows) == {
            "2024-01-31": (0, 4),
            "2024-02-29": (1, 4),
            "2024-03-31": (1, 4),
            "2024-04-30": (1, 4),
            "2024-05-31": (2, 4),
            "2024-06-30": (3, 4),
            "2024-07-31": (3, 4),
            "2024-08-31": (4, 4),
            "2024-09-30": (4, 4),
            "2024-10-15": (4, 4),
        }
        met = {row("on"): (row("target"), row("met")) for row in rows}
        assert met["2024-05-31"] == (None, None)
        assert met["2024-06-30"] == ("75", "true")
        assert met["2024-08-31"] == ("75", "true")
        # 4 of 4 are 100 percent, which is not above 100.
        assert met["2024-09-30"] == ("100", "false")


def test_the_set_follows_the_list(read_models: Connection[Any]) -> None:
    facts = [
        published("m", "municipal", on="2024-02-10"),
        *(registered(each) for each in PROJECTS),
        *(listed(each, "m", "new", YI, on="2024-01-10") for each in PROJECTS),
        amended("p1", "m", "remove", "2024-04-01"),
        amended("p2", "m", "reclassify", "2024-05", class_="continuing"),
        amended("p1", "m", "add", "2024-07-01"),
        *(started(each, "2024-03-01") for each in PROJECTS),
    ]

    with telling(read_models, facts) as connection:
        found = rates(asked(connection, "2024-07-31"))

        assert list(found.values()) == [
            (0, 0),
            (0, 4),
            (4, 4),
            (3, 3),
            (2, 2),
            (2, 2),
            (3, 3),
        ]
        assert asked(connection, "2024-07-31")[0].percent("rate") is None


def test_a_removed_project_stays_where_the_policy_says_so(read_models: Connection[Any]) -> None:
    body = """
    [policy]
    id = "listing/test"
    version = "1"
    kind = "listing"
    jurisdiction = "3205"
    effective_from = 2020-01-01
    basis = "test"
    [listing]
    removed = "stay"
    """
    facts = [
        adopted(body),
        published("m", "municipal"),
        registered("p1"),
        listed("p1", "m", "new", YI),
        amended("p1", "m", "remove", "2024-04-01"),
    ]

    with telling(read_models, facts) as connection:
        here = asked(connection, "2024-12-31", bucket="year", region=["320582"])
        everywhere = asked(connection, "2024-12-31", bucket="year")

        assert rates(here) == {"2024-12-31": (0, 1)}
        assert rates(everywhere) == {"2024-12-31": (0, 0)}
        share = here[0].one("rate")
        assert share is not None
        policy = share.one("policy")
        assert policy is not None
        assert policy("id") == "listing/test@1"


def test_a_list_is_on_each_day_what_it_was_last_published_as(read_models: Connection[Any]) -> None:
    facts = [
        published("m", "district"),
        published("m", "municipal", on="2024-03-15"),
        published("m", "municipal", on="2024-05-15", year=2025),
        *(registered(each) for each in PROJECTS),
        *(listed(each, "m", "new", YI) for each in PROJECTS),
        *(started(each, "2024-02-01") for each in ("p1", "p2")),
    ]

    with telling(read_models, facts) as connection:
        days = [f"2024-0{month}-{day}" for month, day in ((1, 31), (3, 31), (5, 31))]
        every = rates(asked(connection, "2024-05-31"))
        municipal = rates(asked(connection, "2024-05-31", levels=["municipal"]))
        later = rates(asked(connection, "2025-01-31", year=2025))

        assert [every[day] for day in days] == [(0, 4), (2, 4), (0, 0)]
        assert [municipal[day] for day in days] == [(0, 0), (2, 4), (0, 0)]
        assert later == {"2025-01-31": (2, 4)}


def test_who_is_not_registered_is_counted_nowhere(read_models: Connection[Any]) -> None:
    facts = [
        published("m", "municipal"),
        registered("p1"),
        registered("p2", on="2024-06-15"),
        *(listed(each, "m", "new", YI) for each in PROJECTS),
        *(started(each, "2024-02-01") for each in PROJECTS),
    ]

    with telling(read_models, facts) as connection:
        for on, found in (("2024-05-31", (1, 1)), ("2024-06-30", (2, 2))):
            for regions in ({}, {"region": ["32"]}):
                assert rates(asked(connection, on, **regions))[on] == found


@pytest.mark.parametrize(("bucket", "points"), [("quarter", 4), ("day", 366), ("year", 1)])
def test_buckets(read_models: Connection[Any], bucket: str, points: int) -> None:
    with telling(read_models, []) as connection:
        assert len(asked(connection, "2025-03-01", bucket=bucket)) == points
        assert asked(connection, "2023-12-31", bucket=bucket) == []


def by_hand(facts: list[Fact], day: date, on: date, levels: list[str]) -> tuple[int, int]:
    """Take the set of one day from the facts that are visible on it."""
    known = visible(facts, on)
    told_on = {
        (one.project, level)
        for one in known
        for level in LEVELS
        if one.payload.get("list_id") == f"l-{level}" and one.project
    }
    begun = {one.project for one in visible(facts, day) if one.kind == "ConstructionStarted"}
    lowest = min(BROADEST_FIRST.index(level) for level in levels)
    members = set()
    for each in PROJECTS:
        own = any((each, level) in told_on for level in levels)
        for entry in listings(
            [f for f in visible(facts, day) if f.project == each], visible(LISTS, day)
        ):
            above = not own and BROADEST_FIRST.index(entry.level) > lowest
            if entry.entry_class == "new" and (entry.level in levels or above):
                members.add(each)
    share = Ratio(len(members & begun), len(members))
    return int(share.numerator), int(share.denominator)


starts = st.builds(started, st.sampled_from(PROJECTS), dates)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    told=st.lists(st.one_of(about_lists, about_lists, starts), max_size=30),
    on=st.dates(date(2024, 1, 1), date(2025, 1, 31)),
    levels=st.lists(st.sampled_from(LEVELS), min_size=1, unique=True),
)
def test_each_day_is_as_if_counted_by_hand(
    read_models: Connection[Any], told: list[Fact], on: date, levels: list[str]
) -> None:
    facts = [*told, *LISTS, *(registered(each) for each in PROJECTS)]

    with telling(read_models, facts) as connection:
        found = rates(asked(connection, on, levels=levels))

        for text, share in found.items():
            day = date.fromisoformat(text)
            assert day <= on
            assert (day + timedelta(days=1)).day == 1 or day == on
            assert share == by_hand(facts, day, on, levels)


def verified(project: str, on: str, verdict: str, phase: str | None = None) -> Fact:
    return fact("StartVerified", on, project, verdict=verdict, phase_id=phase)


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        # p1 is denied in May and confirmed in July, p2 is confirmed in June, nobody saw p3.
        ("reported", [3, 3, 3, 3]),
        ("inspected", [3, 2, 2, 3]),
        ("verified", [0, 0, 1, 2]),
    ],
)
def test_the_policy_says_what_an_inspection_counts_for(
    read_models: Connection[Any], evidence: str, found: list[int]
) -> None:
    body = f"""
    [policy]
    id = "listing/test"
    version = "1"
    kind = "listing"
    effective_from = 2020-01-01
    [listing]
    start_evidence = "{evidence}"
    """
    facts = [
        adopted(body),
        published("m", "municipal"),
        *(registered(each) for each in PROJECTS),
        *(listed(each, "m", "new", YI) for each in PROJECTS),
        *(started(each, "2024-03-01") for each in ("p1", "p2", "p3")),
        # What was not to be seen before the start does not deny it.
        verified("p1", "2024-02-29", "not-started"),
        verified("p1", "2024-05-10", "not-started"),
        verified("p2", "2024-02-28", "false-start"),
        verified("p2", "2024-06-20", "confirmed"),
        verified("p1", "2024-07-31", "confirmed"),
        # Another phase is found not to have begun; the first one is not touched by it.
        fact("ConstructionStarted", "2024-03-01", "p3", phase_id="1"),
        verified("p4", "2024-02-01", "confirmed"),
    ]

    with telling(read_models, facts) as connection:
        rows = rates(asked(connection, "2024-07-31"))

        assert [rows[day][0] for day in rows][3:] == found
        # Before the inspection the report stood, however it ended.
        assert rows["2024-04-30"] == (found[0], 4)


def test_starts_can_be_counted_by_a_policy_that_does_not_hold(read_models: Connection[Any]) -> None:
    rules = 'start_evidence = "verified"'
    facts = [
        steering.adopted("listing", rules, jurisdiction="11", version="later", since="2060-01-01"),
        published("m", "municipal"),
        registered("p1"),
        listed("p1", "m", "new", YI),
        started("p1", "2024-03-01"),
    ]

    with telling(read_models, facts) as connection:
        usual = rates(asked(connection, "2024-03-31"))
        named = rates(asked(connection, "2024-03-31", policy="listing/test@later"))

        assert (usual["2024-03-31"], named["2024-03-31"]) == ((1, 1), (0, 1))
