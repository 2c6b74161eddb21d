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

KIND = st.sampled_from(sorted(KINDS))
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
    | st.lists(st.none())
    | (st.dictionaries(st.text(max_size=3), st.none()))
)


def refusal(kind: str, payload: Any) -> Malformed:
    with pytest.raises(Malformed) as refused:
        validate_payload(kind, payload)
    return refused.value


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


@pytest.mark.parametrize(
    ("kind", "change", "code", "field"),
    [
        ("LandAwarded", {"area_mu": 53.3}, "wrong_type", "area_mu"),
        ("LandAwarded", {"area_mu": "53.3 亩"}, "wrong_unit", "area_mu"),
        ("LandAwarded", {"mode": "gift"}, "invalid_value", "mode"),
        ("LandAwarded", {"parcel_id": 17}, "wrong_type", "parcel_id"),
        ("LandAwarded", {"parcel_id": " "}, "invalid_value", "parcel_id"),
        ("LandAwarded", {"parcel_id": ""}, "invalid_value", "parcel_id"),
        (
            "LandAwarded",
            {"price": {"yuan": 1, "as_reported": "1万元"}},
            "wrong_unit",
            "price.as_reported",
        ),
        ("LandAwarded", {"price": {"yuan": 10**5000}}, "invalid_value", "price.yuan"),
        ("ProjectRegistered", {"district": "990000"}, "invalid_region", "district"),
        ("ProjectRegistered", {"district": "3205"}, "invalid_region", "district"),
        ("ProjectRegistered", {"industry_gb4754": "steel"}, "invalid_value", "industry_gb4754"),
        ("ProjectRegistered", {"title": "\ud800"}, "invalid_text", "title"),
        ("ProjectRegistered", {"title": " "}, "invalid_value", "title"),
        ("ProjectRegistered", {"title": "长" * 2001}, "invalid_value", "title"),
        (
            "ProjectCodeAssigned",
            {"code": "2413-320582-89-01-729324"},
            "invalid_project_code",
            "code",
        ),
        ("PhaseDefined", {"ordinal": 0}, "invalid_value", "ordinal"),
        ("PhaseDefined", {"ordinal": 10**5000}, "invalid_value", "ordinal"),
        ("PhaseDefined", {"uses_existing_premises": "no"}, "wrong_type", "uses_existing_premises"),
        ("MilestonePlanned", {"warning_days": 367}, "invalid_value", "warning_days"),
        ("PermitStatusReported", {"status": 16}, "invalid_value", "status"),
        ("PermitStatusReported", {"status": Decimal("8.0")}, "wrong_type", "status"),
        ("ProjectTerminated", {"recovery": ["land", "honour"]}, "invalid_value", "recovery.1"),
        ("ProjectTerminated", {"recovery": "land"}, "wrong_type", "recovery"),
        (
            "InvestmentReported",
            {"composition": {"building": {"yuan": "3"}}},
            "wrong_type",
            "composition.building.yuan",
        ),
        (
            "InvestmentReported",
            {"composition": {"garden": {"yuan": 3}}},
            "extra_field",
            "composition.garden",
        ),
        (
            "PreAssessmentSubmitted",
            {"indicators": {"far": {"value": "1", "unit": "万元"}}},
            "wrong_unit",
            "indicators.far.unit",
        ),
        (
            "PreAssessmentSubmitted",
            {"indicators": {"far": {"value": "1"}}},
            "missing_field",
            "indicators.far.unit",
        ),
        ("PreAssessmentSubmitted", {"indicators": {"far": "1"}}, "wrong_type", "indicators.far"),
        (
            "PreAssessmentSubmitted",
            {"indicators": {"far": {"value": "1", "unit": "ratio", "due": "2024"}}},
            "extra_field",
            "indicators.far.due",
        ),
        (
            "PreAssessmentSubmitted",
            {"indicators": {"far": {"value": "1", "unit": 5}}},
            "wrong_type",
            "indicators.far.unit",
        ),
        (
            "PreAssessmentSubmitted",
            {"indicators": {"容积率": {"value": "1", "unit": "ratio"}}},
            "invalid_key",
            "indicators",
        ),
        ("PreAssessmentSubmitted", {"indicators": []}, "wrong_type", "indicators"),
        (
            "PerformanceAgreementSigned",
            {
                "indicators": {
                    "far": {"target": "1", "unit": "ratio", "direction": "up", "due": "2026"}
                }
            },
            "invalid_value",
            "indicators.far.direction",
        ),
        (
            "PerformanceAgreementSigned",
            {
                "indicators": {
                    "far": {"target": "1", "unit": "ratio", "direction": "range", "due": "2026-13"}
                }
            },
            "invalid_date",
            "indicators.far.due",
        ),
        (
            "PerformanceAgreementSigned",
            {
                "indicators": {
                    "far": {"target": "1", "unit": "ratio", "direction": "range", "due": 2026}
                }
            },
            "wrong_type",
            "indicators.far.due",
        ),
        ("PerformanceAgreementSigned", {"start_due": "2024-02-30"}, "invalid_date", "start_due"),
        ("PostEvaluationCompleted", {"checkpoint": "someday"}, "invalid_value", "checkpoint"),
        ("PostEvaluationCompleted", {"policy": "latest"}, "invalid_value", "policy"),
        ("MilestonePlanned", {"node": "CONSTRUCTION_STARTED"}, "invalid_value", "node"),
        ("MilestonePlanned", {"planned": "soon"}, "invalid_date", "planned"),
        ("MilestonePlanned", {"planned": 2024}, "wrong_type", "planned"),
        (
            "MilestonePlanned",
            {"responsible_person": "HMAC-sha256:00"},
            "invalid_value",
            "responsible_person",
        ),
        ("MilestoneReplanned", {"new": "2024-Q5"}, "invalid_date", "new"),
        ("StewardAssigned", {"lead_officer": "hmac-sha256:0"}, "invalid_value", "lead_officer"),
        ("StewardAssigned", {"team": ["陆某"]}, "wrong_type", "team.0"),
        ("StewardAssigned", {"team": [{"officer": "陆某"}]}, "missing_field", "team.0.dept"),
        ("StewardAssigned", {"district": "32"}, "invalid_region", "district"),
        ("SiteVisitLogged", {"officers": []}, "invalid_value", "officers"),
        ("SiteVisitLogged", {"officers": [""]}, "invalid_value", "officers.0"),
        ("RequestDispatched", {"resolve_due": "2024-04-11"}, "invalid_date", "resolve_due"),
        ("RequestAnswered", {"outcome": "done"}, "invalid_value", "outcome"),
        ("RequestFollowedUp", {"solved": None}, "missing_field", "solved"),
        ("JointReviewHeld", {"cadence": "daily"}, "invalid_value", "cadence"),
        ("JointReviewHeld", {"decisions": [{}]}, "missing_field", "decisions.0.issue_id"),
        ("TargetSet", {"comparator": "about"}, "invalid_value", "comparator"),
        ("MajorProjectListPublished", {"version": " "}, "invalid_value", "version"),
        ("MajorProjectListPublished", {"year": "2024"}, "wrong_type", "year"),
        ("CompletionAccepted", {"conditions": [1]}, "wrong_type", "conditions"),
        ("ProjectDetailsRevised", {"changes": {}}, "wrong_type", "changes"),
        (
            "ProjectDetailsRevised",
            {"changes": {"colour": {"new": 1}}},
            "extra_field",
            "changes.colour.new",
        ),
        (
            "ProjectDetailsRevised",
            {"changes": {"park": {"now": "x"}}},
            "extra_field",
            "changes.park.now",
        ),
        ("ProjectDetailsRevised", {"changes": {"park": {}}}, "missing_field", "changes.park.new"),
        ("ProjectDetailsRevised", {"changes": {"park": "x"}}, "wrong_type", "changes.park"),
        (
            "ProjectDetailsRevised",
            {"changes": {"district": {"old": "320582", "new": "99"}}},
            "invalid_region",
            "changes.district.new",
        ),
        (
            "ProjectDetailsRevised",
            {"changes": {"total_investment": {"new": {"yuan": 1.5}}}},
            "wrong_type",
            "changes.total_investment.new.yuan",
        ),
        (
            "ProjectDetailsRevised",
            {"changes": {"title": {"old": "旧"}}},
            "missing_field",
            "changes.title.new",
        ),
        ("ProjectSplitOrMerged", {"to": ["XM-17"]}, "invalid_value", "from"),
        ("ProjectSplitOrMerged", {"operation": "merge"}, "invalid_value", "to"),
        (
            "ProjectSplitOrMerged",
            {"allocation": {"XM-18": {"yuan": 1}}},
            "invalid_value",
            "allocation",
        ),
        ("IdentitiesLinked", {"absorb": []}, "invalid_value", "absorb"),
        ("IdentitiesLinked", {"absorb": ["project/XM-17"]}, "invalid_value", "absorb"),
        ("IdentitiesLinked", {"confidence": "certain"}, "invalid_value", "confidence"),
        ("IdentitiesLinked", {"confidence": "1.1"}, "invalid_value", "confidence"),
        (
            "PreAssessmentScored",
            {"scores": {"technology": {"score": "21", "max": "20"}}},
            "invalid_value",
            "scores.technology.score",
        ),
        ("PreAssessmentScored", {"policy": "none"}, "invalid_value", "policy"),
        (
            "PerformanceAgreementAmended",
            {"changes": {"far": {"new": "2"}}},
            "missing_field",
            "changes.far.new.unit",
        ),
        (
            "PerformanceAgreementAmended",
            {"changes": {"far": {"old": "1", "new": {"unit": "mu"}}}},
            "wrong_unit",
            "changes.far.new.unit",
        ),
        (
            "PerformanceAgreementAmended",
            {"changes": {"start_due": {"new": 2024}}},
            "wrong_type",
            "changes.start_due.new",
        ),
        ("PhysicalProgressReported", {"percent": "101"}, "invalid_value", "percent"),
        (
            "PhysicalProgressReported",
            {"percent": None, "element": None, "developed_mu": None},
            "missing_field",
            "element",
        ),
        ("RemedyTracked", {"due": None}, "missing_field", "due"),
        ("StartVerified", {"verdict": "maybe"}, "invalid_value", "verdict"),
        (
            "LandServiceListIssued",
            {"items": [{"code": "flood"}]},
            "missing_field",
            "items.0.department",
        ),
        ("ColourOverridden", {"colour": "blue"}, "invalid_value", "colour"),
        ("PolicyAdopted", {"sha256": "0" * 64}, "digest_mismatch", "sha256"),
        ("PolicyAdopted", {"effective_to": "2023-12-31"}, "invalid_date", "effective_to"),
        ("PolicyAdopted", {"effective_from": "2024"}, "invalid_date", "effective_from"),
        ("PolicyAdopted", {"body": "[policy"}, "invalid_policy", "body"),
        ("PolicyAdopted", {"body": 'a = "e\u0301"'}, "invalid_text", "body"),
        ("FinanceLinked", {"rate_bp": "315"}, "wrong_type", "rate_bp"),
        ("FinanceLinked", {"need": {"yuan": -1}}, "invalid_value", "need.yuan"),
        ("LoanDisbursed", {"class": "continuing"}, "invalid_value", "class"),
        ("LoanDisbursed", {"term_months": 0}, "invalid_value", "term_months"),
        ("QuotaMoved", {"quantity": "0"}, "invalid_value", "quantity"),
        ("QuotaMoved", {"quantity": "-3"}, "invalid_value", "quantity"),
        ("QuotaMoved", {"quantity": 1.5}, "wrong_type", "quantity"),
        ("QuotaMoved", {"resource": "coal"}, "invalid_value", "resource"),
        ("QuotaMoved", {"act": "give"}, "invalid_value", "act"),
        ("RankingPublished", {"policy": "2019"}, "invalid_value", "policy"),
        ("RankingPublished", {"as_known_at": "2019-10"}, "invalid_date", "as_known_at"),
        ("RankingPublished", {"published_on": "2019-10"}, "invalid_date", "published_on"),
        ("RankingPublished", {"ranks": {"320685": 1}}, "missing_field", "ranks.320682"),
        (
            "RankingPublished",
            {"ranks": {"320685": 0, "320682": 2}},
            "invalid_value",
            "ranks.320685",
        ),
        (
            "RankingPublished",
            {"scores": {"320685": {"start_rate": {"raw": "100"}}}},
            "missing_field",
            "scores.320685.start_rate.points",
        ),
        ("BannerAwarded", {"district": "如皋"}, "invalid_region", "district"),
        ("BannerAwarded", {"kind": "gold"}, "invalid_value", "kind"),
        ("EventCorrected", {"occurred_on": None}, "missing_field", "payload"),
        ("EventCorrected", {"payload": "all wrong"}, "wrong_type", "payload"),
        ("EventCorrected", {"payload": {"a": [1.5]}}, "wrong_type", "payload.a.0"),
    ],
)
def test_a_wrong_value_is_refused_by_code_and_field(
    kind: str, change: dict[str, Any], code: str, field: str
) -> None:
    error = refusal(kind, KINDS[kind].example | change)

    assert (error.code, error.field) == (code, f"payload.{field}")
    assert error.cure


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
