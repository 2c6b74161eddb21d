"""The order rules answer in three values, know their exemptions and refuse nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fact import Fact
from domain.industry import is_industrial
from domain.order import EXCUSES, Finding, deviations, findings
from domain.order_rules import EXEMPTIONS, OFF_LIST, RULES, Result
from tests.judgement.facts import daxin, fact, kecai, permit

START = "ConstructionStarted"


def found(rule: str, *facts: Fact) -> Finding:
    (finding,) = (each for each in findings(facts) if each.rule == rule)
    return finding


def test_there_are_thirteen_rules_and_one_of_assessment_and_every_exemption_is_told() -> None:
    assert [rule.id for rule in RULES] == [*(f"R{number:02}" for number in range(1, 14)), "A01"]
    used = {code for rule in RULES for code in rule.exemptions}
    assert used == set(EXCUSES)
    assert used | {"dropped"} == set(EXEMPTIONS)


def test_a_start_before_its_permit_is_violated() -> None:
    finding = found("R07", fact(START, "2024-06-01"), permit("construction_permit", "2024-06-12"))

    assert (finding.result, finding.severity) == (Result.VIOLATED, "violation")
    assert finding.exemption is None
    assert [each.kind for each in finding.facts] == ["PermitIssued", START]
    assert finding.message("en") == (
        "construction start on 2024-06-01 came before construction permit on 2024-06-12"
    )
    assert finding.message("zh") == "开工（2024-06-01）早于施工许可证（2024-06-12）"


def test_a_start_on_the_day_of_its_permit_is_fine() -> None:
    finding = found("R07", fact(START, "2024-06-12"), permit("construction_permit", "2024-06-12"))

    assert (finding.result, finding.message("en")) == (Result.OK, "")


def test_a_staged_permit_excuses_an_early_start() -> None:
    staged = permit("construction_permit", "2024-06-12", stage="piling")
    finding = found("R07", fact(START, "2024-06-01"), staged)

    assert (finding.result, finding.exemption) == (Result.VIOLATED, "staged-permit")
    assert finding.excuse("zh") == "分阶段施工许可"
    whole = permit("construction_permit", "2024-06-12", stage="whole")
    assert found("R07", fact(START, "2024-06-01"), whole).exemption is None
    named = fact(START, "2024-06-01", basis="staged-permit")
    assert found("R07", named, whole).exemption == "staged-permit"


def test_a_start_below_the_threshold_needs_no_permit() -> None:
    finding = found("R07", fact(START, "2024-06-01", basis="filing"))

    assert (finding.result, finding.exemption) == (Result.MISSING_PREDECESSOR, "below-threshold")


def test_a_start_known_only_as_september_against_a_permit_of_the_twelfth_is_undecidable() -> None:
    finding = found("R07", *daxin())

    assert finding.result is Result.UNDECIDABLE
    assert "2024-09" in finding.message("zh")


def test_a_start_without_any_permit_misses_its_predecessor() -> None:
    finding = found("R07", fact(START, "2024-06-01"))

    assert finding.result is Result.MISSING_PREDECESSOR
    assert [each.kind for each in finding.facts] == [START]


def test_the_published_examples_violate_nothing() -> None:
    assert deviations(kecai()) == []
    assert deviations(daxin()) == []


def test_several_permits_of_one_kind_need_only_one_in_time() -> None:
    finding = found(
        "R07",
        permit("construction_permit", "2024-05-12"),
        fact(START, "2024-06-01"),
        permit("construction_permit", "2024-08-12"),
    )

    assert finding.result is Result.OK


def test_a_certificate_before_the_land_is_a_deviation_but_a_simulated_review_is_not() -> None:
    opened = fact("SimulatedApprovalOpened", "2024-05-01")
    review = fact("PermitStatusReported", "2024-05-20", simulated=True)
    land = fact("LandAwarded", "2024-06-11")
    certificate = permit("land_use_planning_permit", "2024-06-10")

    broken = deviations([opened, review, land, certificate])

    assert [each.rule for each in broken] == ["R05"]
    assert found("R04", opened, review).result is Result.OK


@pytest.mark.parametrize(
    ("premises", "exemption"), [("lease", "existing-premises"), ("owned-plant", "own-land")]
)
def test_a_permit_without_an_award_is_excused_by_premises(premises: str, exemption: str) -> None:
    finding = found(
        "R06",
        fact("PremisesSecured", "2024-01-01", kind=premises),
        permit("construction_permit", "2024-06-12"),
    )

    assert (finding.result, finding.exemption) == (Result.MISSING_PREDECESSOR, exemption)


def test_premises_of_another_phase_excuse_nothing() -> None:
    facts = [
        fact("PhaseDefined", "2024-01-01", phase_id="1", ordinal=1, uses_existing_premises=True),
        fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
        fact("CompletionAccepted", "2024-05-01", phase_id="1"),
        fact("CompletionAccepted", "2024-05-01", phase_id="2"),
    ]

    first, second = (each for each in findings(facts) if each.rule == "R08")

    assert (first.phase_id, first.exemption) == ("1", "existing-premises")
    assert (second.phase_id, second.exemption) == ("2", None)


def test_an_earlier_fact_of_another_phase_does_not_count_and_one_without_a_phase_does() -> None:
    start = fact(START, "2024-06-01", phase_id="2")
    other = permit("construction_permit", "2024-01-12", phase_id="1")
    whole = permit("construction_permit", "2024-01-12")

    assert found("R07", start, other).result is Result.MISSING_PREDECESSOR
    assert found("R07", start, whole).result is Result.OK


def test_a_project_that_is_not_industrial_needs_no_admission_before_the_land() -> None:
    land = fact("LandAwarded", "2024-06-11")
    admitted = fact("AdmissionDecided", "2024-07-01", outcome="pass")
    shop = fact("ProjectRegistered", "2024-01-01", industry_gb4754="F5211")
    plant = fact("ProjectRegistered", "2024-01-01", industry_gb4754="C3311")

    assert found("R03", shop, land, admitted).exemption == "non-industrial"
    assert found("R03", plant, land, admitted).exemption is None
    assert found("R03", plant, land, admitted).result is Result.VIOLATED


def test_assessment_before_signing_turns_the_order_of_admission_round() -> None:
    signed = fact("ProjectSigned", "2024-03-01")
    admitted = fact("AdmissionDecided", "2024-02-01", outcome="pass")
    assessed = fact("PreAssessmentSubmitted", "2024-01-15")

    assert found("R01", signed, admitted).exemption is None
    assert found("R01", signed, admitted, assessed).exemption == "assessment-first"


def test_a_unit_accepted_before_commissioning_excuses_the_whole() -> None:
    facts = [
        fact("CompletionAccepted", "2024-10-01", scope="unit"),
        fact("Commissioned", "2024-11-30"),
        fact("CompletionAccepted", "2025-03-01", scope="whole"),
    ]
    finding = found("R09", *facts)

    assert (finding.result, finding.exemption) == (Result.VIOLATED, "unit-acceptance")
    assert found("R09", *facts[1:]).exemption is None


def test_equipment_without_land_may_be_enrolled_without_a_start() -> None:
    enrolled = fact("StatisticsEnrolled", "2024-05-01")
    leased = fact("PremisesSecured", "2024-01-01", kind="lease")

    assert found("R11", enrolled, leased).exemption == "equipment-only"
    land = fact("LandAwarded", "2024-02-01")
    assert found("R11", enrolled, leased, land).exemption is None


def test_an_evaluation_of_commissioning_comes_after_it() -> None:
    commissioned = fact("Commissioned", "2024-11-30")
    early = fact("PostEvaluationCompleted", "2024-10-01", checkpoint="commissioning+12")
    other = fact("PostEvaluationCompleted", "2024-10-01", checkpoint="annual")

    assert found("R13", commissioned, early).result is Result.VIOLATED
    assert [each for each in findings([commissioned, other]) if each.rule == "R13"] == []


def test_a_requirement_outside_the_list_is_a_deviation_unless_it_was_dropped() -> None:
    raised = fact("OffListRequirementRaised", "2024-06-20", status="open")
    dropped = fact(
        "OffListRequirementRaised", "2024-06-21", requirement="补充文物勘探", status="dropped"
    )

    one, two = deviations([dropped, raised])

    assert (one.rule, one.exemption) == (OFF_LIST, None)
    assert (two.rule, two.exemption) == (OFF_LIST, "dropped")
    assert "补充防洪评价" in one.message("en")


@pytest.mark.parametrize(
    ("code", "industrial"),
    [
        ("C3311", True),
        ("B", True),
        ("D44", True),
        ("33", True),
        ("0610", True),
        ("4620", True),
        ("A01", False),
        ("F5211", False),
        ("05", False),
        ("47", False),
    ],
)
def test_industry_is_mining_manufacturing_and_supply(code: str, *, industrial: bool) -> None:
    assert is_industrial(code) is industrial


def test_every_rule_can_be_met_and_violated() -> None:
    ends = {
        "signed": fact("ProjectSigned", "2024-02-01"),
        "pre_assessed": fact("PreAssessmentSubmitted", "2024-02-01"),
        "admitted": fact("AdmissionDecided", "2024-02-01", outcome="pass"),
        "code_assigned": fact("ProjectCodeAssigned", "2024-02-01"),
        "permit_applied": fact("PermitStatusReported", "2024-02-01", simulated=False),
        "land_awarded": fact("LandAwarded", "2024-02-01"),
        "simulated_approval_opened": fact("SimulatedApprovalOpened", "2024-02-01"),
        "simulated_review": fact("PermitStatusReported", "2024-02-01", simulated=True),
        "permit_issued": permit("land_use_planning_permit", "2024-02-01"),
        "construction_permit": permit("construction_permit", "2024-02-01"),
        "construction_started": fact(START, "2024-02-01"),
        "completion_accepted": fact("CompletionAccepted", "2024-02-01", scope="whole"),
        "commissioned": fact("Commissioned", "2024-02-01"),
        "capacity_reached": fact("CapacityReached", "2024-02-01"),
        "statistics_enrolled": fact("StatisticsEnrolled", "2024-02-01"),
        "listed": fact("ProjectListed", "2024-02-01"),
        "investment_reported": fact("InvestmentReported", "2024-02"),
        "post_evaluated": fact(
            "PostEvaluationCompleted", "2024-02-01", checkpoint="commissioning+12"
        ),
    }
    for rule in RULES:
        earlier, later = ends[rule.earlier.mark], ends[rule.later.mark]
        after = fact(earlier.kind, "2025-03-01", **_sent(earlier))
        assert found(rule.id, later).result is Result.MISSING_PREDECESSOR
        assert found(rule.id, earlier, later).result is Result.OK
        assert found(rule.id, after, later).result is Result.VIOLATED


TWO_LANDINGS = (*kecai(), *daxin())


@given(st.permutations(TWO_LANDINGS))
def test_findings_do_not_depend_on_the_order_of_arrival(facts: list[Fact]) -> None:
    assert findings(facts) == findings(TWO_LANDINGS)


def _sent(earlier: Fact) -> dict[str, object]:
    fields = ("outcome", "scope", "permit_kind", "simulated", "checkpoint")
    return {name: earlier.payload[name] for name in fields if name in earlier.payload}


def test_of_a_requirement_outside_the_list_the_last_word_counts() -> None:
    raised = fact("OffListRequirementRaised", "2024-06-20", status="open")
    dropped = fact("OffListRequirementRaised", "2024-07-02", status="dropped")

    (one,) = deviations([dropped, raised])

    assert (one.exemption, one.facts) == ("dropped", (dropped,))
