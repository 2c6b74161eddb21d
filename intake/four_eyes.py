"""Know which kinds need a second person, and keep their bytes until one approves them."""

import asyncio
from collections.abc import Sequence
from datetime import date
from math import inf
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import class_row

from domain.amendments import visible_facts
from domain.draft import Draft
from domain.envelope import Actor, Recorded
from domain.errors import Conflict, Malformed, NotFound
from domain.four_eyes import OtherBytes, SamePerson, demanded, digest_of, with_approval
from domain.policy import Policy, in_force, parse
from domain.policy_rules import FourEyesRules
from domain.versions import version_key
from ledger.reading import amendments_of, decrees

ADOPTION = "PolicyAdopted"
REFRESHED_AFTER_SECONDS: Final = 1.0
"""How long another program's adoption of a policy may go unnoticed."""

Connection = AsyncConnection[Any]


class NothingPending(NotFound):
    """Nothing waits for approval under number {value}."""

    code = "nothing_pending"
    cure = "List what waits with: lifecycle quarantine."


class Decided(Conflict):
    """Number {value} has been decided already: {decision}."""

    code = "already_decided"
    cure = "Send the fact again if it is still true."


class Pending(NamedTuple):
    """A body that waits for a second person."""

    number: int
    event: str
    kind: str
    stream: str
    source_key: str
    record_version: str | None
    content_digest: bytes
    corrects: str | None
    aliases: list[str]
    mentions: list[str]
    actor: str
    body: bytes
    decision: str | None

    @property
    def digest(self) -> str:
        """Give the digest by which the body is approved."""
        return digest_of(self.body)

    def approved(self, approver: Actor, digest: str | None) -> Draft:
        """Give the draft with its approval. Raises Decided, SamePerson and OtherBytes."""
        if self.decision is not None:
            raise Decided(value=self.number, decision=self.decision)
        if approver.id == self.actor:
            raise SamePerson(value=approver.id)
        if digest not in {None, self.digest}:
            raise OtherBytes(value=digest, expected=self.digest)
        version = self.record_version
        return Draft(
            id=self.event,
            kind=self.kind,
            stream=self.stream,
            body=with_approval(self.body, approver),
            source_key=self.source_key,
            record_version=version,
            version_key=None if version is None else version_key(version),
            content_digest=self.content_digest,
            corrects=self.corrects,
            # They lie where the event will look for them since the fact was sent.
            names=(),
            aliases=tuple(self.aliases),
            mentions=tuple(self.mentions),
            expected_version=None,
            recorded_at=None,
        )


class FourEyes:
    """The kinds that need two persons, under the policies in force."""

    def __init__(self, *, alone: bool) -> None:
        """Know no policy yet; while a history is replayed, nobody can be asked."""
        self._adopted: dict[str, Recorded] = {}
        self._policies: list[Policy] = []
        self._seen = 0
        self._due = -inf
        self._alone = alone

    async def demanded(self, connection: Connection, on: date) -> frozenset[str]:
        """Give the kinds that need a second person on a day."""
        if self._alone:
            return frozenset()
        now = asyncio.get_running_loop().time()
        if now >= self._due:
            await self._refresh(connection)
            self._due = now + REFRESHED_AFTER_SECONDS
        return demanded(in_force(self._policies, on))

    def forget(self) -> None:
        """Read the policies anew for the next call, since this program has just changed them."""
        self._due = -inf

    async def _refresh(self, connection: Connection) -> None:
        """Read the policies that were adopted, as they are corrected by now."""
        fresh = await decrees(connection, ADOPTION, self._seen)
        if fresh:
            self._seen = fresh[-1].position
            ours = [each for each in fresh if each.payload.get("kind") == FourEyesRules.kind]
            self._adopted |= {event.id: event for event in ours}
        if self._adopted:
            amendments = await amendments_of(connection, list(self._adopted))
            facts = visible_facts([*self._adopted.values(), *amendments])
            self._policies = [
                policy for fact in facts if (policy := _readable(str(fact.payload["body"])))
            ]


def _readable(body: str) -> Policy | None:
    """Read a policy; one that cannot be read demands nothing."""
    try:
        policy = parse(body)
    except Malformed:
        return None
    return policy if policy.kind == FourEyesRules.kind else None


async def recorded(connection: Connection, drafts: Sequence[Draft]) -> set[tuple[str, bytes]]:
    """Give which of some contents are recorded already: their sources' keys and digests."""
    cursor = await connection.execute(
        "SELECT source_key, content_digest FROM ledger.events WHERE source_key = ANY (%s)",
        ([draft.source_key for draft in drafts],),
    )
    return {(key, bytes(digest)) for key, digest in await cursor.fetchall()}


async def keep_pending(connection: Connection, number: int, draft: Draft, actor: Actor) -> None:
    """Keep the bytes of a draft under its number in the quarantine, the first time it is sent."""
    await connection.execute(
        "INSERT INTO ledger.pending (number, event, kind, stream, source_key, record_version,"
        " content_digest, corrects, aliases, mentions, actor, body)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            number,
            draft.id,
            draft.kind,
            draft.stream,
            draft.source_key,
            draft.record_version,
            draft.content_digest,
            draft.corrects,
            list(draft.aliases),
            list(draft.mentions),
            actor.id,
            draft.body,
        ),
    )


async def read_pending(connection: Connection, number: int) -> Pending:
    """Read what waits under a number. Raises NothingPending."""
    async with connection.cursor(row_factory=class_row(Pending)) as cursor:
        await cursor.execute(
            "SELECT p.number, p.event::text, p.kind, p.stream, p.source_key, p.record_version,"
            " p.content_digest, p.corrects::text, p.aliases, p.mentions, p.actor, p.body,"
            " d.decision FROM ledger.pending AS p"
            " LEFT JOIN ledger.quarantine_decisions AS d USING (number) WHERE p.number = %s",
            (number,),
        )
        found = await cursor.fetchone()
    if found is None:
        raise NothingPending(value=number)
    return found
