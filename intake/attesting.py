"""Let nobody in who pretends to be a source that signs what it sends."""

import asyncio
from datetime import date
from math import inf
from typing import Any

import msgspec
from msgspec.structs import replace
from psycopg import AsyncConnection

from domain.attestation import Attested
from domain.draft import Draft
from domain.envelope import Actor, Attestation
from domain.errors import Malformed
from intake.delivery import Delivery
from intake.drafting import UNKNOWN_TARGET, Terms, checked
from intake.four_eyes import REFRESHED_AFTER_SECONDS
from intake.grant import AMENDING
from ledger.attesters import KIND, Attesters
from ledger.reading import ledger_events

_NOBODY = Actor("nobody", "nobody", "nobody")
"""Stands for the actor, who is no part of a statement."""


class _Body(msgspec.Struct, gc=False):
    attestation: Attestation | None = None


_decoded = msgspec.json.Decoder(_Body).decode


class Signatures:
    """The keys of sources, as they are registered by now."""

    def __init__(self) -> None:
        """Know no key yet."""
        self._attesters = Attesters()
        self._seen = 0
        self._due = -inf

    async def refresh(self, connection: AsyncConnection[Any]) -> None:
        """Read what was registered and revoked; another program's word may take a second."""
        now = asyncio.get_running_loop().time()
        if now < self._due:
            return
        fresh = [
            event
            for event in await ledger_events(connection, [KIND])
            if event.position > self._seen
        ]
        if fresh:
            self._attesters.learn(fresh)
            self._seen = fresh[-1].position
        self._due = now + REFRESHED_AFTER_SECONDS

    def forget(self) -> None:
        """Read again before the next fact: this program has just recorded a change of keys."""
        self._due = -inf

    def check(self, attested: Attested | None, actor: str, draft: Draft) -> None:
        """Refuse a fact that its source has not signed although it signs, or a false signature.

        Raises Malformed.
        """
        if attested is None:
            if self._attesters.is_signing(actor):
                raise Malformed(
                    code="signature_missing",
                    field="signature",
                    value=actor,
                    cure="This source signs its facts: send the extensions `signature` and"
                    " `signaturekey`, as `lifecycle attestation sign` makes them.",
                )
            return
        attestation = _decoded(draft.body).attestation
        assert attestation is not None
        doubt = self._attesters.doubt(actor, attestation)
        if doubt is not None:
            raise Malformed(
                code="signature_wrong",
                field="signature",
                value=attested.key,
                cure=f"Sign the statement with the SHA-256 {attestation.sha256} by a registered"
                f" key: {doubt}.",
            )


def statement_digest(delivery: Delivery) -> str:
    """Give the SHA-256 of the statement that the source of a fact signs. Raises Malformed.

    The payload of a correction is taken as it is: in the form in which the ledger keeps it.
    """
    terms = Terms(_NOBODY, "", None, date.min)
    target = UNKNOWN_TARGET if delivery.kind in AMENDING else None
    unsigned = replace(delivery, attested=Attested("", ""))
    attestation = _decoded(checked(unsigned, terms, target).body).attestation
    assert attestation is not None
    return attestation.sha256
