"""Short ways to tell facts about pools, money and policies."""

from typing import Any

from domain.fact import Fact
from domain.policy import parse
from tests.judgement.facts import fact
from tests.projections.money_and_lists import YI, of_stream


def signed(project: str, on: str, total: int = YI) -> Fact:
    return fact(
        "ProjectSigned", on, project, total_investment={"yuan": total}, fixed_asset_investment=None
    )


def started(project: str, on: str) -> Fact:
    return fact("ConstructionStarted", on, project)


def commissioned(project: str, on: str) -> Fact:
    return fact("Commissioned", on, project)


def linked(project: str, on: str, facility: str, quota: int | None = None) -> Fact:
    told = {"quota": None if quota is None else {"yuan": quota}}
    return fact("FinanceLinked", on, project, facility_id=facility, bank="农商行", **told)


def lent(project: str, on: str, yuan: int, class_: str, facility: str = "F1") -> Fact:
    told: dict[str, Any] = {"amount": {"yuan": yuan}, "class": class_}
    return fact("LoanDisbursed", on, project, facility_id=facility, **told)


def moved(act: str, quantity: str, on: str = "2024-03-01", pool: str = "P", **more: Any) -> Fact:
    told = {"pool_id": pool, "act": act, "quantity": quantity, "district": None} | more
    return of_stream(fact("QuotaMoved", on, None, **told), f"pool/{pool}")


def adopted(
    kind: str,
    rules: str = "",
    *,
    jurisdiction: str = "CN",
    version: str = "1",
    since: str = "2015-01-01",
) -> Fact:
    """Adopt a policy of a kind from its rules as TOML."""
    section = kind.replace("-", "_")
    body = f"""
[policy]
id = "{kind}/test"
version = "{version}"
kind = "{kind}"
jurisdiction = "{jurisdiction}"
effective_from = {since}
[{section}]
{rules}
"""
    policy = parse(body)
    told = fact(
        "PolicyAdopted",
        "2020-01-01",
        None,
        policy_id=policy.id,
        kind=policy.kind,
        version=policy.version,
        effective_from=policy.effective_from.isoformat(),
        effective_to=None,
        sha256=policy.sha256,
        body=body,
    )
    return of_stream(told, f"policy/{policy.id}")
