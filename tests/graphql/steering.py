"""Facts by which a city steers, for questions about finance, pools and published rankings."""

from typing import Any

from domain.kinds import KINDS
from domain.policies import preset

RECEIVED = "2026-03-02T09:00:00+08:00"
"""After everything that the demonstration tells."""


def steering(project: str) -> list[dict[str, Any]]:
    """Give a few deliveries about money of a project and about what belongs to none."""
    told = (
        ("FinanceLinked", project, "2024-02-01", {}),
        ("LoanDisbursed", project, "2024-03-01", {}),
        ("LoanDisbursed", project, "2025-03", {"class": "carried", "facility_id": "elsewhere"}),
        ("QuotaMoved", "pool/320582-energy", "2024-01-05", {"act": "credit", "quantity": "900"}),
        ("QuotaMoved", "pool/320582-energy", "2024-02-05", {"act": "allocate"}),
        ("QuotaMoved", "pool/NT", "2024", {"resource": "tp_t", "district": None}),
        ("RankingPublished", "round/2024-Q2", "2024-Q2", {"round_id": "2024-Q2"}),
        ("PolicyAdopted", "policy/ranking", "2023-01-05", _adoption("ranking/jiangsu@2023.1")),
        ("BannerAwarded", "round/2024-Q2", "2024-08-01", {"round_id": "2024-Q2"}),
    )
    return [
        {
            "specversion": "1.0",
            "id": f"STEERING-{number}#1",
            "source": "/sources/investment-promotion",
            "type": kind,
            "subject": subject,
            "occurredon": day,
            "receivedat": RECEIVED,
            "data": {**KINDS[kind].example, **changes},
        }
        for number, (kind, subject, day, changes) in enumerate(told)
    ]


def _adoption(reference: str) -> dict[str, Any]:
    """Give what the adoption of a preset says."""
    policy = preset(reference)
    return {
        "policy_id": policy.id,
        "kind": policy.kind,
        "version": policy.version,
        "effective_from": policy.effective_from.isoformat(),
        "effective_to": None,
        "sha256": policy.sha256,
        "body": policy.body,
    }
