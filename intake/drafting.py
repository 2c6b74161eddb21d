"""Turn a delivery into a draft: find its stream, check its form, seal its names.

What is malformed is refused before anything else is asked, so that a mistake is reported at once
and not when the delivery leaves the quarantine.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from domain.draft import Checked, Draft, check
from domain.envelope import Actor, Source
from domain.errors import LedgerError, Malformed, Refused
from domain.identity import LINK, link_aliases
from domain.kinds import KINDS, kind_of
from domain.kinds.amendments import CORRECTION, RETRACTION
from intake.delivery import Ahead, Delivery, Plain
from intake.directory import Directory, Target, is_event_id, target_key
from intake.evidence import evidence_of
from intake.grant import AMENDING
from intake.identifiers import new_identifier, new_salt
from intake.links import under_kept
from intake.naming import (
    REGISTRATION,
    named_target,
    record_alias,
    registered_streams,
)
from intake.plausibility import AncientFact, FutureFact, check_date
from intake.subject import own_stream, reference

UNKNOWN_STREAM = "project/unknown"
"""Stands for the stream while a delivery of an unknown subject is checked; never appended."""
UNKNOWN_TARGET = Target("00000000-0000-0000-0000-000000000000", UNKNOWN_STREAM, "", None)
"""Stands for the event while an amendment of an unknown one is checked; never appended."""


class UnknownProject(Refused):
    """No project is known as {value}."""

    code = "unknown_project"
    cure = "Register the project, or give its code; this fact is kept and follows by itself."


class UnknownTarget(Refused):
    """No event is known as {value}."""

    code = "unknown_target"
    cure = "Send the fact that this amends; the amendment is kept and follows by itself."


class TargetConflict(Refused):
    """This record amends event {known}, not {value}."""

    code = "target_conflict"
    cure = "Retract the amendment of {known}, and amend {value} under a record id of its own."


class AmbiguousSubject(Refused):
    """Several projects are known as {value}."""

    code = "ambiguous_subject"
    cure = 'Name the project by its id: "project/<id>".'


class Terms(NamedTuple):
    """Under which a delivery is taken in: for whom, in which request, recorded when.

    `ahead` is what checking the delivery by itself gave, where that was done before; `released`
    says that a person has found it plausible.
    """

    actor: Actor
    request_id: str
    recorded_at: datetime | None
    today: date
    ahead: Ahead = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A draft that cannot be appended, why, and what it waits for, if its coming is enough.

    One that is `barred` is beyond the limits of its sender: what it names may be there, and does
    not set it free.
    """

    draft: Draft
    problem: LedgerError
    waiting_for: str | None = None
    barred: bool = False


def draft_of(delivery: Delivery, directory: Directory, terms: Terms) -> Draft | Held:
    """Give the draft of a delivery, held back if it cannot be appended now. Raises Malformed."""
    if delivery.kind in AMENDING:
        return _amendment(delivery, directory, terms)
    delivery = under_kept(delivery, directory)
    own = own_stream(delivery.kind, delivery.subject, delivery.payload)
    if own is not None:
        return _judged(delivery, _prepared(delivery, own, terms), terms)
    if delivery.kind == REGISTRATION:
        return _registration(delivery, directory, terms)
    return _about_project(delivery, directory, terms)


def plain_draft(plain: Plain, terms: Terms) -> Draft | Held:
    """Give the draft of a plain fact whose project is there."""
    return _held_back(plain.draft, terms, plain.occurred_on)


def _about_project(delivery: Delivery, directory: Directory, terms: Terms) -> Draft | Held:
    """Give the draft of a fact about a project that was registered before. Raises Malformed."""
    if delivery.subject is None:
        kind_of(delivery.kind)
        raise Malformed(
            code="missing_field",
            field="subject",
            cure=f'Add "subject": {_wanted(delivery.kind)}, or "code:<national code>".',
        )
    subject = _project(reference(delivery.subject), delivery.kind)
    streams = directory.streams_of(subject)
    if len(streams) == 1:
        return _judged(delivery, _prepared(delivery, next(iter(streams)), terms), terms)
    # A record that is known in this version is known, whatever its subject is called by now.
    recorded = directory.recorded_in(delivery.source_key, delivery.record_version)
    if recorded is not None and not streams:
        return _prepared(delivery, recorded, terms)
    draft = _prepared(delivery, UNKNOWN_STREAM, terms)
    if streams:
        return Held(draft, AmbiguousSubject(field="subject", value=subject))
    return Held(draft, UnknownProject(field="subject", value=subject), waiting_for=subject)


def _registration(delivery: Delivery, directory: Directory, terms: Terms) -> Draft | Held:
    """Give the draft of a registration, which makes its stream if nobody knows its subject."""
    subject = (
        None if delivery.subject is None else _project(reference(delivery.subject), REGISTRATION)
    )
    if subject is not None and subject.startswith("project/"):
        stream = subject
    else:
        named = directory.streams_of(subject) if subject else set()
        streams = named or registered_streams(delivery, directory)
        if len(streams) > 1:
            draft = _prepared(delivery, UNKNOWN_STREAM, terms)
            value = subject or record_alias(delivery)
            return Held(draft, AmbiguousSubject(field="subject", value=value))
        stream = next(iter(streams), None) or f"project/{new_identifier()}"
    draft = _prepared(delivery, stream, terms)
    if subject is not None and not subject.startswith("project/") and subject not in draft.aliases:
        # Whoever registers a project under an alias goes on to call it so.
        draft = replace(draft, aliases=(*draft.aliases, subject))
    return _judged(delivery, draft, terms)


def _amendment(delivery: Delivery, directory: Directory, terms: Terms) -> Draft | Held:
    """Give the draft of a correction or retraction, in the stream of what it amends.

    An amendment may come before the event it names; if at least its subject is known it is appended
    and waits there.
    """
    corrects = named_target(delivery)
    key = target_key(corrects)
    target = directory.target_of(key)
    if target is not None:
        directory.restores |= delivery.kind == RETRACTION and target.kind in AMENDING
        kind = directory.root_kind(target)
        draft = _prepared(delivery, target.stream, terms, target, kind)
        known = directory.target_of(target_key(record_alias(delivery)))
        if known is not None and known.corrects not in {None, target.id}:
            # The ledger would lay what this version says over what the first one amends.
            problem = TargetConflict(field="corrects", value=target.id, known=known.corrects)
            return Held(draft, problem)
        return _judged(delivery, replace(draft, aliases=_corrected_aliases(delivery, kind)), terms)
    unknown = UnknownTarget(field="corrects", value=corrects)
    streams = _subject_streams(delivery, directory)
    if not is_event_id(corrects) or len(streams) != 1:
        held = _prepared(delivery, UNKNOWN_STREAM, terms, UNKNOWN_TARGET)
        return Held(held, unknown, waiting_for=key)
    target = Target(corrects, next(iter(streams)), "", None)
    draft = _prepared(delivery, target.stream, terms, target)
    if "payload" in delivery.payload:
        # A whole payload can be checked only against the kind of the fact it will replace.
        return Held(draft, unknown, waiting_for=key)
    return _judged(delivery, draft, terms)


def _subject_streams(delivery: Delivery, directory: Directory) -> set[str]:
    """Give the streams that an amendment's own subject means, if it names one."""
    return directory.streams_of(reference(delivery.subject)) if delivery.subject else set()


def _corrected_aliases(delivery: Delivery, kind: str | None) -> tuple[str, ...]:
    """Give the aliases that a corrected payload makes a project known by."""
    payload = delivery.payload.get("payload")
    if kind == "ProjectCodeAssigned" and isinstance(payload, dict) and "code" in payload:
        return (f"code:{payload['code']}",)
    if kind == LINK and isinstance(payload, dict):
        return link_aliases(payload)
    return ()


def _project(subject: str, kind: str) -> str:
    """Refuse a subject that is no project, for facts that are about one."""
    if subject.startswith(("project/", "code:", "source:")):
        return subject
    raise Malformed(
        code="wrong_subject",
        field="subject",
        value=subject,
        cure=f'Name what this fact is about: "subject": {_wanted(kind)}.',
    )


def _wanted(kind: str) -> str:
    """Say which subjects a kind of fact has."""
    others = sorted(KINDS[kind].other_streams) if kind in KINDS else ()
    return " or ".join(f'"{stream_type}/<id>"' for stream_type in ("project", *others))


def _judged(delivery: Delivery, draft: Draft, terms: Terms) -> Draft | Held:
    """Hold back what cannot have happened yet or so long ago, also where a correction says so."""
    corrected = delivery.kind == CORRECTION and "occurred_on" in delivery.payload
    corrected_to = delivery.payload["occurred_on"] if corrected else None
    return _held_back(draft, terms, delivery.occurred_on, corrected_to)


def _held_back(
    draft: Draft, terms: Terms, occurred_on: str, corrected_to: Any = None
) -> Draft | Held:
    """Hold back what happened on a day that cannot be, unless somebody has released it."""
    if terms.released:
        return draft
    try:
        check_date(occurred_on, terms.today)
        if corrected_to is not None:
            check_date(corrected_to, terms.today, "payload.occurred_on")
    except (FutureFact, AncientFact) as problem:
        return Held(draft, problem.as_value())
    return draft


def checked_ahead(
    delivery: Delivery, actor: Actor, request_id: str, recorded_at: datetime | None
) -> Checked | Malformed | None:
    """Check a delivery before anything is looked up; None for one that depends on another fact."""
    if delivery.kind in AMENDING:
        return None
    try:
        return checked(delivery, Terms(actor, request_id, recorded_at, date.min))
    except Malformed as problem:
        return problem.as_value()


def _prepared(
    delivery: Delivery,
    stream: str,
    terms: Terms,
    target: Target | None = None,
    corrected_kind: str | None = None,
) -> Draft:
    """Check a delivery and make it canonical. Raises Malformed."""
    ahead = terms.ahead
    if isinstance(ahead, Malformed):
        raise ahead
    if isinstance(ahead, Checked):
        return ahead.placed(stream)
    return checked(delivery, terms, target, corrected_kind).placed(stream)


def checked(
    delivery: Delivery,
    terms: Terms,
    target: Target | None = None,
    corrected_kind: str | None = None,
) -> Checked:
    """Check a delivery, wherever it will lie. Raises Malformed."""
    payload = delivery.payload
    if "target" in payload and target is not None:
        payload = {name: payload[name] for name in payload if name != "target"}
    return check(
        id=new_identifier(),
        kind=delivery.kind,
        occurred_on=delivery.occurred_on,
        actor=terms.actor,
        source=Source(
            delivery.system,
            delivery.record_id,
            delivery.record_version,
            delivery.batch_id,
            delivery.row_no,
        ),
        payload=payload,
        request_id=terms.request_id,
        salts=new_salt,
        evidence=evidence_of(delivery.evidence) if delivery.evidence else (),
        reason=delivery.reason,
        corrects=target.id if target else delivery.corrects,
        corrected_kind=corrected_kind,
        expected_version=delivery.expected_version,
        recorded_at=terms.recorded_at,
        attested=delivery.attested,
        named=_named(delivery) if delivery.attested else (None, None),
    )


def _named(delivery: Delivery) -> tuple[str | None, str | None]:
    """Give subject and target as the source named them. Raises Malformed."""
    amends = delivery.kind in AMENDING
    return delivery.subject, named_target(delivery) if amends else None
