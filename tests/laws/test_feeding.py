"""What is drafted while the batch before it is being committed is what it would be afterwards."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.draft import Draft
from domain.kinds import KINDS
from domain.policies import presets
from domain.receipt import Receipt, Status
from intake.appending import Appending
from tests.laws.conftest import EVERYTHING, World
from tests.laws.world import Event, event, registration, worlds

MOSTLY_PLAIN = (
    *("ProjectSigned", "LandAwarded", "InvestmentReported", "ConstructionStarted", "Commissioned"),
    *("ProjectCodeAssigned", "IdentitiesLinked", "StatisticsEnrolled"),
)
CODE = "code:2407-320582-89-01-729324"


def adoption() -> Event:
    """Adopt the policy under which facts are held against what is known of a project."""
    [policy] = [policy for policy in presets() if policy.kind == "plausibility"]
    payload = {
        "policy_id": policy.id,
        "kind": policy.kind,
        "version": policy.version,
        "effective_from": policy.effective_from.isoformat(),
        "sha256": policy.sha256,
        "body": policy.body,
    }
    return event("PolicyAdopted", "plausibility", 1, data=payload, occurredon="2020-01-01")


def by_alias(project: str) -> list[Event]:
    """Register a project by its record, and tell a fact of it by that and one by its code."""
    unnamed = registration(project) | {"id": f"lead-{project}#1"}
    del unnamed["subject"]
    named = event("LandDelivered", f"land-{project}", 1, subject=f"source:approval/lead-{project}")
    return [unnamed, named, event("Commissioned", f"end-{project}", 1, subject=CODE)]


def told(receipts: list[Receipt]) -> list[tuple[object, ...]]:
    """Give what receipts say, but for the ids that are new each time."""
    return [(each.status, each.code, each.field, each.position) for each in receipts]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), world=worlds(MOSTLY_PLAIN), is_gated=st.booleans(), unread=st.booleans())
def test_a_feed_gives_the_receipts_of_single_calls(
    new_world: Callable[[], World],
    data: st.DataObject,
    world: list[Event],
    *,
    is_gated: bool,
    unread: bool,
) -> None:
    others = [*by_alias("P3"), *data.draw(st.lists(st.sampled_from(world), max_size=3))]
    order = data.draw(st.permutations([*world, *others]))
    cuts = data.draw(st.sets(st.integers(1, len(order))))
    batches = [order[start:end] for start, end in pairwise([0, *sorted(cuts), len(order)])]
    first = [[adoption()]] if is_gated else []

    fed = new_world().take([*first, *batches], unread=unread)
    singly = new_world().take([*first, *batches], singly=True)

    assert told(fed) == told(singly)


TAKING_BACK = event("EventRetracted", "no", 1, data={}, corrects="source:approval/code")
CODED = event("ProjectCodeAssigned", "code", 1, subject="project/P2")
MERGED = event(
    "IdentitiesLinked",
    "link",
    1,
    subject="project/P1",
    data=KINDS["IdentitiesLinked"].example | {"keep": "P1", "absorb": [CODE]},
)
SIGNING = event(
    "ActorKeyChanged",
    "key",
    1,
    data=KINDS["ActorKeyChanged"].example | {"actor": EVERYTHING.actor.id},
)
LIFTED = event("EventRetracted", "off", 1, data={}, corrects="source:approval/plausibility")
KEPT = event("EventRetracted", "on", 1, data={}, corrects="source:approval/off")
LANDED = event("LandDelivered", "landed", 1, subject="project/P1")
NAMED = event("LandDelivered", "land", 1, subject=CODE)
HUGE = event("LandAwarded", "huge", 1, subject="project/P1")
HUGE["data"] = HUGE["data"] | {"area_mu": "99999"}


@pytest.mark.parametrize("unread", [False, True])
@pytest.mark.parametrize(
    ("decided", "then"),
    [
        ([[CODED], [TAKING_BACK]], NAMED),
        ([[CODED], [MERGED]], NAMED),
        ([[adoption()]], HUGE),
        ([[adoption()], [LIFTED], [KEPT]], HUGE),
        ([[SIGNING]], LANDED),
    ],
)
def test_what_one_batch_decides_holds_for_the_next(
    new_world: Callable[[], World],
    decided: list[list[Event]],
    then: Event,
    monkeypatch: pytest.MonkeyPatch,
    *,
    unread: bool,
) -> None:
    append = Appending.append

    async def slowly(appending: Appending, drafts: Sequence[Draft]) -> list[Receipt]:
        """Leave the next batch time to be drafted before this one is appended."""
        await asyncio.sleep(0.05)
        return await append(appending, drafts)

    monkeypatch.setattr(Appending, "append", slowly)
    batches = [[registration("P1"), registration("P2")], *decided, [then]]
    fed, singly = new_world(), new_world()

    receipts = fed.take(batches, unread=unread), singly.take(batches, singly=True)

    assert told(receipts[0]) == told(receipts[1])
    assert {each.status for each in receipts[0][:-1]} == {Status.ACCEPTED}, receipts[0]
    assert fed.meaning() == singly.meaning()
