"""Find changes that name another old value than the one that stood."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.agreement_terms import DUE_DAYS
from domain.fact import Fact
from domain.revisions import (
    REGISTERED_DETAILS,
    SIGNED_DETAILS,
    Payload,
    agreements,
    registrations,
    signings,
)

REPLAN = "MilestoneReplanned"
PLANS = frozenset({"MilestonePlanned", REPLAN})


def misquoted(facts: Sequence[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Give every change that names another old value than stood, with the fact that said that.

    Facts are in fold order. A change without an old value says that there was none. What stood is
    what the last fact of the matter said that surely did not come later, so a change is right or
    wrong whatever day it is looked at from.
    """
    for stated, names in (
        (registrations(facts), REGISTERED_DETAILS),
        (signings(facts), SIGNED_DETAILS),
    ):
        for fact, _, before in stated:
            if before is not None:
                changes = {n: c for n, c in fact.payload["changes"].items() if n in names}
                if not all(_quotes(change, before.whole.get(n)) for n, change in changes.items()):
                    yield fact, before.fact
    for fact, _, before in agreements(facts):
        if before is not None:
            terms = _terms(before.whole)
            changes = fact.payload["changes"]
            if not all(_quotes(change, terms.get(n)) for n, change in changes.items()):
                yield fact, before.fact
    yield from _misquoted_plans(facts)


def _terms(agreement: Payload) -> Payload:
    """Give all that an amendment may change, by name."""
    return {**agreement["indicators"], **{name: agreement.get(name) for name in DUE_DAYS}}


def _misquoted_plans(facts: Sequence[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Give the re-plans that name another day than was planned for their node."""
    plans = [fact for fact in facts if fact.kind in PLANS]
    for place, fact in enumerate(plans):
        if fact.kind == REPLAN:
            before = (
                plan
                for plan in reversed(plans[:place])
                if (plan.payload["plan_id"], plan.payload["node"])
                == (fact.payload["plan_id"], fact.payload["node"])
                and plan.occurred_on.latest <= fact.occurred_on.latest
            )
            plan = next(before, None)
            if plan is not None and _planned(plan) != fact.payload["old"]:
                yield fact, plan


def _planned(plan: Fact) -> str:
    return str(plan.payload["new" if plan.kind == REPLAN else "planned"])


def _quotes(change: Mapping[str, Any], held: Any) -> bool:
    """Tell whether a change names what was held; terms that it does not mention do not matter."""
    old = change.get("old")
    if old is None or held is None:
        return old is held
    if isinstance(old, dict):
        # Of an amount of money only the amount counts, not how it was written.
        told = {"yuan": old["yuan"]} if "yuan" in old else old
        return all(held.get(name) == value for name, value in told.items())
    return bool(old == held)
