"""Wujin and Zhenjiang have enough projects, and their targets and delays show as planted."""

from datetime import date, timedelta

import pytest

from server.demonstration.portfolio import PLACES
from tests.demonstration.by_hand import Portfolio, Told, overdue


def test_there_are_enough_projects(facts: list[Told]) -> None:
    registered = {place: len(Portfolio(facts, place).projects) for place in PLACES}
    absorbed = [fact.data["absorb"] for fact in facts if fact.kind == "IdentitiesLinked"]

    assert [len(names) for names in absorbed] == [1]
    registered["320582"] -= 1
    assert registered == {"320582": 380, "3211": 416, "320412": 821, "3206": 431}


@pytest.mark.parametrize(
    ("level", "starts", "by_june", "by_september"),
    [("municipal", 180, 155, 180), ("provincial", 8, 8, 8)],
)
def test_zhenjiang_keeps_its_targets_of_2025(
    facts: list[Told], level: str, starts: int, by_june: int, by_september: int
) -> None:
    portfolio = Portfolio(facts, "3211")

    new = [
        project for project, (kind, _) in portfolio.entries(level, 2025).items() if kind == "new"
    ]
    started = {project: portfolio.of(project, "ConstructionStarted")[0].day for project in new}

    assert len(new) == starts
    assert sum(day <= date(2025, 6, 30) for day in started.values()) == by_june
    assert sum(day <= date(2025, 9, 30) for day in started.values()) == by_september


def test_wujin_starts_all_five_new_provincial_projects(facts: list[Told]) -> None:
    portfolio = Portfolio(facts, "320412", date(2024, 10, 31))

    entries = portfolio.entries("provincial", 2024)
    new = {project for project, (kind, _) in entries.items() if kind == "new"}

    assert (len(entries), len(new)) == (7, 5)
    assert new <= portfolio.having("ConstructionStarted")


def test_wujin_has_overdue_nodes_with_someone_responsible(facts: list[Told]) -> None:
    on = date(2024, 10, 31)

    late = overdue(Portfolio(facts, "320412", on), on)

    assert len(late) > 9
    assert {node for _, node, _, _ in late} == {
        "land_awarded",
        "construction_started",
        "completion_accepted",
        "commissioned",
    }
    assert all(unit and person for _, _, unit, person in late)


def test_six_red_starts_of_wujin_were_replanned(facts: list[Told]) -> None:
    replans = [fact for fact in facts if fact.kind == "MilestoneReplanned"]

    for fact in replans:
        the_day_before, the_day = (
            {(late[0], late[1]) for late in overdue(Portfolio(facts, "320412", day), day)}
            for day in (fact.day - timedelta(days=1), fact.day)
        )
        node = (fact.project, fact.data["node"])
        assert node in the_day_before
        assert node not in the_day
    assert len({fact.project for fact in replans}) == 6
    assert len(replans) == 7
