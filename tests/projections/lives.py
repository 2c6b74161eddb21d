"""Random lives of projects under policies of every sort, to compare two readings of them."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from domain.fact import Fact
from domain.kinds.permits import STATUS_NAMES
from domain.milestones import Milestone
from domain.policies import presets
from domain.policy import Policy, parse
from tests.judgement.facts import PERMITS, fact

PHASES = (None, None, None, "1", "2")
DISTRICTS = ("320582", "320412", "320581", "320583", "320585", "320509")
NODES = (
    "signed",
    "land_awarded",
    "permits_complete",
    "construction_permit",
    "construction_started",
    "commissioned",
)
_FIRST = date(2023, 12, 1)

_OTHERS = (
    (
        "320581",
        """
baseline = "original"
aggregate = "next-node"
late_done = "keep-red-until-next-node"
suspended = "judged"
[[colour.node]]
match = "*"
warning_days = 20
grace_days = 5
[[colour.node]]
match = "construction_started"
due = "month-end"
grace_months = 1
warning_days = -1
""",
    ),
    (
        "320583",
        """
aggregate = "weighted"
count_days = "work"
late_done = "yellow"
no_plan = "green"
month_precision_due = "period-start"
[[colour.node]]
match = "*"
warning_days = 10
grace_days = 3
[[colour.node]]
match = "construction_started"
weight = 3
[colour.pace]
enabled = true
unit = "pp"
yellow_at = 10
red_above = 30
""",
    ),
    (
        "320585",
        """
[colour.pace]
enabled = true
unit = "ratio"
basis = "statistical"
yellow_below = 80
red_below = 60
""",
    ),
    (
        "320509",
        """
late_done = "keep-red-until-next-node"
[colour.pace]
enabled = true
unit = "shortfall"
yellow_above = 0
red_above = 50
""",
    ),
)


def _body(district: str, rules: str) -> str:
    return f"""[policy]
id = "colour/test-{district}"
version = "1"
kind = "colour"
jurisdiction = "{district}"
effective_from = 2024-02-01
effective_to = 2024-10-31
basis = "a test"
[colour]
{rules}"""


POLICIES: tuple[Policy, ...] = (
    *presets(),
    *(parse(_body(district, rules.lstrip())) for district, rules in _OTHERS),
)


def adoption(policy: Policy) -> Fact:
    """Adopt a policy long ago."""
    told = fact(
        "PolicyAdopted",
        "2020-01-01",
        None,
        policy_id=policy.id,
        kind=policy.kind,
        version=policy.version,
        effective_from=policy.effective_from.isoformat(),
        effective_to=None if policy.effective_to is None else policy.effective_to.isoformat(),
        sha256=hashlib.sha256(policy.body.encode()).hexdigest(),
        body=policy.body,
    )
    return replace(told, stream=f"policy/{policy.id}")


def adoptions() -> list[Fact]:
    """Adopt every policy."""
    return [adoption(policy) for policy in POLICIES]


days = st.integers(0, 400).map(lambda number: (_FIRST + timedelta(days=number)).isoformat())
coarse = st.sampled_from(("2024-03", "2024-07", "2024-Q2", "2024-H1", "2024", "2023"))
dates = st.one_of(days, days, days, coarse)
phases = st.sampled_from(PHASES)
yuan = st.integers(0, 120).map(lambda number: {"yuan": number * 10_000_000})


def _of(kind: str, /, **fields: Any) -> st.SearchStrategy[tuple[str, str, dict[str, Any]]]:
    strategies = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value)
        for name, value in fields.items()
    }
    return st.tuples(st.just(kind), dates, st.fixed_dictionaries(strategies))


_plan_ids = st.sampled_from(("a", "b"))
_nodes = st.sampled_from(NODES)
_scopes = st.sampled_from(("project", "project", "1", "2"))
_targets = st.sampled_from(({"target": "919"}, {"target": "850"}))

STORIES = st.one_of(
    _of("ProjectSigned", total_investment=yuan),
    _of(
        "ProjectCodeAssigned",
        code=st.sampled_from(tuple(f"2407-320582-89-01-10000{n}" for n in range(9))),
    ),
    _of(
        "InvestmentApprovalObtained",
        mode=st.sampled_from(("filing", "verification", "approval")),
        doc_no=st.sampled_from(("d1", "d2")),
        valid_until=st.one_of(st.none(), dates),
    ),
    _of("PhaseDefined", phase_id="1", ordinal=1, uses_existing_premises=st.booleans()),
    _of("PhaseDefined", phase_id="2", ordinal=2, uses_existing_premises=st.booleans()),
    _of("ProjectSuspended", scope=_scopes),
    _of("ProjectResumed", scope=_scopes),
    _of("PreAssessmentSubmitted"),
    _of("AdmissionDecided", outcome=st.sampled_from(("pass", "conditional", "reject"))),
    _of("LandAwarded", phase_id=phases, area_mu=st.sampled_from(("53.05", "52.5", "50"))),
    _of("PerformanceAgreementSigned", start_due=dates),
    _of(
        "PerformanceAgreementAmended",
        changes=st.fixed_dictionaries(
            {"investment_intensity": st.fixed_dictionaries({"old": _targets, "new": _targets})}
        ),
    ),
    _of(
        "ProjectDetailsRevised",
        changes=st.fixed_dictionaries(
            {
                "park": st.fixed_dictionaries(
                    {"new": st.sampled_from(("东", "西"))},
                    optional={"old": st.sampled_from(("东", "西"))},
                )
            }
        ),
    ),
    _of("IssueRaised", issue_id=st.sampled_from(("i", "j"))),
    _of("IssueResolved", issue_id=st.sampled_from(("i", "j"))),
    _of("RequestReceived", request_id=st.sampled_from(("i", "j"))),
    _of("RequestAnswered", request_id=st.sampled_from(("i", "j"))),
    _of("LandDelivered", phase_id=phases),
    _of("PremisesSecured", phase_id=phases, kind=st.sampled_from(("lease", "owned-plant"))),
    _of("SimulatedApprovalOpened", phase_id=phases),
    _of(
        "PermitStatusReported",
        phase_id=phases,
        permit_kind=st.sampled_from(PERMITS),
        status=st.sampled_from(tuple(STATUS_NAMES)),
        simulated=st.booleans(),
    ),
    _of(
        "PermitIssued",
        phase_id=phases,
        permit_kind=st.sampled_from(PERMITS),
        certificate_no=st.sampled_from(("320582202406120101", "another")),
        valid_until=st.one_of(st.none(), dates),
        stage=st.sampled_from((None, None, "piling", "whole")),
    ),
    _of("OffListRequirementRaised", status=st.sampled_from(("open", "dropped", "upheld"))),
    _of("StatisticsEnrolled", phase_id=phases),
    _of(
        "ConstructionStarted",
        phase_id=phases,
        basis=st.sampled_from(("permit", "staged-permit", "filing")),
    ),
    _of("CompletionAccepted", phase_id=phases, scope=st.sampled_from(("whole", "unit"))),
    _of("TrialProductionStarted", phase_id=phases),
    _of(
        "PhysicalProgressReported",
        phase_id=phases,
        element=st.sampled_from(("topping-out", "installation", "piling", None)),
        developed_mu=st.sampled_from((None, "10", "40")),
    ),
    _of(
        "StartVerified",
        phase_id=phases,
        verdict=st.sampled_from(("confirmed", "not-started", "false-start")),
    ),
    _of("LandOffered"),
    _of(
        "LandContractSigned",
        parcel_id=st.sampled_from(("2024-G-017", "other", None)),
        start_due=dates,
    ),
    _of("LandResumedOrIdle", act=st.sampled_from(("idle-declared", "fee", "resumed"))),
    _of(
        "ColourOverridden",
        node=st.none(),
        colour=st.sampled_from(("red", "green")),
        until=dates,
    ),
    _of("PermitLapsedOrRevoked"),
    _of("Commissioned", phase_id=phases),
    _of("CapacityReached", phase_id=phases),
    _of(
        "PostEvaluationCompleted",
        checkpoint=st.sampled_from(("capacity", "commissioning+12", "annual")),
        actual=st.sampled_from(
            ({}, {"investment_intensity": "900"}, {"investment_intensity": "950"})
        ),
    ),
)
PLANS = st.one_of(
    _of(
        "MilestonePlanned",
        plan_id=_plan_ids,
        phase_id=phases,
        node=_nodes,
        planned=dates,
        warning_days=st.sampled_from((None, None, 5, 40)),
    ),
    _of(
        "MilestoneReplanned",
        plan_id=_plan_ids,
        phase_id=phases,
        node=_nodes,
        new=dates,
        counts_as_new_baseline=st.booleans(),
    ),
)
MONEY = st.one_of(
    _of("ProjectListed", list_id=st.sampled_from(("m", "p")), annual_plan=yuan),
    _of(
        "ListingAmended",
        list_id=st.sampled_from(("m", "p")),
        act=st.sampled_from(("add", "remove", "replan")),
        annual_plan=yuan,
    ),
    st.tuples(
        st.just("InvestmentReported"),
        st.integers(1, 12).map(lambda month: f"2024-{month:02d}"),
        st.fixed_dictionaries(
            {
                "basis": st.sampled_from(("statistical", "reported")),
                "ytd": yuan,
                "cumulative": st.none(),
                "composition": st.none(),
            }
        ),
    ),
)


def publications() -> list[Fact]:
    """Publish two lists of 2024."""
    return [
        replace(
            fact(
                "MajorProjectListPublished",
                "2024-01-10",
                None,
                list_id=name,
                level=level,
                year=2024,
                version="1",
            ),
            stream=f"list/{name}",
            project=None,
        )
        for name, level in (("m", "municipal"), ("p", "provincial"))
    ]


def targets() -> list[Fact]:
    """Set targets for 2024, one of each sort of measure."""
    wanted = ("start_rate", "signed_investment_1yi", "starts", "late_enrolments", "land_awarded")
    return [
        replace(
            fact("TargetSet", "2024-01-05", None, **_target(metric), due="2024-12-31"),
            stream=f"target/{metric}",
            project=None,
        )
        for metric in wanted
    ]


def _target(metric: str) -> dict[str, str]:
    """Name a target after its metric; that for starts is set for one prefecture."""
    scope = "3205" if metric == "starts" else "32"
    return {"target_id": metric, "metric": metric, "scope": scope}


@st.composite
def lives(draw: st.DrawFn, name: str = "p1") -> list[Fact]:
    """Tell a life; with a termination or a withdrawal now and then."""
    told: Sequence[tuple[str, str, dict[str, Any]]] = [
        *draw(st.lists(STORIES, max_size=14)),
        *draw(st.lists(PLANS, max_size=8)),
        *draw(st.lists(MONEY, max_size=5)),
    ]
    facts = [fact(kind, on, name, **fields) for kind, on, fields in told]
    if draw(st.integers(0, 11)) == 0:
        facts.append(
            fact(draw(st.sampled_from(("ProjectTerminated", "ProjectWithdrawn"))), draw(days), name)
        )
    district = draw(st.sampled_from(DISTRICTS))
    industry = draw(st.sampled_from(("C3311", "H61", "33", "61")))
    on = draw(st.sampled_from(("2023-11-01", "2023-11-01", "2024-03-05")))
    facts.append(fact("ProjectRegistered", on, name, district=district, industry_gb4754=industry))
    return facts


__all__ = ["POLICIES", "Milestone", "adoptions", "days", "lives", "publications", "targets"]
