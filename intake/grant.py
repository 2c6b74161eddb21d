"""Say what the holder of a token may do: as whom, for which systems and kinds of fact."""

from dataclasses import dataclass
from enum import StrEnum

from domain.envelope import Actor
from domain.errors import Malformed
from domain.kinds import KINDS
from intake.delivery import Delivery

ALL = None
"""Every system, or every kind."""
AMENDING = frozenset({"EventCorrected", "EventRetracted"})
OF_THE_PROGRAM = {
    "KeyRotated": "lifecycle ledger rotate-key",
    "IncarnationDeclared": "lifecycle ledger declare-incarnation",
    "TimeTokenReceived": "lifecycle ledger stamp",
    "StreamHeads": "lifecycle bundle --project, or waiting for the end of the day",
}
"""Kinds that only the program itself records, where the ledger's key lies, and what makes it do so.

Signer and verifier act on them: one that somebody made up would stop the signer.
"""


class Right(StrEnum):
    """What a token may be good for."""

    READ = "read"
    APPEND = "append"
    CORRECT = "correct"
    ATTRIBUTE = "attribute"
    ADMIN = "admin"


_NEEDED = {
    **dict.fromkeys(AMENDING, Right.CORRECT),
    **{kind: Right.ADMIN for kind, known in KINDS.items() if known.stream_type == "ledger"},
}


@dataclass(frozen=True, slots=True)
class Grant:
    """The rights of one caller; `attribute` is the right to name other actors, for imports.

    `at_console` is the caller who works where the ledger's key lies; no token makes anybody that.
    """

    actor: Actor
    rights: frozenset[Right]
    systems: frozenset[str] | None = ALL
    kinds: frozenset[str] | None = ALL
    at_console: bool = False

    @property
    def own_system(self) -> str:
        """Name the system that facts come from when the caller does not say."""
        return min(self.systems) if self.systems else "ledger"

    def check(self, delivery: Delivery) -> None:
        """Refuse a delivery that this caller may not make. Raises Malformed."""
        kind = delivery.kind
        needed = _NEEDED.get(kind, Right.APPEND)
        if needed not in self.rights:
            raise _forbidden(kind, "type", f'Use a token with the right "{needed}".')
        if kind in OF_THE_PROGRAM and not self.at_console:
            cure = f"It is recorded by the command line alone: {OF_THE_PROGRAM[kind]}."
            raise Malformed(code="command_line_only", field="type", value=kind, cure=cure)
        if self.kinds is not ALL and kind not in self.kinds and needed is Right.APPEND:
            raise _forbidden(kind, "type", "Use a token that may send this kind of fact.")
        if self.systems is not ALL and delivery.system not in self.systems:
            raise Malformed(
                code="source_not_allowed",
                field="source",
                value=delivery.system,
                cure=f"A source writes only as itself; this token is for {_list(self.systems)}.",
            )
        if delivery.actor is not None and Right.ATTRIBUTE not in self.rights:
            raise _forbidden(
                delivery.actor.get("id"), "actorid", "The actor is the token's; leave this out."
            )

    def check_approval(self, kind: str) -> None:
        """Refuse an approval by somebody who could not send such a fact. Raises Malformed."""
        needed = _NEEDED.get(kind, Right.APPEND)
        if needed not in self.rights:
            raise _forbidden(kind, "type", f'Use a token with the right "{needed}".')
        if self.kinds is not ALL and kind not in self.kinds:
            raise _forbidden(kind, "type", "Use a token that may send this kind of fact.")

    def actor_of(self, delivery: Delivery) -> Actor:
        """Give who stands for a delivery: the token's actor, unless an import names another."""
        named = delivery.actor
        if named is None:
            return self.actor
        return Actor(
            id=named["id"],
            org=named.get("org", self.actor.org),
            role=named.get("role", self.actor.role),
            name=named.get("name"),
        )


def _forbidden(value: str | None, field: str, cure: str) -> Malformed:
    """Say that the token lacks a right."""
    return Malformed(code="forbidden", field=field, value=value, cure=cure)


def _list(systems: frozenset[str]) -> str:
    """Name the systems of a token."""
    return ", ".join(sorted(systems)) or "no system"
