"""Requests in SQL, compared with the fold of each one."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from domain.policies import preset
from domain.policy import Policy, parse
from domain.project import visible
from domain.ratio import Ratio, half_up
from domain.requests import folded, measured
from projections.catalogue import VIEWS
from projections.folding.projection import Change
from projections.relations import ROOTS
from tests.judgement.facts import fact
from tests.judgement.requests import answered, dispatched, followed, received
from tests.projections.asking import Row, load
from tests.projections.life import ask, project, reader, telling
from tests.projections.money_and_lists import of_stream, registered

ON = "2024-12-31"


LOCAL = parse("""\
[policy]
id = "requests/local"
version = "1"
kind = "requests"
effective_from = 2020-01-01

[requests]
denominator = "received"

[[requests.clock]]
category = "help"
resolve_days = 9
count_days = "calendar"
""")
"""Rules without a clock for most categories."""


def adopted(reference: str) -> Fact:
    return adoption(preset(reference))


def adoption(policy: Policy) -> Fact:
    told = fact(
        "PolicyAdopted",
        "2020-01-01",
        None,
        policy_id=policy.id,
        kind=policy.kind,
        version=policy.version,
        effective_from=policy.effective_from.isoformat(),
        effective_to=None if policy.effective_to is None else policy.effective_to.isoformat(),
        sha256=policy.sha256,
        body=policy.body,
    )
    return of_stream(told, f"policy/{policy.id}")


_ROOT = ROOTS["requests"]
POLICY = adopted("requests/default@1")


def card(connection: Connection[Any], on: str | date = ON, **arguments: Any) -> Row:
    span = {"from": "2024-01-01", "to": "2024-12-31"}
    (row,) = reader(connection, on).rows(_ROOT, **{**span, **arguments})
    return row


def sides(row: Row, name: str) -> tuple[int, int]:
    share = row.one(name)
    assert share is not None
    return int(share("numerator")), int(share("denominator"))


def test_561_of_600_are_solved(read_models: Connection[Any]) -> None:
    facts = [POLICY, registered("p1")]
    for number in range(600):
        name = f"R{number}"
        facts.append(received(name, "2024-03-01T09:00:00+08:00"))
        if number < 561:
            facts.append(answered(name, "2024-03-04T09:00:00+08:00"))
        elif number < 590:
            facts.append(answered(name, "2024-03-04T10:00:00+08:00", "explained"))

    with telling(read_models, facts) as connection:
        row = card(connection, region=["320582"])

        assert (row("received"), row("resolved"), row("answered")) == ("600", "561", "590")
        assert sides(row, "resolution_rate") == (561, 600)
        assert row.percent("resolution_rate") == "93.5"
        assert sides(row, "on_time_rate") == (590, 600)
        assert row("median_hours") == "72"
        nothing = card(connection, region=["3211"])
        rate, applicable = nothing.one("resolution_rate"), row.one("resolution_rate")
        assert rate is not None
        assert applicable is not None
        assert rate("percent") is None
        assert rate("not_applicable") == "not applicable: the denominator is zero"
        assert applicable("not_applicable") is None


def test_both_denominators_are_shown_and_the_policy_chooses(read_models: Connection[Any]) -> None:
    facts = [registered("p1"), POLICY]
    for number in range(100):
        facts.append(received(f"S{number}", "2024-12-02", category="complaint"))
        if number < 88:
            facts.append(answered(f"S{number}", "2024-12-04"))
    facts += [received(f"P{number}", "2024-12-30", category="complaint") for number in range(4)]

    with telling(read_models, facts) as connection:
        row = card(connection)

        assert sides(row, "resolution_of_received") == (88, 104)
        assert sides(row, "resolution_of_due") == sides(row, "resolution_rate") == (88, 100)
        assert row("not_yet_due") == "4"
        assert sides(row, "closed_rate") == (88, 100)


def test_requests_of_an_enterprise_lie_where_it_says_or_where_its_projects_are(
    read_models: Connection[Any],
) -> None:
    def of(enterprise: str, **changes: Any) -> Fact:
        told = received("R", "2024-03-01", **changes)
        return of_stream(told, f"enterprise/{enterprise}")

    with telling(
        read_models,
        [
            fact("ProjectRegistered", "2023-01-05", district="321102", enterprise_ref="E1"),
            of("E1"),
            of("E2", district="320412"),
            of("E3"),
        ],
    ) as connection:
        assert card(connection)("received") == "3"
        assert card(connection, region=["3211"])("received") == "1"
        assert card(connection, region=["320412"])("received") == "1"
        assert card(connection, region=["99"])("received") == "0"


def test_a_retracted_answer_opens_the_request_again_and_the_past_stays(
    read_models: Connection[Any],
) -> None:
    facts = [registered("p1"), received("R", "2024-03-01"), answered("R", "2024-03-04")]
    with telling(read_models, facts) as connection:
        last = facts[-1]
        load(connection, VIEWS, [Change(10**9, last.id, last, None)])

        before = reader(connection, date(2024, 12, 31), known=10**9 - 1)
        span = {"from": "2024-01-01", "to": "2024-12-31"}
        (then,) = before.rows(_ROOT, **span)
        now = card(connection)

        assert (then("resolved"), now("resolved"), now("received")) == ("1", "0", "1")


def test_what_was_said_before_the_last_answer_does_not_unsolve_it(
    read_models: Connection[Any],
) -> None:
    round_one = [
        received("R", "2024-03-01T09:00:00+08:00"),
        answered("R", "2024-03-01T12:00:00+08:00"),
        followed("R", "2024-03-01T13:00:00+08:00", "no", reopened=True),
    ]
    round_two = answered("R", "2024-03-02T09:00:00+08:00")
    unreached = followed("R", "2024-03-02T10:00:00+08:00", "unreached", solved="no")
    refused = followed("R", "2024-03-02T11:00:00+08:00", "yes", solved="no")
    told = [POLICY, registered("p1"), *round_one]

    def figures(*more: Fact) -> tuple[str | None, ...]:
        with telling(read_models, [*told, *more]) as connection:
            row = card(connection)
            names = ("closed", "resolved", "reopened", "median_hours")
            return (*(row(name) for name in names), row.percent("satisfaction"))

    assert figures() == ("0", "0", "1", None, "0.0")
    assert figures(round_two) == ("1", "1", "1", "24", "0.0")
    assert figures(round_two, unreached) == ("1", "1", "1", "24", "0.0")
    assert figures(round_two, unreached, refused) == ("1", "0", "1", "24", "100.0")


def test_a_project_shows_its_own_requests(read_models: Connection[Any]) -> None:
    facts = [
        POLICY,
        registered("p1"),
        registered("p2"),
        received("R", "2024-03-01", channel="proactive"),
        received("R", "2024-03-01", "p2", channel="hotline"),
        answered("R", "2024-03-04", project="p2"),
    ]
    visit = fact("SiteVisitLogged", "2024-03-02")

    with telling(read_models, [*facts, visit]) as connection:
        first = project(connection, "p1", ON).one("requests")
        second = project(connection, "p2", ON).one("requests")
        assert first is not None
        assert second is not None

        assert (first("received"), first("closed"), first("site_visits")) == ("1", "0", "1")
        assert (second("received"), second("closed"), second("site_visits")) == ("1", "1", "0")
        (channel,) = first.many("by_channel")
        assert (channel("key"), channel("count"), channel("resolved")) == ("proactive", "1", "0")
        policy = first.one("resolution_rate")
        assert policy is not None
        assert policy.one("policy") is not None


def test_the_requests_one_by_one(read_models: Connection[Any]) -> None:
    here = {"category": "consult", "enterprise": "E1"}
    facts = [
        POLICY,
        registered("p1"),
        received("A", "2024-03-01T09:00:00+08:00", **here),
        dispatched("A", "2024-03-01T10:00:00+08:00", "2024-03-05", to_department="供电公司"),
        answered("A", "2024-03-07T09:00:00+08:00"),
        followed("A", "2024-03-08", "yes"),
        received("B", "2024-03-02", **here),
        of_stream(received("C", "2024-12-30", category="help"), "enterprise/E1"),
    ]
    names = ("id", "received_on", "department", "due", "answered_on", "closed", "solved", "in_time")
    span = {"from": "2024-01-01", "to": "2024-12-31"}

    with telling(read_models, facts) as connection:

        def ids(**arguments: Any) -> list[str]:
            rows = reader(connection, date(2024, 12, 31)).rows(
                ROOTS["request_cases"], **span, **arguments
            )
            return sorted(row("id") for row in rows)

        rows = {row("id"): row for row in ask(connection, "request_cases", ON, **span)}
        assert tuple(rows["A"](name) for name in names[1:]) == (
            "2024-03-01T09:00:00+08:00",
            "供电公司",
            "2024-03-05",
            "2024-03-07T09:00:00+08:00",
            "true",
            "true",
            "false",
        )
        assert (rows["A"]("hours"), rows["A"]("satisfied"), rows["A"]("rounds")) == (
            "144",
            "true",
            "1",
        )
        assert (rows["B"]("due"), rows["B"]("in_time")) == ("2024-03-04", "false")
        assert (rows["C"]("due"), rows["C"]("in_time"), rows["C"]("due_unknown")) == (
            "2025-01-07",
            None,
            "false",
        )
        project, none = rows["A"].one("project"), rows["C"].one("project")
        assert project is not None
        assert (project("id"), none) == ("p1", None)
        assert (ids(open=True), ids(open=False)) == (["B", "C"], ["A"])
        assert (ids(late=True), ids(late=False)) == (["A", "B"], [])
        assert ids(category="help") == ids(subject="enterprise/E1") == ["C"]
        assert ids(subject="project/p1") == ids(subject="p1") == ["A", "B"]
        assert ids(region=["99"]) == []


MOMENTS = st.sampled_from(
    [
        "2024-11",
        "2024-12-02",
        "2024-12-03",
        "2024-12-31",
        "2024-12-02T09:00:00+08:00",
        "2024-12-02T10:30:00+08:00",
        "2024-12-03T11:00:00+08:00",
        "2024-12-12T11:00:00+08:00",
        "2024-12-31T11:00:00+08:00",
        "2025-01-02",
    ]
)
NAMES = st.sampled_from(["R1", "R2", "R3"])
OUTCOMES = st.sampled_from(["resolved", "resolved", "explained"])
WORDS = st.sampled_from(["yes", "no", "unreached"])
STEPS = st.one_of(
    st.builds(received, NAMES, MOMENTS, category=st.sampled_from(["consult", "help", "else"])),
    st.builds(
        dispatched,
        NAMES,
        MOMENTS,
        MOMENTS,
        to_department=st.sampled_from(["供电公司", "住建局"]),
    ),
    st.builds(answered, NAMES, MOMENTS, OUTCOMES),
    st.builds(answered, NAMES, MOMENTS, OUTCOMES),
    st.builds(
        followed,
        NAMES,
        MOMENTS,
        WORDS,
        solved=st.sampled_from(["yes", "no"]),
        reopened=st.booleans(),
    ),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(STEPS, max_size=14),
    on=st.sampled_from(["2024-12-03", "2024-12-31", "2025-02-01"]),
    policy=st.sampled_from([preset("requests/default@1"), LOCAL]),
)
def test_the_figures_are_those_of_the_fold(
    read_models: Connection[Any], steps: list[Fact], on: str, policy: Policy
) -> None:
    of: defaultdict[str, list[Fact]] = defaultdict(list)
    for step in visible(steps, date.fromisoformat(on)):
        of[step.payload["request_id"]].append(step)
    requests = [request for told in of.values() if (request := folded(told)) is not None]
    wanted = measured(requests, policy.rules, date.fromisoformat(on))
    chosen = wanted.of_received if policy is LOCAL else wanted.of_due

    def plain(ratio: Ratio) -> tuple[int, int]:
        return int(ratio.numerator), int(ratio.denominator)

    with telling(read_models, [adoption(policy), registered("p1"), *steps]) as connection:
        row = card(connection, on, **{"from": "2020-01-01", "to": "2030-01-01"})

        assert (int(row("received")), int(row("resolved"))) == (wanted.received, wanted.resolved)
        assert sides(row, "resolution_rate") == plain(chosen)
        assert sides(row, "resolution_of_due") == plain(wanted.of_due)
        assert sides(row, "resolution_of_received") == plain(wanted.of_received)
        assert sides(row, "on_time_rate") == plain(wanted.in_time)
        assert sides(row, "satisfaction") == plain(wanted.satisfaction)
        assert sides(row, "follow_up_rate") == plain(wanted.followed_up)
        assert sides(row, "dispatch_accuracy") == plain(wanted.accuracy)
        assert sides(row, "dispatch_on_time_rate") == plain(wanted.signed_in_time)
        hours = row("median_hours")
        median = wanted.median_hours
        assert (None if hours is None else Decimal(hours)) == (
            None if median is None else half_up(median, 2)
        )
