"""The source systems of the demonstration, and the offices that speak through them.

Every office and every person is invented: the surname is real, the rest says 示例 (example).
"""

from dataclasses import dataclass
from functools import cache

SYSTEMS = {
    "ProjectRegistered": "investment-promotion",
    "ProjectSigned": "investment-promotion",
    "ProjectCodeAssigned": "approval",
    "InvestmentApprovalObtained": "approval",
    "PhaseDefined": "steward",
    "ProjectSuspended": "steward",
    "ProjectResumed": "steward",
    "ProjectWithdrawn": "steward",
    "ProjectTerminated": "drc",
    "PreAssessmentSubmitted": "drc",
    "AdmissionDecided": "drc",
    "PerformanceAgreementSigned": "land",
    "LandAwarded": "land",
    "LandDelivered": "land",
    "PremisesSecured": "park",
    "SimulatedApprovalOpened": "approval",
    "PermitIssued": "approval",
    "PermitStatusReported": "approval",
    "OffListRequirementRaised": "steward",
    "MajorProjectListPublished": "drc",
    "ProjectListed": "drc",
    "ListingAmended": "drc",
    "StatisticsEnrolled": "statistics",
    "InvestmentReported": "statistics",
    "MilestonePlanned": "steward",
    "MilestoneReplanned": "drc",
    "ConstructionStarted": "steward",
    "CompletionAccepted": "approval",
    "Commissioned": "park",
    "CapacityReached": "drc",
    "OperatingResultReported": "tax",
    "PostEvaluationCompleted": "drc",
    "PolicyAdopted": "drc",
    "TargetSet": "drc",
    "FinanceLinked": "bank",
    "LoanDisbursed": "bank",
    "StewardAssigned": "steward",
    "SiteVisitLogged": "steward",
    "RequestReceived": "hotline",
    "RequestDispatched": "hotline",
    "RequestAnswered": "hotline",
    "RequestFollowedUp": "hotline",
    "IssueRaised": "steward",
    "IssueResolved": "steward",
    "JointReviewHeld": "drc",
    "QuotaMoved": "quota-office",
    "RankingPublished": "drc",
    "BannerAwarded": "drc",
    "ProjectDetailsRevised": "steward",
    "ProjectSplitOrMerged": "drc",
    "PreAssessmentScored": "drc",
    "PerformanceAgreementAmended": "land",
    "LandOffered": "land",
    "LandContractSigned": "land",
    "LandServiceListIssued": "approval",
    "LandResumedOrIdle": "land",
    "PermitLapsedOrRevoked": "approval",
    "MilestoneForecast": "steward",
    "StartVerified": "drc",
    "PhysicalProgressReported": "steward",
    "TrialProductionStarted": "park",
    "RemedyTracked": "drc",
    "IdentitiesLinked": "drc",
    "ColourOverridden": "drc",
    "EventCorrected": "drc",
    "EventRetracted": "drc",
}
"""The system that usually tells a kind of fact."""

PREFIXES = {
    "approval": "SP",
    "bank": "YH",
    "dispatch": "DD",
    "drc": "FG",
    "hotline": "RX",
    "investment-promotion": "ZS",
    "land": "TD",
    "park": "YQ",
    "quota-office": "ZB",
    "statistics": "TJ",
    "steward": "GJ",
    "tax": "SW",
}
"""How the record numbers of a system begin."""

HOURS = {
    "investment-promotion": 9,
    "approval": 10,
    "land": 11,
    "bank": 12,
    "hotline": 8,
    "steward": 13,
    "park": 14,
    "statistics": 15,
    "dispatch": 16,
    "tax": 17,
    "drc": 18,
    "quota-office": 19,
}
"""The hour of the day at which a system delivers what it has."""

CITIES = {"320412": "武进区", "320582": "张家港市", "3206": "南通市", "3211": "镇江市"}
"""The names of the jurisdictions by the beginning of their codes."""
PROVINCE = "江苏省"

_OFFICES = {
    "approval": ("数据局", "approval-clerk", "孙示例"),
    "bank": ("银行业协会", "banker", "卫示例"),
    "dispatch": ("发展和改革委员会", "dispatcher", "李示例"),
    "hotline": ("12345热线企业服务专席", "operator", "蒋示例"),
    "drc": ("发展和改革委员会", "planner", "周示例"),
    "investment-promotion": ("商务局", "promoter", "吴示例"),
    "land": ("自然资源和规划局", "land-officer", "郑示例"),
    "park": ("园区管理办公室", "park-officer", "钱示例"),
    "quota-office": ("指标集中池管理办公室", "quota-officer", "沈示例"),
    "statistics": ("统计局", "statistician", "冯示例"),
    "steward": ("重大项目管家团队", "steward", "陈示例"),
    "tax": ("税务局", "tax-officer", "褚示例"),
}


@dataclass(frozen=True, slots=True)
class Office:
    """Who delivers the facts of one system in one city."""

    id: str
    org: str
    role: str
    name: str


@cache
def seat_of(region: str) -> str:
    """Give the code of the jurisdiction that a region lies in, or the region's own."""
    return next((code for code in CITIES if region.startswith(code)), region)


def city_of(region: str) -> str:
    """Name the city or district that a code lies in."""
    return CITIES.get(seat_of(region), PROVINCE)


@cache
def office(system: str, region: str) -> Office:
    """Give the office that answers for a system's facts about a region."""
    name, role, person = _OFFICES[system]
    return Office(
        id=f"{system}@{seat_of(region)}", org=f"{city_of(region)}{name}", role=role, name=person
    )
