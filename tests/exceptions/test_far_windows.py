"""Windows may reach far from the planned day; what time alone turns is different all the same."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest

from domain.policy import parse
from tests.exceptions.conftest import Town, adoption, event, opened, registered

HEAD = """\
[policy]
id = "colour/{district}"
version = "1"
kind = "colour"
jurisdiction = "{district}"
effective_from = 2020-01-01
basis = "for the test"
[colour]
count_days = "{count}"
[[colour.node]]
match = "*"
warning_days = {warning}
grace_days = {grace}
grace_months = {months}
due = "{due}"
"""
FAR = {
    "320582": {"warning": 200, "grace": 0, "months": 0, "count": "work", "due": "planned"},
    "320506": {"warning": 0, "grace": 150, "months": 6, "count": "work", "due": "month-end"},
    "320412": {"warning": -250, "grace": 366, "months": 1, "count": "work", "due": "planned"},
    "321102": {"warning": 366, "grace": 0, "months": 24, "count": "calendar", "due": "month-end"},
    "320585": {"warning": 5, "grace": 0, "months": 0, "count": "calendar", "due": "planned"},
}
OWN_WARNING = 330
DAYS = [date(year, month, 3).isoformat() for year in range(2021, 2026) for month in range(1, 13, 2)]
DIFF = """query ($one: Date!, $other: Date!) {
  diff(from: {on: $one}, to: {on: $other}, fields: [COLOUR]) {
    project { id } changes { path old new }
  }
}"""
LOOK = "query ($on: Date!) { projects(asOf: {on: $on}) { nodes { id colour } } }"


TOWNS = (("320582", "320412"), ("320506",), ("320585",), ("321102",))
"""Districts of one ledger each, so that the far windows of one do not help to find another's."""


@pytest.fixture(scope="module", params=TOWNS)
def far(request: pytest.FixtureRequest, server: str, modelled: str) -> Iterator[Town]:
    with opened(server, modelled) as town:
        for district in request.param:
            given = FAR[district]
            policy = parse(HEAD.format(district=district, **given))
            plan = {
                "node": "construction_started",
                "planned": "2023-05-10",
                "warning_days": OWN_WARNING if district == "320585" else None,
            }
            statuses = town.statuses(
                adoption(policy),
                registered(f"P-{district}", on="2020-02-01", district=district),
                event("MilestonePlanned", f"M-{district}", "2020-03-01", f"P-{district}", **plan),
            )
            assert statuses == ["accepted"] * 3
        yield town


def test_what_time_turns_is_found_however_far_from_the_plan(far: Town) -> None:
    looks = {
        on: {each["id"]: each["colour"] for each in far.ask(LOOK, on=on)["projects"]["nodes"]}
        for on in DAYS
    }
    turned = set()
    for one, other in [*pairwise(DAYS), (DAYS[-1], DAYS[0])]:
        found = {
            row["project"]["id"]: (change["old"], change["new"])
            for row in far.ask(DIFF, one=one, other=other)["diff"]
            for change in row["changes"]
        }
        assert found == {
            project: (colour, looks[other][project])
            for project, colour in looks[one].items()
            if colour != looks[other][project]
        }
        turned |= found.keys()
    assert turned == looks[DAYS[0]].keys()
