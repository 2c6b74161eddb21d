import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from domain.canonical import canonical_bytes
from domain.errors import Malformed, UnknownFormat
from domain.exact_json import decode
from domain.kinds import (
    KINDS,
    catalogue_rank,
    fits,
    json_schema,
    kind_of,
    person_names,
    upcast,
    validate_payload,
)
from domain.kinds.payload import Payload
from tests.domain.refused import refusal

KIND = st.sampled_from(sorted(KINDS))
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
    | st.lists(st.none())
    | (st.dictionaries(st.text(max_size=3), st.none()))
)


def outcome_of(kind: str, payload: Any) -> dict[str, Any] | Malformed:
    try:
        return validate_payload(kind, payload)
    except Malformed as error:
        return error


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_kind_is_valid_and_already_canonical(kind: str) -> None:
    example = KINDS[kind].example

    assert validate_payload(kind, example) == example
    assert decode(canonical_bytes(example)) == example
    assert fits(kind, example)


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_of_a_kind_admits_its_example_and_nothing_more(kind: str) -> None:
    schema = json_schema(kind)
    validator = Draft202012Validator(schema)

    Draft202012Validator.check_schema(schema)
    assert validator.is_valid(KINDS[kind].example)
    assert not validator.is_valid({**KINDS[kind].example, "extra": 1})
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_what_it_is(kind: str) -> None:
    known = KINDS[kind]

    assert known.kind == known.__name__ == kind
    assert known.__doc__
    assert known.__doc__.splitlines()[0].endswith(".")
    assert known.chinese
    assert known.english
    assert known.occurred_on_means


def test_every_kind_of_the_catalogue_is_there_once() -> None:
    assert [known.number for known in KINDS.values() if known.number in range(1, 67)] == [
        *range(1, 67)
    ]
    assert len({known.number for known in KINDS.values()}) == len(KINDS)
    assert [catalogue_rank(kind) for kind in KINDS] == sorted(map(catalogue_rank, KINDS))
    assert catalogue_rank("Opaque") > max(map(catalogue_rank, KINDS))


@pytest.mark.parametrize("kind", KINDS)
def test_an_extra_field_is_refused(kind: str) -> None:
    error = refusal(kind, {**KINDS[kind].example, "shade": "red"})

    assert (error.code, error.field, error.value) == ("extra_field", "payload.shade", "red")
    assert error.cure


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_without_which_a_kind_means_nothing_is_demanded(kind: str) -> None:
    example = KINDS[kind].example
    required = json_schema(kind).get("required", [])

    for name in required:
        error = refusal(kind, {field: example[field] for field in example if field != name})
        assert (error.code, error.field, error.value) == (
            "missing_field",
            f"payload.{name}",
            None,
        )


@given(st.data(), KIND)
def test_junk_in_any_place_is_refused_or_kept_but_never_crashes(
    data: st.DataObject, kind: str
) -> None:
    payload: Any = deepcopy(KINDS[kind].example)
    place, steps = payload, []
    while isinstance(place, dict) and place:
        steps.append((place, data.draw(st.sampled_from(sorted(place)))))
        place = place[steps[-1][1]]
        if data.draw(st.booleans()):
            break
    if steps:
        parent, name = steps[-1]
        parent[name] = data.draw(JUNK)

    outcome = outcome_of(kind, payload)

    if isinstance(outcome, Malformed):
        assert str(outcome.field).startswith("payload")
        assert outcome.cure.endswith((".", "?"))
    else:
        assert validate_payload(kind, decode(canonical_bytes(outcome))) == outcome


def test_a_null_is_an_absent_field() -> None:
    payload = KINDS["ProjectListed"].example | {"planned_completion": None}

    assert validate_payload("ProjectListed", payload) == KINDS["ProjectListed"].example


def test_a_misspelt_field_is_pointed_out() -> None:
    error = refusal("LandAwarded", KINDS["LandAwarded"].example | {"area_mus": "5"})

    assert error.cure.startswith('Did you mean "area_mu"?')


@pytest.mark.parametrize("payload", [None, [], "text", 5])
def test_a_payload_is_an_object(payload: Any) -> None:
    error = refusal("Commissioned", payload)

    assert (error.code, error.field) == ("wrong_type", "payload")


def test_deep_nesting_is_refused_without_a_crash() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}

    assert refusal("EventCorrected", {"payload": deep}).code == "invalid_value"
    assert refusal("LandDelivered", {"parcel_id": deep}).code == "wrong_type"


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("LandAwarded", {"area_mu": Decimal("53.0500")}, {"area_mu": "53.05"}),
        ("MajorProjectListPublished", {"version": 2}, {"version": "2"}),
        ("TargetSet", {"comparator": "≥"}, {"comparator": ">="}),
        ("CompletionAccepted", {"conditions": "补种绿化"}, {"conditions": ["补种绿化"]}),
        ("CompletionAccepted", {"conditions": ""}, {"conditions": []}),
        ("RemedyTracked", {"items": "补足投资"}, {"items": ["补足投资"]}),
        ("IdentitiesLinked", {"confidence": Decimal("0.90")}, {"confidence": "0.9"}),
        (
            "IdentitiesLinked",
            {"keep": "project/XM-17", "absorb": ["project/XM-18"]},
            {"absorb": ["XM-18"]},
        ),
        (
            "PerformanceAgreementAmended",
            {"changes": {"far": {"old": 1, "new": {"target": "1.50", "unit": "1"}}}},
            {
                "changes": {
                    "far": {"old": {"target": "1"}, "new": {"target": "1.5", "unit": "ratio"}}
                }
            },
        ),
        (
            "ProjectSplitOrMerged",
            {
                "operation": "merge",
                "from": ["project/a", "b"],
                "to": ["a"],
                "allocation": {"project/a": {"yuan": 5}},
            },
            {
                "operation": "merge",
                "from": ["a", "b"],
                "to": ["a"],
                "allocation": {"a": {"yuan": 5}},
            },
        ),
        (
            "PostEvaluationCompleted",
            {"agreed": {"far": Decimal("2.9")}, "scores": {"far": 97}},
            {"agreed": {"far": {"value": "2.9"}}, "scores": {"far": {"points": "97"}}},
        ),
        (
            "PostEvaluationCompleted",
            {"actual": {"far": {"value": 2, "unit": "", "direction": "higher", "weight": 40}}},
            {
                "actual": {
                    "far": {"value": "2", "unit": "ratio", "direction": "higher", "weight": "40"}
                }
            },
        ),
        (
            "PerformanceAgreementSigned",
            {
                "indicators": {
                    "noise": {
                        "target": {"min": 1, "max": 2},
                        "unit": "dB",
                        "direction": "range",
                        "due": "2026",
                    }
                }
            },
            {
                "indicators": {
                    "noise": {
                        "target": {"min": "1", "max": "2"},
                        "unit": "dB",
                        "direction": "range",
                        "due": "2026",
                    }
                }
            },
        ),
    ],
)
def test_equal_values_are_kept_in_one_form(
    kind: str, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    example = KINDS[kind].example

    assert validate_payload(kind, example | sent) == example | kept


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        kind_of("ColourGuessed")

    assert (refused.value.code, refused.value.field) == ("unknown_kind", "kind")
    assert not fits("ColourGuessed", {})


def test_the_places_where_persons_are_named_are_known() -> None:
    assert {kind: person_names(kind) for kind in KINDS if person_names(kind)} == {
        "MilestonePlanned": (("responsible_person",),),
        "StewardAssigned": (("lead_officer",), ("team", "*", "officer")),
        "SiteVisitLogged": (("officers", "*"),),
        "IssueRaised": (("responsible_person",),),
    }


def test_an_old_payload_is_brought_up_step_by_step() -> None:
    class Renamed(Payload):
        """Something whose field was renamed twice."""

        kind = "Renamed"
        schema_version = 3
        upcasters = {1: lambda old: {"b": old["a"]}, 2: lambda old: {"c": old["b"]}}

    assert Renamed.upcast(1, {"a": 5}) == {"c": 5}
    assert Renamed.upcast(3, {"c": 5}) == {"c": 5}
    with pytest.raises(UnknownFormat):
        Renamed.upcast(4, {})


def test_a_kind_that_is_not_ours_stays_as_it_is() -> None:
    assert upcast("Opaque", 7, {"state": "AA=="}) == {"state": "AA=="}
