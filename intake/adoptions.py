"""Look at the policies in force before another one is adopted."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from psycopg import AsyncConnection

from domain.amendments import effective
from domain.draft import Draft
from domain.envelope import Recorded
from domain.errors import LedgerError
from domain.kinds.amendments import CORRECTION
from domain.policy import Policy, parse
from domain.policy_overlap import check_adoption
from domain.policy_rules import SECTIONS
from domain.receipt import Receipt, refusal
from ledger.reading import policy_events

KIND = "PolicyAdopted"


def concerns_policies(draft: Draft) -> bool:
    """Tell whether a draft adopts a policy or replaces what an adoption says."""
    return draft.kind == KIND or (draft.kind == CORRECTION and draft.stream.startswith("policy/"))


async def judged(
    connection: AsyncConnection[object], drafts: Sequence[Draft]
) -> list[Draft | Receipt]:
    """Refuse the drafts that adopt what cannot hold beside what is adopted.

    Each is judged beside what the ledger holds and what came before it in the same call. A newer
    version of a record, or a correction, takes the place of what it amends and is not judged
    against its days; but the text of a version never changes. What is let through remembers what
    it was judged beside, since another server may adopt something before it is appended.
    """
    events = await policy_events(connection)
    adopted = _in_force(events)
    beside = events[-1].position if events else 0
    answers: list[Draft | Receipt] = []
    for draft in drafts:
        if not concerns_policies(draft):
            answers.append(draft)
            continue
        answers.append(msgspec.structs.replace(draft, beside=beside))
        payload = msgspec.json.decode(draft.body)["payload"]
        amends = draft.kind == CORRECTION
        policy = _policy(payload.get("payload", {}) if amends else payload)
        if policy is None:
            continue
        own = None if amends else draft.source_key
        versions = [other for other in adopted.values() if other.ref == policy.ref]
        others = [other for key, other in adopted.items() if key != own and not amends]
        try:
            check_adoption(policy, [*versions, *others])
        except LedgerError as problem:
            answers[-1] = refusal(problem)
        else:
            adopted[draft.source_key] = policy
    return answers


def _in_force(events: Sequence[Recorded]) -> dict[str, Policy]:
    """Give the policies that hold, by the record that each came from."""
    roots = [event for event in events if event.corrects is None and event.kind == KIND]
    root_of = {root.id: root.id for root in roots}
    amendments: dict[str, list[Recorded]] = defaultdict(list)
    for event in events:
        target = root_of.get(event.corrects or "")
        if target is not None:
            root_of[event.id] = target
            amendments[target].append(event)
    found: dict[str, Policy] = {}
    for root in roots:
        fact = effective(root, amendments[root.id])
        policy = None if fact is None else _policy(fact.payload)
        if policy is not None:
            found[f"{root.source.system}/{root.source.record_id}"] = policy
    return found


def _policy(payload: dict[str, object]) -> Policy | None:
    """Read a policy; one without rules of ours never judges and collides with nothing."""
    if payload.get("kind") not in SECTIONS:
        return None
    try:
        return parse(str(payload["body"]))
    except LedgerError:
        return None
