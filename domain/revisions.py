"""What a project and its agreements say after they were revised.

A fact that only says what changed is laid over what stood before it: the last fact of its matter,
in fold order, that surely did not come later. One with nothing to lie over says nothing. So the
whole that a revision gives depends on no day from which it is looked at.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from domain.agreement_terms import DUE_DAYS
from domain.fact import Fact

Payload = dict[str, Any]

REGISTRATION: Final = "ProjectRegistered"
SIGNING: Final = "ProjectSigned"
REVISION: Final = "ProjectDetailsRevised"
AGREEMENT: Final = "PerformanceAgreementSigned"
AMENDMENT: Final = "PerformanceAgreementAmended"

REGISTERED_DETAILS: Final = frozenset(
    {
        "title",
        "enterprise_ref",
        "district",
        "park",
        "industry_gb4754",
        "intended_investment",
        "intended_land_mu",
    }
)
SIGNED_DETAILS: Final = frozenset(
    {"total_investment", "fixed_asset_investment", "registered_capital", "origin_region"}
)


class Stated(NamedTuple):
    """A fact with all that is said of its matter from then on, and what it was laid over."""

    fact: Fact
    whole: Payload
    before: "Stated | None" = None


def _laid_over(
    facts: Iterable[Fact],
    base: str,
    revising: str,
    revise: Callable[[Payload, Fact], Payload | None],
) -> list[Stated]:
    """Lay every revising fact over what stood before it; facts are in fold order.

    `revise` gives the new whole, or None where the fact does not speak of that matter.
    """
    stated: list[Stated] = []
    for fact in facts:
        if fact.kind == base:
            stated.append(Stated(fact, fact.payload))
        elif fact.kind == revising:
            latest = fact.occurred_on.latest
            before = (s for s in reversed(stated) if s.fact.occurred_on.latest <= latest)
            wholes = ((each, revise(each.whole, fact)) for each in before)
            found = next(((each, whole) for each, whole in wholes if whole is not None), None)
            if found is not None:
                stated.append(Stated(fact, found[1], found[0]))
    return stated


def registrations(facts: Iterable[Fact]) -> list[Stated]:
    """Give every registration and what it became by each revision; facts are in fold order."""
    return _laid_over(facts, REGISTRATION, REVISION, _details(REGISTERED_DETAILS))


def signings(facts: Iterable[Fact]) -> list[Stated]:
    """Give every signing and what it became by each revision; facts are in fold order."""
    return _laid_over(facts, SIGNING, REVISION, _details(SIGNED_DETAILS))


def agreements(facts: Iterable[Fact]) -> list[Stated]:
    """Give every agreement and what it became by each amendment; facts are in fold order."""
    return _laid_over(facts, AGREEMENT, AMENDMENT, _amended)


def _details(names: frozenset[str]) -> Callable[[Payload, Fact], Payload | None]:
    """Revise details of these names; a detail without a new value is gone."""

    def revise(whole: Payload, fact: Fact) -> Payload | None:
        """Lay the changes of one revision over what stood."""
        changes = {name: c for name, c in fact.payload["changes"].items() if name in names}
        if not changes:
            return None
        kept = {name: value for name, value in whole.items() if name not in changes}
        return kept | {name: c["new"] for name, c in changes.items() if "new" in c}

    return revise


def _amended(whole: Payload, fact: Fact) -> Payload | None:
    """Lay an amendment over the agreement it names, or over the last one where it names none."""
    named = fact.payload.get("agreement_id")
    if named is not None and named != whole["agreement_id"]:
        return None
    changes = fact.payload["changes"]
    dues = {name: changes[name]["new"] for name in DUE_DAYS if changes.get(name, {}).get("new")}
    indicators = dict(whole["indicators"])
    for code, change in changes.items():
        if code in DUE_DAYS:
            continue
        terms = indicators.pop(code, {})
        if "new" in change:
            indicators[code] = terms | change["new"]
    return whole | dues | {"indicators": indicators, "version": fact.payload["version"]}
