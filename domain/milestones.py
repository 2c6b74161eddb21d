"""The nodes of a project's life, and which facts set them."""

from enum import StrEnum
from typing import Any, Final


class Milestone(StrEnum):
    """A node whose date can be planned, forecast or actual, in the order of a usual life."""

    REGISTERED = "registered"
    SIGNED = "signed"
    CODE_ASSIGNED = "code_assigned"
    APPROVED = "approved"
    PRE_ASSESSED = "pre_assessed"
    ADMITTED = "admitted"
    AGREEMENT_SIGNED = "agreement_signed"
    LAND_OFFERED = "land_offered"
    LAND_AWARDED = "land_awarded"
    LAND_CONTRACTED = "land_contracted"
    LAND_DELIVERED = "land_delivered"
    PERMITS_COMPLETE = "permits_complete"
    CONSTRUCTION_PERMIT = "construction_permit"
    CONSTRUCTION_STARTED = "construction_started"
    STATISTICS_ENROLLED = "statistics_enrolled"
    TOPPED_OUT = "topped_out"
    COMPLETION_ACCEPTED = "completion_accepted"
    TRIAL_PRODUCTION = "trial_production"
    COMMISSIONED = "commissioned"
    CAPACITY_REACHED = "capacity_reached"
    POST_EVALUATED = "post_evaluated"


_SET_BY: Final[dict[str, tuple[str, ...]]] = {
    "ProjectRegistered": ("registered",),
    "ProjectSigned": ("signed",),
    "ProjectCodeAssigned": ("code_assigned",),
    "InvestmentApprovalObtained": ("approved",),
    "PreAssessmentSubmitted": ("pre_assessed",),
    "PerformanceAgreementSigned": ("agreement_signed",),
    "LandOffered": ("land_offered",),
    "LandAwarded": ("land_awarded",),
    "LandContractSigned": ("land_contracted",),
    "LandDelivered": ("land_delivered",),
    "ConstructionStarted": ("construction_started",),
    "StartVerified": ("start_verified",),
    "StatisticsEnrolled": ("statistics_enrolled",),
    "CompletionAccepted": ("completion_accepted",),
    "TrialProductionStarted": ("trial_production",),
    "Commissioned": ("commissioned",),
    "CapacityReached": ("capacity_reached",),
    "PostEvaluationCompleted": ("post_evaluated",),
    "PremisesSecured": ("premises_secured",),
    "SimulatedApprovalOpened": ("simulated_approval_opened",),
    "ProjectSuspended": ("suspended",),
    "ProjectResumed": ("resumed",),
    "ProjectWithdrawn": ("withdrawn",),
    "ProjectTerminated": ("terminated",),
}

_ELEMENTS: Final = {"topping-out": "topped_out", "installation": "equipment_installed"}
_ADMITTING: Final = frozenset({"pass", "conditional"})
_ISSUED: Final = ("permit_issued",)
_BUILDING: Final = ("permit_issued", "construction_permit")


def reached(kind: str, payload: dict[str, Any]) -> tuple[str, ...]:
    """Give the marks a fact sets: milestones, and the other turns the lifecycle depends on.

    Marks are plain texts, since databases would write an enumeration by its member's name. A
    status from a simulated approval is a rehearsal and applies for no permit.
    """
    marks = _SET_BY.get(kind)
    if marks is not None:
        return marks
    if kind == "PermitIssued":
        return _BUILDING if payload["permit_kind"] == "construction_permit" else _ISSUED
    if kind == "AdmissionDecided" and payload["outcome"] in _ADMITTING:
        return ("admitted",)
    if kind == "PhysicalProgressReported" and payload.get("element") in _ELEMENTS:
        return (_ELEMENTS[payload["element"]],)
    if kind == "PermitStatusReported" and not payload["simulated"]:
        return ("permit_applied",)
    return ()
