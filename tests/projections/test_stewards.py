"""Who answers for what on a day, who has too much to look after, and who has nobody."""

from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from domain.fact import Fact
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, project, telling
from tests.projections.money_and_lists import of_stream, registered

ON = "2024-12-31"


def assigned(project: str, on: str, officer: str, **changes: Any) -> Fact:
    given = {"to": None, "lead_officer_id": officer, "scope": None, "role": None, **changes}
    return fact("StewardAssigned", on, project, **given)


def of_enterprise(enterprise: str, on: str, officer: str, **changes: Any) -> Fact:
    return of_stream(assigned("none", on, officer, **changes), f"enterprise/{enterprise}")


def leads(rows: list[Row]) -> list[tuple[str, str, str | None]]:
    found = []
    for row in rows:
        lead = row.one("lead")
        assert lead is not None
        found.append((lead("id"), row("from"), row("to")))
    return found


def test_an_assignment_ends_with_its_day_or_with_the_next_one(read_models: Connection[Any]) -> None:
    facts = [
        registered("p1"),
        assigned("p1", "2024-01-10", "A", to="2024-06"),
        assigned("p1", "2024-03-01", "agent", role="agent"),
        assigned("p1", "2024-09-01", "B", to="2025-06-30"),
        assigned("p1", "2024-12-01", "C"),
    ]

    with telling(read_models, facts) as connection:

        def on(day: str) -> list[str]:
            rows = project(connection, "p1", day).many("stewards", in_force=True)
            return [lead for lead, _, _ in leads(rows)]

        assert on("2024-01-09") == []
        assert on("2024-06-30") == ["A", "agent"]
        assert on("2024-07-01") == ["agent"]
        assert on("2024-09-01") == ["agent", "B"]
        assert leads(project(connection, "p1", ON).many("stewards")) == [
            ("A", "2024-01-10", "2024-06"),
            ("agent", "2024-03-01", None),
            ("B", "2024-09-01", "2024-12-01"),
            ("C", "2024-12-01", None),
        ]
        (first, *_) = project(connection, "p1", ON).many("stewards")
        (member,) = first.many("team")
        assert (member("org"), first("role"), first("in_force")) == (
            "市行政审批局",
            "steward",
            "false",
        )


def test_the_load_of_each_officer(read_models: Connection[Any]) -> None:
    team = [{"officer": "陆某", "dept": "审批局", "officer_id": "C"}]
    facts = [
        *(registered(each) for each in ("p1", "p2")),
        registered("p3", "320412"),
        assigned("p1", "2024-01-10", "A", team=team),
        assigned("p2", "2024-01-10", "A", team=[]),
        assigned("p3", "2024-01-10", "B", team=team),
        of_enterprise("E1", "2024-01-10", "B", team=[], district="320582"),
        of_enterprise("E2", "2024-01-10", "B", team=[], to="2024-02-01"),
    ]

    def loads(**arguments: Any) -> dict[str, tuple[str, str, str]]:
        found = {}
        for row in ask(connection, "steward_load", ON, **arguments):
            steward = row.one("steward")
            assert steward is not None
            found[steward("id")] = (row("projects"), row("enterprises"), row("supported"))
        return found

    with telling(read_models, facts) as connection:
        everywhere = {"A": ("2", "0", "0"), "B": ("1", "1", "0"), "C": ("0", "0", "2")}
        assert loads() == everywhere
        assert list(loads()) == ["A", "B", "C"]
        assert loads(region=["320582"]) == {
            "A": ("2", "0", "0"),
            "B": ("0", "1", "0"),
            "C": ("0", "0", "1"),
        }
        assert list(loads(first=1)) == ["A"]


def test_contact_coverage_tells_who_has_nobody(read_models: Connection[Any]) -> None:
    facts = [
        fact("ProjectRegistered", "2023-01-05", "p1", district="320582", enterprise_ref="E1"),
        fact("ProjectRegistered", "2023-01-05", "p2", district="320582", enterprise_ref="E2"),
        registered("p3"),
        registered("p4"),
        fact("ProjectWithdrawn", "2024-02-01", "p4"),
        assigned("p1", "2024-01-10", "A"),
        assigned("p2", "2024-01-10", "B", role="agent"),
        of_enterprise("E1", "2024-01-10", "C", district="320582"),
        of_enterprise("E9", "2024-01-10", "C", district="320582", to="2024-03-01"),
        of_enterprise("E8", "2024-01-10", "C", district="320412"),
    ]

    with telling(read_models, facts) as connection:
        (found,) = ask(connection, "contact_coverage", ON, region=["320582"])
        (nowhere,) = ask(connection, "contact_coverage", ON, region=["3211"])
        projects, none = found.one("projects"), nowhere.one("projects")
        assert projects is not None
        assert none is not None

        assert (projects("due"), projects("done"), projects.percent("rate")) == ("3", "1", "33.3")
        assert [row("id") for row in projects.many("missing")] == ["p2", "p3"]
        assert found.percent("enterprises") == "33.3"
        assert found("enterprises_without") == "{E2,E9}"
        assert none.percent("rate") is None
        assert nowhere.percent("enterprises") is None


def reported(project: str, case: str, on: str, applicant: str | None) -> Fact:
    return fact("PermitStatusReported", on, project, case_no=case, applicant=applicant)


def test_the_agency_rate_leaves_out_what_does_not_say_who_applied(
    read_models: Connection[Any],
) -> None:
    facts = [
        registered("p1"),
        registered("p2"),
        reported("p1", "c1", "2024-03-01", "agent"),
        reported("p1", "c1", "2024-03-02", None),
        reported("p1", "c2", "2024-03-01", "enterprise"),
        reported("p2", "c3", "2024-03-01", None),
        reported("p2", "c4", "2023-03-01", "agent"),
        assigned("p2", "2024-01-10", "B", role="agent"),
    ]
    span = {"from": "2024-01-01", "to": "2024-12-31"}

    with telling(read_models, facts) as connection:
        (found,) = ask(connection, "agency_rate", ON, **span)
        (none,) = ask(connection, "agency_rate", ON, region=["99"], **span)

        assert (found.percent("cases"), found("unstated_cases")) == ("50.0", "1")
        assert found.percent("projects") == "50.0"
        assert (none.percent("cases"), none.percent("projects")) == (None, None)


@pytest.mark.parametrize("day", [date(2024, 1, 9), date(2024, 1, 10)])
def test_a_steward_counts_from_the_first_day(read_models: Connection[Any], day: date) -> None:
    with telling(read_models, [registered("p1"), assigned("p1", "2024-01-10", "A")]) as connection:
        (found,) = ask(connection, "contact_coverage", day)
        projects = found.one("projects")
        assert projects is not None

        assert projects("done") == ("1" if day.day == 10 else "0")
