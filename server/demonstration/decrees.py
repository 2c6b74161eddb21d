"""Adopt the policies that the demonstration judges by, and set the targets it is judged against.

The policies are those of the library that hold nationwide or in the three cities, read when the
demonstration is told, and two invented editions of a post-evaluation rule beside this module: one
project gets another grade under the second. The targets were published.
"""

from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from domain.policies import presets
from domain.policy import Policy, parse
from domain.policy_rules import FourEyesRules
from server.demonstration.book import Book
from server.demonstration.days import later
from server.demonstration.portfolio import IMPORTED, NANTONG, Portfolio

HOME = ("", "320412", "320582", "3206", "3211")
"""The jurisdictions of the demonstration; "" is the whole country."""

FIRST_ADOPTION = date(2021, 1, 4)
FIRST_IMPORTED = date(2016, 1, 4)
"""Nantong's policies came with its import."""

TARGETS = (
    ("320582-2025-h1-start", "start_rate", "320582/provincial/prefecture", ">", "90", "2025-06-30"),
    ("3211-2025-h1-provincial", "start_rate", "3211/provincial", ">=", "100", "2025-06-30"),
    ("3211-2025-h1-municipal", "start_rate", "3211/municipal", ">=", "85", "2025-06-30"),
    ("3211-2025-q3-municipal", "start_rate", "3211/municipal", ">=", "100", "2025-09-30"),
    ("320582-2025-new-projects", "new_projects_over_1yi", "320582", ">", "300", "2025-12-31"),
    ("3211-2025-investment", "investment", "3211/municipal", ">", "610", "2025-12-31"),
    ("3211-2025-park-entry", "park_entry_rate", "3211", ">=", "95", "2025-12-31"),
    ("3211-2025-manufacturing", "manufacturing_share", "3211", ">=", "90", "2025-12-31"),
    ("3211-2025-stock-land", "stock_land", "3211", ">=", "4200", "2025-12-31"),
)
"""Target, metric, scope, comparison, threshold and due date of what was published."""

UNITS = {"new_projects_over_1yi": "count", "investment": "yi_yuan", "stock_land": "mu"}
"""What the thresholds count; all others are percent."""


def decrees(portfolio: Portfolio) -> Book:
    """Write the book of policies and targets."""
    book = Book(f"{portfolio.seed}/decrees", "320000", noise=portfolio.noise)
    for policy in _policies():
        _adopt(book, policy)
    for target, metric, scope, comparator, threshold, due in TARGETS:
        region = scope.partition("/")[0]
        book.tell(
            "TargetSet",
            f"target/{target}",
            date(2025, 1, 20),
            {
                "target_id": target,
                "metric": metric,
                "scope": scope,
                "threshold": threshold,
                "unit": UNITS.get(metric, "percent"),
                "comparator": comparator,
                "due": due,
            },
            region=region,
            steady=True,
        )
    return book


def _policies() -> Iterator[Policy]:
    """Give the presets in force at home, then the editions of the demonstration."""
    # Which facts need two persons is for an office to adopt, not for a history.
    yield from (
        policy
        for policy in presets()
        if policy.jurisdiction in HOME and policy.kind != FourEyesRules.kind
    )
    yield from _editions()


def edition(reference: str) -> Policy:
    """Give an invented edition by its `<policy id>@<version>`."""
    return next(policy for policy in _editions() if policy.ref == reference)


def _editions() -> Iterator[Policy]:
    """Read the invented editions, the oldest first."""
    folder = files("server.demonstration").joinpath("policies")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        yield parse(file.read_text(encoding="utf-8"))


def _adopt(book: Book, policy: Policy) -> None:
    """Adopt a policy (政策版本生效) two weeks before it takes effect, the oldest at the outset."""
    imported = policy.jurisdiction == NANTONG
    first = FIRST_IMPORTED if imported else FIRST_ADOPTION
    adopted = max(later(policy.effective_from, -14), first)
    data = {
        "policy_id": policy.id,
        "kind": policy.kind,
        "version": policy.version,
        "effective_from": policy.effective_from.isoformat(),
        "sha256": policy.sha256,
        "body": policy.body,
    }
    if policy.effective_to is not None:
        data["effective_to"] = policy.effective_to.isoformat()
    book.tell(
        "PolicyAdopted",
        f"policy/{policy.id}",
        adopted,
        data,
        told_on=IMPORTED if imported else later(adopted, 1),
        region=policy.jurisdiction or "320000",
        evidence=f"{policy.id} {policy.version}",
        steady=True,
    )
