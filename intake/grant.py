"""Say what the holder of a token may do: as whom, for which systems, kinds of fact and regions."""

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

import msgspec

from domain.envelope import Actor
from domain.errors import Malformed
from domain.identity import LINK
from domain.kinds import KINDS
from domain.regions import lies_in, significant
from domain.splits import SPLIT
from intake.delivery import Delivery
from projections.judging.reach import Reach

ALL = None
"""Every system, every kind or every region."""
AMENDING = frozenset({"EventCorrected", "EventRetracted"})
OF_THE_PROGRAM = {
    "KeyRotated": "lifecycle ledger rotate-key",
    "IncarnationDeclared": "lifecycle ledger declare-incarnation",
    "TimeTokenReceived": "lifecycle ledger stamp",
    "StreamHeads": "lifecycle bundle --project, or waiting for the end of the day",
    "SettingChanged": "lifecycle serve, when it starts with other settings",
    "BookClosed": "lifecycle ledger close-books, or waiting for the end of the day",
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


_SEVERAL = frozenset({LINK, SPLIT})
"""Kinds that name several projects, of which each may lie anywhere."""
_NEEDED = {
    **dict.fromkeys(AMENDING, Right.CORRECT),
    **{kind: Right.ADMIN for kind, known in KINDS.items() if known.stream_type == "ledger"},
}


class Limits(msgspec.Struct, frozen=True, gc=False):
    """Within what the facts of a caller must stay: beginnings of region codes, and systems.

    None means everything. They are kept with what waits, since it must stay within them when what
    it waits for has come.
    """

    regions: tuple[str, ...] | None = None
    systems: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """The rights of one caller; `attribute` is the right to name other actors, for imports.

    `at_console` is the caller who works where the ledger's key lies; no token makes anybody that.
    Regions are codes of any size, as 32, 3205 or 320582. `id` and `label` name the token, `points`
    is how many objects a second it may ask for, where that is not what everybody may.
    """

    actor: Actor
    rights: frozenset[Right]
    systems: frozenset[str] | None = ALL
    kinds: frozenset[str] | None = ALL
    _: KW_ONLY
    at_console: bool = False
    regions: frozenset[str] | None = ALL
    id: str = ""
    label: str = ""
    points: int | None = None

    @property
    def reach(self) -> Reach | None:
        """Give how far the caller sees; None without limits."""
        if self.regions is ALL:
            return None
        return Reach(tuple(sorted(map(significant, self.regions))), self.actor.id)

    @property
    def limits(self) -> Limits | None:
        """Give within what the caller's facts must stay; None without limits."""
        if self.regions is ALL and self.systems is ALL:
            return None
        regions = None if self.regions is ALL else tuple(sorted(map(significant, self.regions)))
        return Limits(regions, None if self.systems is ALL else tuple(sorted(self.systems)))

    @property
    def own_system(self) -> str:
        """Name the system that facts come from when the caller does not say."""
        return min(self.systems) if self.systems else "ledger"

    def check(self, delivery: Delivery) -> None:
        """Refuse a delivery that this caller may not make. Raises Malformed."""
        self.check_kind(delivery.kind)
        if self.systems is not ALL and delivery.system not in self.systems:
            raise Malformed(
                code="source_not_allowed",
                field="source",
                value=delivery.system,
                cure=f"A source writes only as itself; this token is for {_list(self.systems)}.",
            )
        if self.regions is not ALL:
            _check_districts(delivery, self.regions)
        if delivery.actor is not None and Right.ATTRIBUTE not in self.rights:
            raise _forbidden(
                delivery.actor.get("id"), "actorid", "The actor is the token's; leave this out."
            )

    def check_kind(self, kind: str) -> None:
        """Refuse facts of a kind that this caller may not send. Raises Malformed."""
        needed = _NEEDED.get(kind, Right.APPEND)
        if needed not in self.rights:
            raise _forbidden(kind, "type", f'Use a token with the right "{needed}".')
        if kind in OF_THE_PROGRAM and not self.at_console:
            cure = f"It is recorded by the command line alone: {OF_THE_PROGRAM[kind]}."
            raise Malformed(code="command_line_only", field="type", value=kind, cure=cure)
        if self.regions is not ALL and not _is_regional(kind):
            cure = "Use a token without regions; this is about more than they hold."
            raise _forbidden(kind, "type", cure)
        if self.kinds is not ALL and kind not in self.kinds and needed is Right.APPEND:
            raise _forbidden(kind, "type", "Use a token that may send this kind of fact.")

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


def _check_districts(delivery: Delivery, regions: frozenset[str]) -> None:
    """Refuse a fact that states a district beyond some regions. Raises Malformed."""
    for field, district in _districts(delivery):
        if not _within(district, regions):
            raise Malformed(
                code="region_not_allowed",
                field=field,
                value=district,
                cure=f"This token is for the regions {_list(regions)}.",
            )


def _is_regional(kind: str) -> bool:
    """Tell whether facts of a kind are about one project, one enterprise, or another fact."""
    known = KINDS.get(kind)
    return (
        known is None
        or kind in AMENDING
        or (known.stream_type == "project" and kind not in _SEVERAL)
    )


def _districts(delivery: Delivery) -> Iterator[tuple[str, str]]:
    """Give the districts that a fact states, or that a correction makes it state."""
    stated = (("data", delivery.payload), ("data.payload", delivery.payload.get("payload")))
    for place, payload in stated:
        if not isinstance(payload, dict):
            continue
        yield from _stated(f"{place}.district", payload.get("district"))
        changes = payload.get("changes")
        change = changes.get("district") if isinstance(changes, dict) else None
        if isinstance(change, dict):
            yield from _stated(f"{place}.changes.district.new", change.get("new"))


def _stated(field: str, district: object) -> Iterator[tuple[str, str]]:
    """Give a district with its field, if one is stated there."""
    if isinstance(district, str):
        yield field, district


def _within(district: str, regions: Iterable[str]) -> bool:
    """Tell whether a district lies in one of some regions."""
    return any(lies_in(district, region) for region in regions)


def _list(names: frozenset[str]) -> str:
    """Name the systems or the regions of a token."""
    return ", ".join(sorted(names)) or "(none)"
