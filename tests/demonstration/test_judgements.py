"""The ledger's own judgements find in the demonstration what was put there."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from domain.attainment import score
from domain.order import Finding, deviations
from domain.policy import Policy, parse
from domain.project import Project, visible
from tests.demonstration.by_hand import Portfolio, Told, effective, received_by
from tests.demonstration.conftest import USUAL, told

NOW = date(2025, 12, 31)
MID_2024 = date(2024, 6, 30)


def broken(portfolio: Portfolio) -> dict[str, list[Finding]]:
    """Give the findings that broke a rule, by the title of the project."""
    found = {}
    for project, facts in portfolio.projects.items():
        title = portfolio.of(project, "ProjectRegistered")[-1].data["title"]
        found[title] = deviations(visible((fact.as_fact() for fact in facts), NOW))
    return {title: findings for title, findings in found.items() if findings}


@pytest.mark.parametrize(
    ("region", "rules"),
    [
        (
            "320412",
            {
                ("L01", None): 2,
                ("L01", "dropped"): 1,
                ("R07", None): 1,
                ("R07", "staged-permit"): 1,
                # The red nodes that were re-planned, to turn green.
                ("S18", None): 7,
            },
        ),
        (
            "320582",
            {
                ("L01", None): 1,
                ("L01", "dropped"): 1,
                ("R05", None): 1,
                ("R07", None): 1,
                ("R07", "staged-permit"): 1,
            },
        ),
        ("3211", {}),
    ],
)
def test_exactly_the_planted_rules_are_broken(
    facts: list[Told], region: str, rules: dict[tuple[str, str | None], int]
) -> None:
    found = broken(Portfolio(facts, region))

    assert all(title.startswith("（示例）") for title in found)
    assert rules == Counter(
        (finding.rule, finding.exemption) for findings in found.values() for finding in findings
    )


def policies(facts: list[Told]) -> list[Policy]:
    return [parse(fact.data["body"]) for fact in facts if fact.kind == "PolicyAdopted"]


def judged(facts: list[Told], words: str, on: date) -> Project:
    """Give the one project with these words in its title as it stood on a day."""
    portfolio = Portfolio(facts, "32")
    found = portfolio.projects[portfolio.titled(words)]
    return Project(visible((fact.as_fact() for fact in found), on), on, policies(facts))


def test_the_start_of_kecai_was_not_known_at_the_end_of_its_month(
    facts: list[Told],
) -> None:
    known = effective(received_by(told(USUAL), "2024-06-30T23:59:59+08:00"))
    believed, truth = judged(known, "科彩", MID_2024), judged(facts, "科彩", MID_2024)

    assert (believed.phase, truth.phase) == ("landing", "construction")
    assert (believed.colour, truth.colour) == ("yellow", "green")


def test_kecai_is_land_and_start_with_five_permits_on_one_day(facts: list[Told]) -> None:
    kecai = judged(facts, "科彩", NOW)

    assert kecai.permit_burst is not None
    assert (kecai.permit_burst.on, kecai.permit_burst.count) == (date(2024, 6, 12), 5)


def test_hans_laser_operates_one_phase_and_builds_another(facts: list[Told]) -> None:
    hans_laser = judged(facts, "大族激光", date(2024, 12, 31))

    phases = [hans_laser.phase_of(phase.id) for phase in hans_laser.phases]
    assert phases == ["commissioning", "construction"]


def test_evaluations_say_what_their_policies_say(facts: list[Told]) -> None:
    rules = {policy.ref: policy.rules for policy in policies(facts)}
    evaluations = [fact.data for fact in facts if fact.kind == "PostEvaluationCompleted"]
    for data in evaluations:
        scored = score(data["agreed"], data["actual"], rules[data["policy"]])
        assert (scored.total, scored.grade) == (Decimal(data["total"]), data["grade"])
    assert len(evaluations) == 63


def test_another_policy_gives_some_projects_another_grade(facts: list[Told]) -> None:
    rules = {policy.ref: policy.rules for policy in policies(facts)}
    today = rules["post-evaluation/zhangjiagang@2025.1"]
    grades = [
        (data["grade"], score(data["agreed"], data["actual"], today).grade)
        for data in (fact.data for fact in facts if fact.kind == "PostEvaluationCompleted")
        if data["policy"] == "post-evaluation/zhangjiagang@2021.1"
    ]

    assert any(then != now for then, now in grades)
    assert any(then == now for then, now in grades)


def test_some_projects_were_evaluated_twice(facts: list[Told]) -> None:
    evaluated = Counter(fact.project for fact in facts if fact.kind == "PostEvaluationCompleted")

    assert sum(times == 2 for times in evaluated.values()) == 3
