"""Policies are read strictly, and the right one is chosen for a place and a day."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.policies import NoPreset, preset, presets
from domain.policy import choose, parse
from domain.policy_rules import SECTIONS
from tests.judgement.facts import day

HEAD = """\
[policy]
id = "colour/here"
version = "1"
kind = "colour"
jurisdiction = "3204"
effective_from = 2024-01-01
effective_to = 2024-12-31
basis = "for the test"
"""


def test_every_preset_says_where_when_and_on_what_basis_it_holds() -> None:
    assert {policy.kind for policy in presets()} == set(SECTIONS)
    for policy in presets():
        assert policy.basis
        assert policy.effective_from
        assert policy.ref == f"{policy.id}@{policy.version}"
        assert json.loads(json.dumps(policy.rules)) == policy.rules


def test_an_unknown_preset_is_not_found() -> None:
    with pytest.raises(NoPreset, match="colour/nowhere@1"):
        preset("colour/nowhere@1")


def test_defaults_are_filled_in() -> None:
    rules = parse(HEAD).rules

    assert rules["baseline"] == "current"
    assert rules["node"] == {
        "*": {
            "warning_days": 30,
            "grace_days": 0,
            "grace_months": 0,
            "due": "planned",
            "weight": "1",
        }
    }
    assert rules["pace"]["enabled"] is False


def test_a_node_takes_what_it_leaves_out_from_the_general_entry() -> None:
    body = HEAD + (
        '[[colour.node]]\nmatch = "signed"\nwarning_days = 5\n'
        '[[colour.node]]\nmatch = "*"\ngrace_days = 3\n'
    )
    node = parse(body).rules["node"]

    assert (node["signed"]["warning_days"], node["signed"]["grace_days"]) == (5, 3)
    assert (node["*"]["warning_days"], node["*"]["grace_days"]) == (30, 3)


def test_wujin_warns_earlier_of_most_nodes_than_of_permits() -> None:
    node = preset("colour/wujin@2024.1").rules["node"]

    assert {name: windows["warning_days"] for name, windows in node.items()} == {
        "*": 30,
        "construction_permit": 10,
        "construction_started": 15,
    }


def test_a_policy_without_a_place_holds_everywhere() -> None:
    assert parse(HEAD.replace('jurisdiction = "3204"\n', "")).jurisdiction == ""
    assert parse(HEAD.replace('"3204"', '"CN"')).jurisdiction == ""
    assert parse(HEAD.replace('"3204"', '"320400"')).jurisdiction == "3204"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (HEAD.replace("colour", "color", 2).replace('"color"', '"color"'), "line 4: policy.kind"),
        (HEAD + '[colour]\naggregate = "mean"\n', "line 10: colour.aggregate"),
        (HEAD + "[colour]\nlate = 1\n", "line 10: colour.late"),
        (HEAD + "[color]\n", "line 9: color"),
        (HEAD + '[[colour.node]]\nmatch = "*"\nwarning_days = "x"\n', "colour.node.0.warning_days"),
        (HEAD + '[[colour.node]]\nmatch = "*"\n[[colour.node]]\nmatch = "*"\n', "line 9: colour"),
        (HEAD + '[[colour.node]]\nmatch = "signd"\n', "line 10: colour.node.0.match"),
        (HEAD + "[colour.pace]\nyellow_at = 1\nyellow_above = 1\n", "line 9: colour.pace"),
        (HEAD + "[colour.pace]\nenabled = true\nyellow_at = 1\n", "line 9: colour.pace"),
        (HEAD + "[colour.pace]\nyellow_at = true\n", "line 10: colour.pace.yellow_at"),
        (HEAD.replace("2024-12-31", "2023-12-31"), "line 1: policy"),
        (HEAD.replace('version = "1"\n', ""), "line 1: policy.version"),
        (HEAD + "[colour\n", "body line 9"),
        ("", "line 1: policy.id"),
    ],
)
def test_a_mistake_is_shown_with_its_line_and_key(body: str, field: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body)

    assert caught.value.code == "invalid_policy"
    assert field in str(caught.value.field)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ('kind = "permit-set"', '[permit_set]\nname = "x"\nkinds = ["a", "a"]\nat_least = 2\n'),
        ('kind = "post-evaluation"', "[post_evaluation.weights]\nfar = 0\n"),
        (
            'kind = "post-evaluation"',
            '[[post_evaluation.checkpoints]]\nname = "a"\nafter = "started"\nmonths = 1\n',
        ),
        ('kind = "pace"', '[pace]\ncurve = "monthly"\nmonthly_percent = [50, 100]\n'),
        ('kind = "pace"', "[pace]\nmonthly_percent = [100]\n"),
        ('kind = "reporting"', '[reporting]\nclose_day = "02-29"\n'),
        (
            'kind = "post-evaluation"',
            '[[post_evaluation.grades]]\ngrade = "A"\nname = "A"\nat_least = 90\n',
        ),
    ],
)
def test_rules_that_cannot_work_are_refused(section: str, key: str) -> None:
    with pytest.raises(Malformed):
        parse(HEAD.replace('kind = "colour"', section) + key)


def test_the_last_day_is_inclusive() -> None:
    policy = parse(HEAD)

    assert choose([policy], "colour", "320412", day("2024-12-31")) is policy
    assert choose([policy], "colour", "320412", day("2025-01-01")) is None
    assert choose([policy], "colour", "320412", day("2023-12-31")) is None
    assert choose([policy], "colour", "320582", day("2024-06-30")) is None
    assert choose([policy], "permit-set", "320412", day("2024-06-30")) is None


def test_the_smallest_place_wins_and_then_the_later_version() -> None:
    city = parse(HEAD)
    country = parse(HEAD.replace('"3204"', '"CN"'))
    later = parse(HEAD.replace('"1"', '"2"').replace("2024-01-01", "2024-03-01"))

    assert choose([country, city], "colour", "320412", day("2024-02-01")) is city
    assert choose([city, later, country], "colour", "320412", day("2024-06-01")) is later
    assert choose([city, country], "colour", "110101", day("2024-06-01")) is country


def test_what_a_later_version_took_over_never_comes_back() -> None:
    open_ended = parse(HEAD.replace("effective_to = 2024-12-31\n", ""))
    later = parse(HEAD.replace('"1"', '"2"').replace("2024-01-01", "2024-03-01"))
    country = parse(HEAD.replace('"3204"', '"CN"').replace("effective_to = 2024-12-31\n", ""))

    assert open_ended.effective_to is None
    assert choose([open_ended, later], "colour", "320412", day("2024-02-29")) is open_ended
    assert choose([open_ended, later], "colour", "320412", day("2024-12-31")) is later
    assert choose([open_ended, later], "colour", "320412", day("2025-01-01")) is None
    assert choose([open_ended, later, country], "colour", "320412", day("2025-01-01")) is country


def test_wujin_is_judged_by_its_own_policy_only_in_its_year() -> None:
    def ref(on: date) -> str:
        policy = choose(presets(), "colour", "320412", on)
        assert policy is not None
        return policy.ref

    assert ref(day("2024-12-31")) == "colour/wujin@2024.1"
    assert ref(day("2025-01-01")) == "colour/default@1"


@given(st.text(max_size=200))
def test_any_text_that_is_no_policy_is_refused_with_a_cure(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(text)

    assert caught.value.cure
