"""Facts of one project that say something against each other are shown, never refused."""

from typing import Any

import pytest

from domain.amendments import fold_order
from domain.fact import Fact
from domain.order import deviations, findings
from domain.order_rules import Result
from tests.judgement.facts import fact, permit

ENDED = fact("ProjectTerminated", "2024-06-01")
STARTED = fact("ConstructionStarted", "2024-06-02", basis="filing")
AWARD = fact("LandAwarded", "2024-03-01", parcel_id="P", area_mu="100")
PERMIT = permit("construction_permit", "2024-01-05", certificate_no="Z")
AGAIN = permit("construction_permit", "2024-05-01", certificate_no="Z")
LAPSED = fact("PermitLapsedOrRevoked", "2024-04-05", certificate_no="Z")

AGREED = fact("PerformanceAgreementSigned", "2024-01-02", start_due="2024-09")
REGISTERED = fact("ProjectRegistered", "2024-01-01", park="东")
PLANNED = fact("MilestonePlanned", "2024-01-02", planned="2024-06-30")
DECIDED = fact("PermitStatusReported", "2024-03-02", case_no="C", status=11)
ACCEPTED = fact("PermitStatusReported", "2024-02-01", case_no="C", status=8)
ISSUED = fact("PermitIssued", "2024-03-01", case_no="C")
RAISED = fact("IssueRaised", "2024-03-01", issue_id="I")
RUNNING = fact("Commissioned", "2024-03-01")


def amended(on: str, **changes: Any) -> Fact:
    return fact("PerformanceAgreementAmended", on, changes=changes)


def revised(on: str, **park: str) -> Fact:
    return fact("ProjectDetailsRevised", on, changes={"park": park})


def replanned(on: str, old: str, new: str) -> Fact:
    return fact("MilestoneReplanned", on, old=old, new=new)


def evaluated(on: str, checkpoint: str) -> Fact:
    return fact("PostEvaluationCompleted", on, checkpoint=checkpoint)


def invested(month: str, basis: str = "statistical", yuan: int = 5, **changes: Any) -> Fact:
    return fact("InvestmentReported", month, basis=basis, ytd={"yuan": yuan}, **changes)


def admission(on: str, outcome: str, assessment: str | None = "Q") -> Fact:
    return fact("AdmissionDecided", on, outcome=outcome, assessment_id=assessment)


def case(on: str, status: int) -> Fact:
    return fact("PermitStatusReported", on, case_no="K", status=status)


def inspected(on: str, verdict: str, phase: str | None = None) -> Fact:
    return fact("StartVerified", on, verdict=verdict, phase_id=phase)


SUBMITTED = fact("PreAssessmentSubmitted", "2024-03-10", assessment_id="Q")
PHASE = fact("PhaseDefined", "2024-01-01", phase_id="1")
BEGUN = fact("ConstructionStarted", "2024-06-01", basis="filing", phase_id="1")


FAR = {"target": "1.5", "unit": "ratio", "direction": "higher", "due": "2026"}


@pytest.mark.parametrize(
    ("facts", "rule", "shown"),
    [
        ([ENDED, STARTED], "S01", (ENDED, STARTED)),
        ([fact("ProjectTerminated", "2024-06"), STARTED], "S01", None),
        ([fact("PerformanceAgreementSigned", "2027-01-02", capacity_due="2026")], "S02", ...),
        ([fact("PerformanceAgreementSigned", "2024-01-02")], "S02", None),
        (
            [AWARD, fact("LandContractSigned", "2024-04-01", parcel_id="P", area_mu="101.1")],
            "S03",
            ...,
        ),
        (
            [AWARD, fact("LandContractSigned", "2024-04-01", parcel_id="P", area_mu="101")],
            "S03",
            None,
        ),
        (
            [AWARD, fact("LandContractSigned", "2024-04-01", parcel_id="Q", area_mu="1")],
            "S03",
            None,
        ),
        ([PERMIT, LAPSED, STARTED], "S04", (LAPSED, STARTED)),
        ([PERMIT, LAPSED, AGAIN, STARTED], "S04", None),
        ([PERMIT, STARTED], "S04", None),
        ([AGREED, amended("2024-05-01", start_due={"old": "2024-09", "new": "2025"})], "S05", None),
        ([AGREED, amended("2024-05-01", start_due={"old": "2024-10", "new": "2025"})], "S05", ...),
        ([AGREED, amended("2024-05-01", start_due={"new": "2025"})], "S05", ...),
        ([AGREED, amended("2024-05-01", far={"new": FAR})], "S05", None),
        ([AGREED, amended("2024-05-01", far={"old": {"target": "2"}})], "S05", ...),
        ([amended("2024-05-01", start_due={"old": "2024-10", "new": "2025"})], "S05", None),
        ([REGISTERED, revised("2024-05-01", old="东", new="西")], "S05", None),
        ([REGISTERED, revised("2024-05-01", old="南", new="西")], "S05", ...),
        ([PLANNED, replanned("2024-05-01", "2024-06-30", "2024-Q3")], "S05", None),
        ([PLANNED, replanned("2024-05-01", "2024-06-29", "2024-Q3")], "S05", ...),
        ([ACCEPTED, ISSUED, DECIDED], "S06", (DECIDED, ISSUED)),
        ([ACCEPTED, ISSUED], "S06", ...),
        ([DECIDED, fact("PermitIssued", "2024-03-02", case_no="C")], "S06", None),
        ([ISSUED], "S06", None),
        ([fact("IssueResolved", "2024-02-29", issue_id="I"), RAISED], "S07", ...),
        ([RAISED, fact("IssueResolved", "2024-03-01", issue_id="I")], "S07", None),
        ([fact("IssueResolved", "2024-02", issue_id="J"), RAISED], "S07", None),
        ([fact("ListingAmended", "2024-12-31")], "S08", ...),
        ([fact("ListingAmended", "2025-01-01")], "S08", None),
        ([fact("ListingAmended", "2024-09-30", act="remove", annual_plan=None)], "S08", None),
        ([RUNNING, evaluated("2025-02-28", "commissioning+12")], "S09", ...),
        ([RUNNING, evaluated("2025-03-01", "commissioning+12")], "S09", None),
        ([evaluated("2024-02-01", "commissioning+12"), RUNNING], "S09", None),
        ([evaluated("2024-02-01", "capacity")], "S09", None),
        ([invested("2024-02"), fact("StatisticsEnrolled", "2024-03-01")], "S11", ...),
        ([invested("2024-03"), fact("StatisticsEnrolled", "2024-03-31")], "S11", None),
        ([invested("2024-02", "reported"), fact("StatisticsEnrolled", "2024-03")], "S11", None),
        ([invested("2024-02"), invested("2024-02", yuan=6)], "S12", ...),
        ([invested("2024-02"), invested("2024-02")], "S12", None),
        ([invested("2024-02"), invested("2024-02", "reported", 6)], "S12", None),
        ([invested("2024-02", ten_day="1"), invested("2024-02", yuan=6, ten_day="2")], "S12", None),
        ([invested("2024-02", yuan=6), invested("2024-03")], "S13", ...),
        ([invested("2024-11", yuan=6), invested("2025-01")], "S13", None),
        ([invested("2024-02", yuan=6), invested("2024-03", "reported")], "S13", None),
        ([admission("2024-03-01", "pass"), admission("2024-03-20", "reject")], "S14", ...),
        (
            [admission("2024-03-01", "pass"), SUBMITTED, admission("2024-03-20", "pass")],
            "S14",
            None,
        ),
        ([admission("2024-03-01", "defer"), admission("2024-03-20", "pass")], "S14", None),
        ([admission("2024-03-01", "conditional"), admission("2024-03-20", "pass")], "S14", None),
        ([admission("2024-03-01", "pass"), admission("2024-03-20", "reject", None)], "S14", ...),
        ([admission("2024-03-01", "pass"), admission("2024-03-20", "reject", "R")], "S14", None),
        ([BEGUN, inspected("2024-06-01", "false-start")], "S15", ...),
        ([inspected("2024-05-31", "not-started"), BEGUN], "S15", None),
        ([BEGUN, inspected("2024-06-09", "false-start", "2")], "S15", None),
        (
            [BEGUN, inspected("2024-06-09", "not-started"), inspected("2024-07-09", "confirmed")],
            "S15",
            None,
        ),
        ([case("2024-03-01", 11), case("2024-03-02", 8)], "S16", ...),
        ([case("2024-03-01", 11), case("2024-03-01", 8)], "S16", None),
        ([case("2024-03-01", 11), case("2024-09-02", 15)], "S16", None),
        ([case("2024-03-01", 13), case("2024-03-02", 11)], "S16", ...),
        ([case("2024-03-01", 13), case("2024-03-02", 1), case("2024-03-08", 11)], "S16", None),
        ([case("2024-03", 13), case("2024-03-09", 11)], "S16", None),
        ([PHASE, fact("PhaseDefined", "2024-02-01", phase_id="1", ordinal=2)], "S17", ...),
        ([PHASE, fact("PhaseDefined", "2024-02-01", phase_id="2")], "S17", None),
        ([BEGUN, fact("ProjectWithdrawn", "2024-06-02")], "S20", ...),
        ([BEGUN, fact("ProjectWithdrawn", "2024-06-01")], "S20", None),
        ([BEGUN, fact("ProjectWithdrawn", "2024-06")], "S20", None),
        ([fact("ProjectWithdrawn", "2024-05-31"), BEGUN], "S20", None),
        ([PLANNED, replanned("2024-07-01", "2024-06-30", "2024-Q3")], "S18", ...),
        ([PLANNED, replanned("2024-06-30", "2024-06-30", "2024-Q3")], "S18", None),
        ([PLANNED, replanned("2024-07", "2024-06-30", "2024-Q3")], "S18", ...),
        ([PLANNED, replanned("2024", "2024-06-30", "2024-Q3")], "S18", None),
    ],
)
def test_what_facts_say_against_each_other_is_told(
    facts: list[Fact], rule: str, shown: tuple[Fact, ...] | None
) -> None:
    found = [each.facts for each in deviations(facts) if each.rule == rule]

    expected = [] if shown is None else [facts if shown is ... else shown]
    assert [sorted(each, key=fold_order) for each in found] == [
        sorted(each, key=fold_order) for each in expected
    ]


@pytest.mark.parametrize(
    ("alone", "rule"),
    [
        (ISSUED, "S06"),
        (fact("RequestAnswered", "2024-03-01", request_id="Q"), "S07"),
        (invested("2024-02"), "S11"),
    ],
)
def test_what_follows_from_nothing_recorded_is_told_apart(alone: Fact, rule: str) -> None:
    (found,) = (each for each in findings([alone]) if each.rule == rule)

    assert found.result is Result.MISSING_PREDECESSOR
    assert found.message("zh") != found.message("en")
