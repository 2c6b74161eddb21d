"""Issues, what meetings decided about them, and what is overdue."""

from typing import Any

from psycopg import Connection

from domain.fact import Fact
from tests.judgement.facts import fact, planned
from tests.projections.life import ask, project, telling
from tests.projections.money_and_lists import of_stream, registered
from tests.projections.test_requests import adopted

ON = "2024-12-31"
SPAN = {"from": "2024-01-01", "to": "2024-12-31"}


def raised(issue: str, on: str, project: str = "p1", **changes: Any) -> Fact:
    return fact("IssueRaised", on, project, issue_id=issue, responsible_person=None, **changes)


def resolved(issue: str, on: str, project: str = "p1", **changes: Any) -> Fact:
    return fact("IssueResolved", on, project, issue_id=issue, **changes)


def met(meeting: str, on: str, decided: list[tuple[str, str]], **changes: Any) -> Fact:
    decisions = [
        {"issue_id": issue, "decision": "限期解决", "owner": "自然资源局", "due": due}
        for issue, due in decided
    ]
    given = {"projects": None, "district": None, "cadence": None, **changes}
    told = fact("JointReviewHeld", on, None, meeting_id=meeting, decisions=decisions, **given)
    return of_stream(told, f"meeting/{meeting}")


def test_an_issue_from_raising_to_sign_off(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        raised("I1", "2024-03-01", due="2024-04-30"),
        met("M1", "2024-03-15", [("I1", "2024-03-31")]),
        resolved("I1", "2024-05-06"),
    ]

    with telling(read_models, facts) as connection:
        (before,) = project(connection, "p1", "2024-04-30").many("issues", open=True)
        (late,) = project(connection, "p1", "2024-05-01").many("issues")
        (after,) = project(connection, "p1", ON).many("issues", open=False)
        (review,) = late.many("reviews")
        (decision,) = review.many("decided", overdue=True)
        (kept,) = after.many("reviews")

        assert (before("overdue"), before("resolved_on")) == ("false", None)
        assert (late("overdue"), late("owner")) == ("true", "自然资源和规划局")
        assert (after("overdue"), after("resolved_on"), after("confirmed_by_enterprise")) == (
            "false",
            "2024-05-06",
            "true",
        )
        assert (review("decisions"), review("overdue_decisions")) == ("1", "1")
        assert (decision("issue_id"), decision("due")) == ("I1", "2024-03-31")
        issue = decision.one("issue")
        assert issue is not None
        assert issue("category") == "land"
        assert kept("overdue_decisions") == "0"
        assert project(connection, "p1", ON).many("issues", open=True) == []


def test_a_resolution_of_the_same_month_resolves_and_an_earlier_one_does_not(
    read_models: Connection[Any],
) -> None:
    facts = [
        registered("p1"),
        resolved("I1", "2024-06"),
        raised("I1", "2024-06-11"),
        resolved("I2", "2024-05"),
        raised("I2", "2024-06-11"),
    ]

    with telling(read_models, facts) as connection:
        rows = ask(connection, "issues", ON)

        assert [(row("id"), row("resolved_on")) for row in rows] == [
            ("I1", "2024-06"),
            ("I2", None),
        ]


def test_a_decision_about_an_issue_nobody_raised_stays_open(read_models: Connection[Any]) -> None:
    with telling(read_models, [met("M1", "2024-03-15", [("I9", "2024-03-31")])]) as connection:
        (review,) = ask(connection, "reviews", ON, **SPAN)
        (decision,) = review.many("decided")

        assert review("overdue_decisions") == "1"
        assert decision.one("issue") is None
        assert ask(connection, "reviews", ON, region=["3205"], **SPAN) == []
        assert ask(connection, "reviews", ON, level="team", **SPAN) == []


def test_one_issue_number_in_two_projects_is_told_apart_by_the_meetings_projects(
    read_models: Connection[Any],
) -> None:
    facts = [
        registered("p1"),
        registered("p2", "320412"),
        raised("I1", "2024-03-01"),
        raised("I1", "2024-03-01", "p2"),
        resolved("I1", "2024-03-20", "p2"),
        met("M2", "2024-03-15", [("I1", "2024-03-31")], projects=["p2"]),
    ]

    with telling(read_models, facts) as connection:
        (review,) = ask(connection, "reviews", ON, region=["320412"], **SPAN)

        assert review("overdue_decisions") == "0"
        assert ask(connection, "reviews", ON, region=["320582"], **SPAN) == []
        (first,) = project(connection, "p1", ON).many("issues")
        (second,) = project(connection, "p2", ON).many("issues")
        assert first.many("reviews") == []
        assert len(second.many("reviews")) == 1


def test_the_mix_of_issues(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        registered("p2", "320412"),
        raised("I1", "2024-03-01", category="land", due="2024-04-01"),
        raised("I2", "2024-03-02", category="land", due="2025-04-01"),
        raised("I3", "2024-03-03", "p2", category="finance"),
        resolved("I3", "2024-03-20", "p2", confirmed_by_enterprise=False),
        raised("I4", "2023-03-03", "p2", category="energy"),
    ]
    names = ("category", "raised", "resolved", "open", "overdue", "confirmed")

    with telling(read_models, facts) as connection:

        def mix(**arguments: Any) -> list[tuple[str, ...]]:
            rows = ask(connection, "issue_mix", ON, **SPAN, **arguments)
            return [tuple(row(name) for name in names) for row in rows]

        land, money = ("land", "2", "0", "2", "1", "0"), ("finance", "1", "1", "0", "0", "0")
        assert mix() == [land, money]
        assert mix(**{"filter.region": ["320412"]}) == [money]
        assert mix(**{"filter.region": ["3211"]}) == []
        assert [row("id") for row in ask(connection, "issues", ON, category="land")] == ["I1", "I2"]
        assert [row("id") for row in ask(connection, "issues", ON, first=1)] == ["I4"]


def test_an_overdue_node_shows_what_holds_it_up(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        adopted("colour/default@1"),
        fact("PhaseDefined", "2023-02-01"),
        planned("construction_started", "2024-03-31", phase_id="1"),
        raised("I1", "2024-03-01"),
        raised("I2", "2024-03-02", phase_id="1"),
        raised("I3", "2024-03-02", phase_id="2"),
        raised("I4", "2024-03-03"),
        resolved("I4", "2024-03-20"),
    ]

    with telling(read_models, facts) as connection:
        (node,) = ask(connection, "overdue", ON)

        assert [issue("id") for issue in node.many("blockers")] == ["I1", "I2"]
