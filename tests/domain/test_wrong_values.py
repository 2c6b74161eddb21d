"""Every wrong value is refused by its code, at its field."""

from decimal import Decimal
from typing import Any

import pytest

from domain.kinds import (
    KINDS,
)
from tests.domain.refused import refusal


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
        ("PolicyAdopted", {"body": "[policy"}, "invalid_policy", "body line 1: policy"),
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
