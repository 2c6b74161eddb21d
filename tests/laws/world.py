"""Small worlds of deliveries for the laws: projects, their facts, and what went wrong with them."""

from itertools import count
from typing import Any

from hypothesis import strategies as st

from domain.kinds import KINDS

Event = dict[str, Any]

PROJECTS = ("P1", "P2")
FACTS = (
    "ProjectSigned",
    "PhaseDefined",
    "ProjectSuspended",
    "ProjectResumed",
    "PreAssessmentSubmitted",
    "AdmissionDecided",
    "PerformanceAgreementSigned",
    "LandAwarded",
    "PermitStatusReported",
    "PermitIssued",
    "ProjectListed",
    "ListingAmended",
    "InvestmentReported",
    "MilestonePlanned",
    "MilestoneReplanned",
    "StatisticsEnrolled",
    "ConstructionStarted",
    "Commissioned",
    "OperatingResultReported",
    "FinanceLinked",
    "LoanDisbursed",
    "QuotaMoved",
    "RankingPublished",
    "BannerAwarded",
    "ProjectDetailsRevised",
    "ProjectSplitOrMerged",
    "PreAssessmentScored",
    "PerformanceAgreementAmended",
    "LandOffered",
    "LandContractSigned",
    "LandServiceListIssued",
    "LandResumedOrIdle",
    "PermitLapsedOrRevoked",
    "MilestoneForecast",
    "StartVerified",
    "PhysicalProgressReported",
    "TrialProductionStarted",
    "RemedyTracked",
    "ColourOverridden",
    "IdentitiesLinked",
    "StewardAssigned",
    "SiteVisitLogged",
    "RequestReceived",
    "RequestDispatched",
    "RequestAnswered",
    "RequestFollowedUp",
    "IssueRaised",
    "JointReviewHeld",
    "IssueResolved",
)
RELATED = (
    "ProjectSigned",
    "ProjectDetailsRevised",
    "ProjectSplitOrMerged",
    "ProjectListed",
    "ListingAmended",
    "InvestmentReported",
    "PerformanceAgreementSigned",
    "PerformanceAgreementAmended",
    "IdentitiesLinked",
    "PremisesSecured",
    "LandAwarded",
    "PhysicalProgressReported",
)
"""Kinds of which some only say what changed, so that their meaning depends on the others."""

SAYING: dict[str, dict[str, Any]] = {
    "IdentitiesLinked": {"keep": "P1", "absorb": ["P2"]},
    "PhysicalProgressReported": {"element": "installation"},
    "ProjectSplitOrMerged": {
        "from": ["P1"],
        "to": ["P1", "P2"],
        "allocation": {"P1": {"yuan": 100_000_000}, "P2": {"yuan": 50_000_000}},
    },
}
"""What examples must say otherwise to be about the projects of a world."""

DAYS = ("2024-03-05", "2024-03-06", "2024-03", "2024-Q1", "2024-06-11T09:00:00+08:00", "2024")


def event(kind: str, record: str, version: int, **parts: Any) -> Event:
    """Give a CloudEvent of one record's version."""
    given: Event = {
        "specversion": "1.0",
        "type": kind,
        "source": "/sources/approval",
        "id": f"{record}#{version}",
        "occurredon": "2024-03-05",
        "reason": "as decided",
        "data": KINDS[kind].example | SAYING.get(kind, {}),
    }
    given |= parts
    if "scope" in given["data"] and kind == "StewardAssigned":
        scope = str(given.get("subject", "project/")).partition("/")[0]
        given["data"] = {**given["data"], "scope": scope}
    return given


def registration(project: str) -> Event:
    """Give the delivery that makes a project known."""
    return event(
        "ProjectRegistered", project, 1, subject=f"project/{project}", occurredon="2024-01-02"
    )


def day_for(kind: str, days: str, month: str = "2024-05") -> str:
    """Give a date in the form that the kind wants."""
    if kind == "InvestmentReported":
        return month
    if kind == "RankingPublished":
        return {"2024": "2024", "2024-04-01": "2024-Q2"}.get(days, "2024-Q1")
    return "2023" if kind == "OperatingResultReported" else days


def subjects(kind: str) -> tuple[str, ...]:
    """Name the streams that a fact of the kind may lie in."""
    if kind == "IdentitiesLinked":
        return ("project/P1",)
    stream_types = (KINDS[kind].stream_type, *sorted(KINDS[kind].other_streams))
    return tuple(f"{stream_type}/{name}" for stream_type in stream_types for name in PROJECTS)


@st.composite
def worlds(draw: st.DrawFn, kinds: tuple[str, ...] = FACTS) -> list[Event]:
    """Draw deliveries of facts with revisions, corrections, retractions and their reversals."""
    numbers = count(1)
    world = [registration(project) for project in PROJECTS]
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=7)):
        subject = draw(st.sampled_from(subjects(kind)))
        record = f"F{next(numbers)}"
        versions = draw(st.integers(1, 3))
        for version in range(1, versions + 1):
            day = day_for(kind, draw(st.sampled_from(DAYS)))
            world.append(event(kind, record, version, subject=subject, occurredon=day))
        days = (day_for(kind, "2024-04-01"), day_for(kind, "2024", "2024-06"))
        world += draw(amendments(f"source:approval/{record}", subject, record, days))
    return world


def amendments(
    target: str, subject: str, record: str, days: tuple[str, str]
) -> st.SearchStrategy[list[Event]]:
    """Draw a correction, a correction of it, or a retraction, perhaps taken back, of a fact.

    The two corrections give one day each.
    """

    def amendment(kind: str, name: str, corrects: str, data: dict[str, Any]) -> Event:
        return event(
            kind,
            f"{record}-{name}",
            1,
            subject=subject,
            corrects=corrects,
            data=data,
            occurredon="2024-07-01",
        )

    first, second = days
    correction = amendment("EventCorrected", "c", target, {"occurred_on": first})
    again = amendment(
        "EventCorrected", "cc", f"source:approval/{record}-c", {"occurred_on": second}
    )
    retraction = amendment("EventRetracted", "r", target, {})
    restored = amendment("EventRetracted", "rr", f"source:approval/{record}-r", {})
    return st.sampled_from(
        ([], [], [correction], [correction, again], [retraction], [retraction, restored])
    )
