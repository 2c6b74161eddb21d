"""Service given to a project and an enterprise, for questions about stewards, requests, issues."""

from typing import Any

from domain.kinds import KINDS

RECEIVED = "2025-04-01T09:00:00+08:00"
"""After everything that the demonstration tells."""

MORNING = "2024-03-04T09:00:00+08:00"
NOON = "2024-03-04T12:30:00+08:00"
ENTERPRISE = "enterprise/91320582MA1XXXXX0K"


def service(project: str) -> list[dict[str, Any]]:
    """Give a few deliveries about one project, one enterprise and two meetings."""
    told = (
        ("StewardAssigned", project, "2024-01-05", {"to": None}),
        ("StewardAssigned", project, "2024-02", {"role": "agent", "to": "2025-06"}),
        ("StewardAssigned", ENTERPRISE, "2024-01-05", {"scope": None, "district": "320582"}),
        ("SiteVisitLogged", project, "2024-03-02", {}),
        ("SiteVisitLogged", ENTERPRISE, "2025-01-11", {"district": "321100"}),
        ("RequestAnswered", project, NOON, {}),
        ("RequestReceived", project, MORNING, {}),
        ("RequestDispatched", project, "2024-03-04T10:00:00+08:00", {"resolve_due": "2024-04-19"}),
        ("RequestFollowedUp", project, "2024-03-06", {}),
        ("RequestReceived", ENTERPRISE, "2024-12-20", {"category": "else", "district": "320582"}),
        ("IssueRaised", project, "2024-03-02", {}),
        ("IssueRaised", project, "2024-04-02", {"issue_id": "WT-2", "category": "finance"}),
        ("IssueResolved", project, "2024-05-02", {"issue_id": "WT-2"}),
        ("JointReviewHeld", "meeting/LS-1", "2024-03-15", {"projects": None}),
        ("JointReviewHeld", "meeting/LS-2", "2025-01-12", {"level": "team", "district": "321100"}),
        ("PermitStatusReported", project, "2024-05-03", {"case_no": "SERVICE-1"}),
    )
    return [
        {
            "specversion": "1.0",
            "id": f"SERVICE-{number}#1",
            "source": "/sources/investment-promotion",
            "type": kind,
            "subject": subject,
            "occurredon": day,
            "receivedat": RECEIVED,
            "data": _filled({**KINDS[kind].example, **changes}),
        }
        for number, (kind, subject, day, changes) in enumerate(told)
    ]


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is taken away from an example."""
    return {name: value for name, value in data.items() if value is not None}
