"""Answer auditors about the ledger itself: its head, its integrity, and proofs.

These fields read the stored events and not the read models, so they have
resolvers of their own, and take no clocks: what was signed is what it is.
"""

import asyncio
import threading
from typing import Annotated, Any
from uuid import UUID

import psycopg
import strawberry

from api.errors import FORBIDDEN, BadInput, Problem
from api.scalars import DateTime
from api.types.proof import (
    ConsistencyProof,
    InclusionProof,
    Integrity,
    IntegrityProblem,
    LedgerHead,
    Signer,
)
from domain.errors import Refused
from domain.flexdate import BEIJING
from ledger.checkpoints import last_signed
from ledger.cosignatures import cosigned_note, cosigners
from ledger.note import Verifier
from ledger.proof import BeyondTree
from ledger.publication import NoSuchEvent, continued, proven
from ledger.reading import head
from ledger.verification.finding import UNREADABLE, Findings, in_words
from ledger.verification.guards import check_guards
from ledger.verification.signatures import Trust
from ledger.verification.verify import read_only, verify
from ledger.verification.whole import check_range
from projections.judging.sight import shown

MOST_CHECKED = 100_000
"""So many events are checked in a request at most; more would take too long."""
LAST_CHECKED = 20_000
"""So many events are checked unless a part is asked for, so that the answer takes no second."""

_one_at_a_time = threading.Lock()


class TooManyEvents(Refused):
    """A request checks at most {most} events, not {value}."""

    code = "too_many_events"
    cure = "Ask for a part with from and to, or run: lifecycle verify."


async def _ledger(info: strawberry.Info) -> LedgerHead:
    """Give the head."""
    reader = await info.context.reader()
    top = await head(reader.connection)
    signed = await last_signed(reader.connection)
    lines: dict[str, str] = {}
    if signed is not None:
        told = signed.checkpoint
        lines = await cosigners(reader.connection, told.origin, told.size)
    return LedgerHead(
        size=top.size,
        root=top.root.hex(),
        recorded_at=None if top.recorded_at is None else DateTime(top.recorded_at),
        checkpoint=None if signed is None else cosigned_note(signed, lines),
        signers=[] if signed is None else [_signer(signed.verifier)],
        witnesses=[_signer(Verifier.parse(key)) for key in lines],
    )


def _signer(verifier: Verifier) -> Signer:
    """Show a key."""
    return Signer(name=verifier.name, key_id=verifier.key_id.hex(), verifier_key=verifier.text)


async def _integrity(
    info: strawberry.Info,
    from_: Annotated[
        int | None,
        strawberry.argument(name="from", description="The first position · 起始序号"),
    ] = None,
    to: Annotated[
        int | None, strawberry.argument(description="The last position · 截止序号")
    ] = None,
) -> Integrity:
    """Check stored events: all, or of a large ledger the last ones, unless a part is asked for."""
    reader = await info.context.reader()
    if info.context.reach is not None:
        message = "Checking reads every event; ask with a token that is not limited to regions."
        raise Problem(message, FORBIDDEN)
    size = (await head(reader.connection)).size
    last = size if to is None else to
    first = max(1, last - LAST_CHECKED + 1) if from_ is None else from_
    for position in (from_, to):
        if position is not None and not 1 <= position <= max(size, 1):
            raise BeyondTree(what="position", value=position, size=size)
    if first > last and size:
        message = "from is the smaller position."
        raise BadInput(message)
    if last - first >= MOST_CHECKED:
        raise TooManyEvents(most=MOST_CHECKED, value=last - first + 1)
    is_whole = (first, last) == (1, size) or not size
    findings = await asyncio.to_thread(
        _checked, info.context.conninfo, None if is_whole else (first, last)
    )
    positions = [each.position for each in findings.first if each.position is not None]
    return Integrity(
        ok=not findings,
        checked_from=first,
        checked_to=last,
        first_broken=min(positions, default=None),
        problems=[
            IntegrityProblem(position=each.position, kind=each.check, message=each.message)
            for each in findings.first
        ],
    )


def _checked(conninfo: str, part: tuple[int, int] | None) -> Findings:
    """Check everything, or a part with the guards over it; one caller after the other."""
    with _one_at_a_time:
        if part is None:
            return verify(conninfo, lambda *_: None, Trust(), processes=1).findings
        first, last = part
        reading = read_only(conninfo)
        try:
            found = check_range(reading, first - 1, last).findings
            with psycopg.connect(reading, autocommit=True) as connection:
                check_guards(connection, found)
        except UNREADABLE as error:
            found = Findings()
            found.add("unreadable", in_words(error))
        return found


async def _proof(
    info: strawberry.Info,
    event_id: Annotated[strawberry.ID, strawberry.argument(description="The event · 事件标识")],
) -> InclusionProof:
    """Prove one event."""
    reader = await info.context.reader()
    identifier, today = _identifier(event_id), info.context.now().astimezone(BEIJING).date()
    if not await shown(
        reader.connection, info.context.reach, "ledger.events.id", [identifier], on=today
    ):
        raise NoSuchEvent(value=identifier)
    found = await proven(reader.connection, identifier)
    leaf = found.event.leaf_hash
    assert leaf is not None
    return InclusionProof(
        position=found.event.position,
        leaf_hash=leaf.hex(),
        size=found.signed.checkpoint.size,
        root=found.signed.checkpoint.root.hex(),
        hashes=[part.hex() for part in found.hashes],
        checkpoint=found.signed.note,
        file=found.file.written,
    )


async def _consistency(
    info: strawberry.Info,
    from_: Annotated[
        int, strawberry.argument(name="from", description="The smaller size · 起始大小")
    ],
    to: Annotated[int, strawberry.argument(description="The larger size · 截止大小")],
) -> ConsistencyProof:
    """Prove that one size continues another."""
    reader = await info.context.reader()
    found = await continued(reader.connection, from_, to)
    return ConsistencyProof(
        from_size=found.old,
        to_size=found.new,
        from_root=found.old_root.hex(),
        to_root=found.new_root.hex(),
        hashes=[part.hex() for part in found.hashes],
    )


def _identifier(text: str) -> str:
    """Read the id of an event. Raises BadInput."""
    try:
        return str(UUID(text))
    except ValueError as error:
        message = "An event is named by the id in its receipt, a UUID."
        raise BadInput(message, value=text) from error


def _answered(resolver: Any, description: str) -> Any:
    """Declare a field with a resolver of its own."""
    return strawberry.field(resolver=resolver, description=description)


@strawberry.type
class ProofQuery:
    """The questions about the ledger itself, a part of all questions."""

    ledger: LedgerHead = _answered(
        _ledger, "The ledger's head: size, root, checkpoint and who signed it · 账本头"
    )
    integrity: Integrity = _answered(
        _integrity,
        f"Whether the stored events are whole: some of them, at most {MOST_CHECKED}; without from"
        f" the last {LAST_CHECKED}, which checkedFrom tells · 完整性检查",
    )
    proof: InclusionProof = _answered(
        _proof, "The proof that an event is under the last signed checkpoint · 存在性证明"
    )
    consistency: ConsistencyProof = _answered(
        _consistency, "The proof that one size of the tree continues another · 一致性证明"
    )
