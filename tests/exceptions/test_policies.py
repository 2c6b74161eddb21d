"""Rules change: versions follow each other, collide, come late and leave gaps."""

from hashlib import sha256
from typing import Any

import pytest

from domain.policy import Policy, parse
from domain.policy_overlap import check_adoption, common_day
from tests.exceptions.conftest import Town, adoption, amended, event, registered

DISTRICT = "321181"


def policy(version: str, first: str, last: str | None = None, **other: Any) -> Policy:
    rules = other.get("rules", "threshold_percent = 80")
    kind = other.get("kind", "capacity")
    body = f"""[policy]
id = "{other.get("id", "capacity/danyang")}"
version = "{version}"
kind = "{kind}"
jurisdiction = "{other.get("place", DISTRICT)}"
effective_from = {first}
{f"effective_to = {last}" if last else ""}

[{kind.replace("-", "_")}]
{rules}
"""
    return parse(body)


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        (policy("1", "2024-01-01"), policy("2", "2025-01-01"), None),
        (policy("1", "2024-01-01"), policy("2", "2024-01-01"), "2024-01-01"),
        (policy("1", "2024-01-01"), policy("1", "2025-01-01", id="capacity/other"), "2025-01-01"),
        (policy("1", "2024-01-01", "2024-12-31"), policy("2", "2025-01-01"), None),
        (policy("1", "2024-01-01", "2025-01-01"), policy("2", "2025-01-01"), "2025-01-01"),
        (policy("1", "2024-01-01", "2024-12-31"), policy("2", "2023-06-01", "2024-03-01"),
         "2024-01-01"),
        (policy("1", "2024-01-01"), policy("2", "2024-01-01", place="3211"), None),
        (policy("1", "2024-01-01"), policy("2", "2024-01-01", kind="intensity", rules=""), None),
    ],
)  # fmt: skip
def test_policies_collide_where_a_day_has_both(one: Policy, other: Policy, day: str | None) -> None:
    found = common_day(one, other)

    assert (found and found.isoformat()) == day
    assert common_day(other, one) == found


def test_named_rules_stand_beside_each_other() -> None:
    sets = [
        policy(
            "1",
            "2024-01-01",
            id=f"permit-set/{name}",
            kind="permit-set",
            rules=f'name = "{name}"\nkinds = ["construction_permit"]\nat_least = 1',
        )
        for name in ("five", "nine")
    ]

    assert common_day(*sets) is None


def test_a_policy_that_collides_is_refused_with_line_and_key(town: Town) -> None:
    first = policy("2024.1", "2024-01-01", "2024-12-31")
    town.send(adoption(first))

    (receipt,) = town.send(adoption(policy("2024.2", "2024-06-01")))

    assert (receipt.status, receipt.code) == ("rejected", "policy_overlap")
    assert receipt.field == "payload.body line 6: policy.effective_from"
    assert receipt.value == "2024-06-01"
    assert receipt.cure
    assert "capacity/danyang@2024.1 (from 2024-01-01 to 2024-12-31)" in receipt.cure
    # What was refused left nothing behind, and what follows may come, even in one delivery.
    later = [policy("2025.1", "2025-01-01"), policy("2025.1", "2025-02-01")]
    answers = town.send(*(adoption(each) for each in later[:1]), _again(later[1]))
    assert [(answer.status, answer.code) for answer in answers] == [
        ("accepted", None),
        ("rejected", "policy_version_taken"),
    ]
    assert town.statuses(adoption(first)) == ["duplicate"]


def test_an_adopted_file_is_never_edited(town: Town) -> None:
    place = "321112"
    told = policy("1", "2024-01-01", place=place, id="capacity/dantu")
    edited = policy(
        "1", "2024-01-01", place=place, id="capacity/dantu", rules="threshold_percent = 70"
    )
    town.send(adoption(told))

    revised = adoption(edited) | {"id": f"{told.ref}#2"}
    corrected = amended(
        "EventCorrected", "C-dantu", told.ref, "2024-05-01", payload=adoption(edited)["data"]
    )
    redated = amended("EventCorrected", "D-dantu", told.ref, "2024-05-01", occurred_on="2023-12-01")

    assert [(answer.status, answer.code) for answer in town.send(revised, corrected, redated)] == [
        ("rejected", "policy_version_taken"),
        ("rejected", "policy_version_taken"),
        ("accepted", None),
    ]
    question = f'{{ policies(kind: "capacity", region: "{place}") {{ sha256 adoptedOn }} }}'
    (_, found) = town.ask(question)["policies"]
    assert found == {"sha256": told.sha256, "adoptedOn": "2023-12-01"}


def test_a_correction_brings_no_policy_into_the_days_of_another(town: Town) -> None:
    here = {"place": "321111"}
    first = policy("1", "2024-01-01", "2024-12-31", id="capacity/one", **here)
    second = policy("1", "2025-01-01", "2025-12-31", id="capacity/other", **here)
    town.send(adoption(first), adoption(second))

    def corrected(since: str, version: str) -> list[tuple[str, str | None]]:
        changed = policy(version, since, "2025-12-31", id="capacity/other", **here)
        sent = amended(
            "EventCorrected",
            f"C-{version}",
            second.ref,
            "2025-02-01",
            payload=adoption(changed)["data"],
        )
        return [(each.status.value, each.code) for each in town.send(sent)]

    assert corrected("2024-12-31", "2") == [("rejected", "policy_overlap")]
    # Its own days it may keep or leave.
    assert corrected("2025-01-01", "3") == [("accepted", None)]
    assert corrected("2025-03-01", "4") == [("accepted", None)]


def _again(changed: Policy) -> dict[str, Any]:
    """Deliver another text of a version under a record of its own."""
    return adoption(changed) | {"id": "another record#1"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("[policy", "payload.body line 1: policy"),
        ("threshold_percent = ", "payload.body line 10: capacity.threshold_percent"),
        ("threshold_percent 80", "payload.body line 10: capacity.threshold_percent"),
        ("windows = [\n1,\n2 3\n]", "payload.body line 12: capacity.windows"),
        ("a = 1\na = 2", "payload.body line 11: capacity.a"),
        ('name = """\nnever closed', "payload.body line 11: capacity.name"),
        ("threshold_percent = 0", "payload.body line 10: capacity.threshold_percent"),
        ("windows = 3", "payload.body line 10: capacity.windows"),
    ],
)
def test_a_file_with_a_fault_is_refused_whole(town: Town, body: str, field: str) -> None:
    text = policy("9", "2030-01-01").body.replace("threshold_percent = 80", body)
    text = body if body.startswith("[") else text
    told = adoption(policy("9", "2030-01-01"))
    told["data"] |= {"body": text, "sha256": sha256(text.encode()).hexdigest()}

    (receipt,) = town.send(told)

    assert (receipt.status, receipt.code, receipt.field) == ("rejected", "invalid_policy", field)


def test_a_file_without_its_rules_is_refused_unless_it_was_adopted_before(town: Town) -> None:
    whole = policy("9", "2031-01-01")
    text = whole.body.partition("[capacity]")[0]
    cut = adoption(parse(text))

    (receipt,) = town.send(cut)

    assert (receipt.status, receipt.code) == ("rejected", "invalid_policy")
    assert receipt.field == "payload.body line 4: policy.kind"
    assert "[capacity]" in str(receipt.cure)
    check_adoption(parse(text), [parse(text)])
    # To take every default is a statement too.
    assert town.statuses(adoption(parse(f"{text}[capacity]\n"))) == ["accepted"]


def test_versions_are_listed_with_the_days_they_judge(town: Town) -> None:
    place = "321182"
    versions = [
        policy("1", "2024-01-01", place=place, id="capacity/yangzhong"),
        policy("2", "2025-01-01", "2025-06-30", place=place, id="capacity/yangzhong"),
    ]
    town.send(adoption(versions[0], "2024-02-10"), adoption(versions[1], "2024-12-20"))

    found = town.ask(
        f'{{ policies(kind: "capacity", region: "{place}") {{ id jurisdiction effectiveFrom'
        " effectiveTo inForceTo retroactive adoptedOn sha256 adoption { type } } "
        f'policyGaps(kind: "capacity", region: "{place}", from: "2019-12-30", to: "2025-12-31")'
        " { from to } }"
    )

    assert found["policies"][1:] == [
        {
            "id": "capacity/yangzhong@1",
            "jurisdiction": place,
            "effectiveFrom": "2024-01-01",
            "effectiveTo": None,
            "inForceTo": "2024-12-31",
            "retroactive": True,
            "adoptedOn": "2024-02-10",
            "sha256": versions[0].sha256,
            "adoption": {"type": "PolicyAdopted"},
        },
        {
            "id": "capacity/yangzhong@2",
            "jurisdiction": place,
            "effectiveFrom": "2025-01-01",
            "effectiveTo": "2025-06-30",
            "inForceTo": "2025-06-30",
            "retroactive": False,
            "adoptedOn": "2024-12-20",
            "sha256": versions[1].sha256,
            "adoption": {"type": "PolicyAdopted"},
        },
    ]
    # The preset of the whole country, in force since 2020, fills what the place leaves open.
    assert found["policyGaps"] == [{"from": "2019-12-30", "to": "2019-12-31"}]


def test_no_version_judges_after_its_last_day_in_force(town: Town) -> None:
    place = "321183"
    days = [("1", "2024-01-01"), ("2", "2025-01-01", "2025-06-30")]
    versions = [
        policy(*each, place=place, id="colour/jurong", kind="colour", rules="") for each in days
    ]
    town.send(
        *(adoption(each, "2023-12-20") for each in versions),
        registered("p9", district=place),
        event("MilestonePlanned", "JD-p9", "2024-02-01", "p9", node="commissioned"),
    )

    asked = [
        town.ask(
            f'{{ policy(kind: "colour", region: "{place}", on: "{on}") {{ id }}'
            f' policies(kind: "colour", region: "{place}", on: "{on}") {{ id }}'
            f' project(id: "p9", asOf: {{ on: "{on}" }}) {{ milestones {{ policy {{ id }} }} }} }}'
        )
        for on in ("2024-12-31", "2025-06-30", "2025-07-01")
    ]

    # The prefecture judges again; the superseded version does not come back.
    held = ["colour/jurong@1", "colour/jurong@2", "colour/zhenjiang@2024.1"]
    assert [each["policy"]["id"] for each in asked] == held
    assert [each["policies"][-1]["id"] for each in asked] == held
    nodes = [each["project"]["milestones"] for each in asked]
    assert [{node["policy"]["id"] for node in each} for each in nodes] == [{name} for name in held]


RANKING = """
[[ranking.metric]]
code = "starts"
measure = "starts"
points = "count"
each = {}
"""


def test_a_policy_adopted_late_changes_no_published_ranking(town: Town) -> None:
    place = "321183"
    about = {"kind": "ranking", "id": "ranking/jurong", "place": place}
    old = policy("1", "2024-01-01", rules=RANKING.format(1)[1:], **about)
    new = policy("2", "2024-02-01", rules=RANKING.format(5)[1:], **about)
    ranking = (
        f'{{ ranking(period: "2024-Q1", region: ["{place}"]) {{ published'
        " policy { id retroactive } rows { score } drift { path } } }"
    )
    town.send(
        adoption(old, "2023-12-01"),
        registered("late-policy", district=place),
        event("ConstructionStarted", "S-late-policy", "2024-02-02", "late-policy"),
    )
    town.send(
        event(
            "RankingPublished",
            "JR-2024-Q1",
            "2024-Q1",
            "round/JR-2024-Q1",
            round_id="JR-2024-Q1",
            policy="ranking/jurong@1",
            as_known_at="2025-03-31T12:00:00+08:00",
            scores={place: {"starts": {"raw": "1", "points": "1"}}},
            ranks={place: 1},
            published_on="2024-04-10",
        )
    )
    before = town.ask(ranking)["ranking"]

    town.send(adoption(new, "2024-06-01"))

    assert before == {
        "published": True,
        "policy": {"id": "ranking/jurong@1", "retroactive": False},
        "rows": [{"score": "1"}],
        "drift": [],
    }
    assert town.ask(ranking)["ranking"] == before
    again = town.ask(
        '{ ranking(period: "2024-Q1", policy: "ranking/jurong@2") { published'
        " policy { retroactive } rows { score } } }"
    )["ranking"]
    assert again == {"published": False, "policy": {"retroactive": True}, "rows": [{"score": "5"}]}


def test_a_board_can_be_judged_under_any_version(town: Town) -> None:
    place = "321111"
    about = {"kind": "colour", "id": "colour/runzhou", "place": place}
    node = '[[colour.node]]\nmatch = "*"\nwarning_days = {}'
    town.send(
        adoption(policy("1", "2024-01-01", rules=node.format(10), **about), "2023-12-01"),
        adoption(policy("2", "2026-01-01", rules=node.format(40), **about), "2024-12-01"),
        registered("judged", district=place),
        event(
            "MilestonePlanned",
            "MP-judged",
            "2024-01-10",
            "judged",
            node="land_awarded",
            planned="2025-01-31",
            warning_days=None,
        ),
    )
    question = (
        '{{ board(filter: {{ region: ["{place}"] }}, asOf: {{ on: "2025-01-01" }}{policy})'
        " {{ red yellow green grey }} }}"
    )

    def colours(named: str = "") -> tuple[int, ...]:
        under = f', policy: "{named}"' if named else ""
        (cell,) = town.ask(question.format(place=place, policy=under))["board"]
        return tuple(cell.values())

    assert colours() == (0, 0, 1, 0)
    assert colours("colour/runzhou@2") == (0, 1, 0, 0)
    assert colours("colour/runzhou@7") == (0, 0, 0, 1)
    shown = town.project("judged", 'colour(policy: "colour/runzhou@2")', "2025-01-01")
    assert shown == {"colour": "YELLOW"}


def test_what_is_overdrawn_is_a_deviation(town: Town) -> None:
    place = "321102"
    moves = [
        event(
            "QuotaMoved",
            f"Q-{act}",
            day,
            None,
            pool_id=f"{place}-water",
            resource="water_10k_m3",
            act=act,
            quantity=quantity,
            district=None,
        )
        for act, quantity, day in (
            ("credit", "10", "2024-03-01"),
            ("allocate", "12.5", "2024-03-02"),
        )
    ]
    money = {"facility_id": "F-over", "need": {"yuan": 9}, "quota": {"yuan": 5}}
    town.send(
        *moves,
        registered("over", district=place),
        event("FinanceLinked", "L-over", "2024-03-01", "over", **money),
        *(
            event(
                "LoanDisbursed",
                f"D-over-{number}",
                "2024-03-02",
                "over",
                facility_id="F-over",
                amount={"yuan": 3},
            )
            for number in (1, 2)
        ),
    )

    question = (
        '{{ deviations(filter: {{ region: ["{place}"]{more} }})'
        " {{ rule message events {{ type }} }} }}"
    )
    found = town.ask(question.format(place=place, more=""))["deviations"]

    assert found == [
        {
            "rule": "F01",
            "message": "Facility F-over paid out 6 yuan, beyond its quota of 5 yuan",
            "events": [{"type": kind} for kind in ("FinanceLinked", *["LoanDisbursed"] * 2)],
        },
        {
            "rule": "Q01",
            "message": f"Pool {place}-water had less than nothing left of water_10k_m3: -2.5",
            "events": [{"type": "QuotaMoved"}],
        },
    ]
    of_projects = town.ask(question.format(place=place, more=', text: "over"'))["deviations"]
    assert [each["rule"] for each in of_projects] == ["F01"]
    assert town.project("over", "deviations { rule }") == {"deviations": [{"rule": "F01"}]}


def test_policies_of_further_kinds_can_be_asked_for_once_adopted(town: Town) -> None:
    text = '[policy]\nid = "parking/danyang"\n'
    told = adoption(policy("1", "2024-01-01"))
    told["id"], told["subject"] = "parking/danyang@1#1", "policy/parking-danyang"
    told["data"] |= {
        "policy_id": "parking/danyang",
        "kind": "parking",
        "body": text,
        "sha256": sha256(text.encode()).hexdigest(),
    }
    question = '{ policies(kind: "parking") { id kind } }'

    refused = town.refused(question)
    assert town.statuses(told) == ["accepted"]

    assert refused["extensions"]["argument"] == "kind"
    assert town.ask(question)["policies"] == [{"id": "parking/danyang@1", "kind": "parking"}]
