"""Which actors sign what they send, by which keys, and since when: registered in the ledger itself.

From the registration of a key on, facts in the actor's name count only with a signature by one of
its keys. The private key never comes near the ledger, so whoever rules the ledger cannot make one.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.attestation import key_id_of, signed_text
from domain.envelope import Attestation, Recorded

KIND: Final = "ActorKeyChanged"
_NOTICED_AFTER: Final = timedelta(minutes=1)
"""So long after a change of keys every program that takes facts in has surely heard of it."""


@dataclass(slots=True)
class _Key:
    """A key of an actor, and the events that registered and revoked it."""

    public: bytes
    since: Recorded
    until: Recorded | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it counts for what is recorded now."""
        return self.until is None

    def may_hold(self, event: Recorded) -> bool:
        """Tell whether an event may bear its signature."""
        return self.since.position < event.position and (
            self.until is None
            or event.position < self.until.position
            or event.recorded_at <= self.until.recorded_at + _NOTICED_AFTER
        )

    def must_hold(self, event: Recorded) -> bool:
        """Tell whether an event in its actor's name needs a signature because of it."""
        return (
            self.since.position < event.position
            and event.recorded_at > self.since.recorded_at + _NOTICED_AFTER
            and (self.until is None or event.position < self.until.position)
        )


@dataclass(slots=True)
class Attesters:
    """The keys of actors, as the events say."""

    _keys: dict[str, dict[str, _Key]] = field(default_factory=dict)

    def learn(self, events: Iterable[Recorded]) -> None:
        """Take in registrations and revocations, in the order of their positions."""
        for event in events:
            told = event.payload
            keys = self._keys.setdefault(told["actor"], {})
            public = b64decode(told["public_key"])
            if told["act"] == "registered" and told["key_id"] == key_id_of(public):
                keys[told["key_id"]] = _Key(public, event)
            elif told["act"] == "revoked" and told["key_id"] in keys:
                keys[told["key_id"]].until = event

    @property
    def actors(self) -> frozenset[str]:
        """Name the actors that ever had a key."""
        return frozenset(self._keys)

    def is_signing(self, actor: str) -> bool:
        """Tell whether what an actor sends now needs a signature."""
        keys = self._keys.get(actor)
        return keys is not None and any(key.is_open for key in keys.values())

    def is_unsigned(self, event: Recorded) -> bool:
        """Tell whether a recorded event lacks a signature that it should bear."""
        keys = self._keys.get(event.actor.id, {}).values()
        return event.attestation is None and any(key.must_hold(event) for key in keys)

    def doubt(
        self, actor: str, attestation: Attestation, event: Recorded | None = None
    ) -> str | None:
        """Say what is wrong with a signature; None if it is the actor's own.

        Without an event it is about to be recorded.
        """
        key = self._keys.get(actor, {}).get(attestation.key)
        if key is None or not (key.is_open if event is None else key.may_hold(event)):
            return f"the key {attestation.key} is not one of {actor}"
        try:
            signature = b64decode(attestation.signature, validate=True)
            verifier = Ed25519PublicKey.from_public_bytes(key.public)
            verifier.verify(signature, signed_text(attestation.sha256))
        except (NotBase64, InvalidSignature, ValueError):
            return f"the signature is not by {actor} over the statement {attestation.sha256}"
        return None
