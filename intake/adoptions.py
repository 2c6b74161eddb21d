"""Look at the policies in force before another one is adopted."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

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
_STREAM = "policy/"


def concerns_policies(draft: Draft) -> bool:
    """Tell whether a draft adopts a policy or replaces what an adoption says."""
    return draft.kind == KIND or (draft.kind == CORRECTION and draft.stream.startswith(_STREAM))


def changes_policies(draft: Draft) -> bool:
    """Tell whether other policies may hold after a draft, which may also retract one."""
    return draft.stream.startswith(_STREAM)


async def judged(
    connection: AsyncConnection[object], drafts: Sequence[Draft]
) -> list[Draft | Receipt]:
    """Refuse the drafts that adopt what cannot hold beside what is adopted.

    Each is judged beside what the ledger holds and what came before it in the same call. A newer
    version of a record, or a correction, takes the place of what it amends and is not judged
    against its days, only against those of others; but the text of a version never changes. What
    is let through remembers what it was judged beside, since another server may adopt something
    before it is appended. A correction of what is not in the ledger yet is judged by its text.
    """
    events = await policy_events(connection)
    records = _records(events)
    adopted = _in_force(events, records)
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
        own = records.get(draft.corrects or "") if amends else draft.source_key
        versions = [other for other in adopted.values() if other.ref == policy.ref]
        others = [] if own is None else [each for key, each in adopted.items() if key != own]
        try:
            check_adoption(policy, [*versions, *others])
        except LedgerError as problem:
            answers[-1] = refusal(problem)
        else:
            adopted[own or draft.source_key] = policy
    return answers


def _records(events: Sequence[Recorded]) -> dict[str, str]:
    """Give, for every adoption and amendment of one, the record that it is about."""
    records: dict[str, str] = {}
    for event in events:
        if event.corrects is None and event.kind == KIND:
            records[event.id] = f"{event.source.system}/{event.source.record_id}"
        elif event.corrects in records:
            records[event.id] = records[event.corrects]
    return records


def _in_force(events: Sequence[Recorded], records: Mapping[str, str]) -> dict[str, Policy]:
    """Give the policies that hold, by the record that each came from."""
    roots: dict[str, Recorded] = {}
    amendments: dict[str, list[Recorded]] = defaultdict(list)
    for event in events:
        record = records.get(event.id)
        if record is not None and event.corrects is None:
            roots[record] = event
        elif record is not None:
            amendments[record].append(event)
    found: dict[str, Policy] = {}
    for record, root in roots.items():
        fact = effective(root, amendments[record])
        policy = None if fact is None else _policy(fact.payload)
        if policy is not None:
            found[record] = policy
    return found


def _policy(payload: dict[str, object]) -> Policy | None:
    """Read a policy; one without rules of ours never judges and collides with nothing."""
    if payload.get("kind") not in SECTIONS:
        return None
    try:
        return parse(str(payload["body"]))
    except LedgerError:
        return None
