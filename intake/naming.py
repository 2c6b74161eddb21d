"""Say what deliveries name: what must be looked up before they can become drafts."""

from collections.abc import Iterable, Sequence

from domain.errors import Malformed
from domain.identity import LINK
from intake.delivery import Delivery
from intake.directory import Directory, is_event_id, target_key
from intake.grant import AMENDING
from intake.links import kept_name
from intake.subject import OF_OWN_STREAMS, own_stream, reference

REGISTRATION = "ProjectRegistered"
PROJECT = "project/"
BRINGING = frozenset({REGISTRATION, "ProjectCodeAssigned"})
"""The kinds that make a project known by other names."""
_NAMING = AMENDING | {REGISTRATION}
_OTHERS = _NAMING | OF_OWN_STREAMS | {LINK}
"""The kinds that name more than a project, or none."""


def plain_stream(delivery: Delivery) -> str | None:
    """Give the project that a delivery names by its id, if that is all it depends on.

    Its signature, if it has one, depends on the keys of its source. Raises Malformed.
    """
    if (
        delivery.subject is None
        or delivery.kind in _OTHERS
        or delivery.expected_version is not None
        or delivery.attested is not None
    ):
        return None
    subject = reference(delivery.subject)
    return subject if subject.startswith(PROJECT) else None


def keys_of(delivery: Delivery) -> Sequence[str]:
    """Give what must be looked up before a delivery can become a draft; nothing if malformed."""
    keys = []
    try:
        if delivery.kind in AMENDING:
            keys += [target_key(named_target(delivery)), target_key(record_alias(delivery))]
        if own_stream(delivery.kind, delivery.subject, delivery.payload) is None:
            keys += [reference(each) for each in (delivery.subject, kept_name(delivery)) if each]
            if delivery.kind == REGISTRATION:
                keys += [record_alias(delivery), target_key(record_alias(delivery))]
    except Malformed:
        # Drafting meets the same mistake and reports it.
        return []
    return keys


def lost_records(deliveries: Iterable[Delivery], directory: Directory) -> dict[str, str]:
    """Give the records of deliveries whose alias means nothing, each with that alias."""
    return {
        delivery.source_key: delivery.subject
        for delivery in deliveries
        if delivery.subject is not None
        and delivery.subject.startswith(("code:", "source:"))
        and delivery.kind not in _NAMING
        and not directory.streams_of(delivery.subject)
    }


def names_brought(deliveries: Iterable[Delivery]) -> set[str]:
    """Give the aliases that deliveries of these kinds make projects known by."""
    brought = set[str]()
    for delivery in deliveries:
        if delivery.kind == REGISTRATION:
            brought.add(record_alias(delivery))
            if delivery.subject:
                brought.add(delivery.subject)
        else:
            brought.add(f"code:{delivery.payload.get('code')}")
    return brought


def mints(delivery: Delivery, directory: Directory) -> bool:
    """Tell whether a delivery registers a project that has no id yet."""
    if delivery.kind != REGISTRATION or registered_streams(delivery, directory):
        return False
    if delivery.subject is None:
        return True
    try:
        subject = reference(delivery.subject)
    except Malformed:
        return False
    return subject.startswith(("code:", "source:")) and not directory.streams_of(subject)


def record_alias(delivery: Delivery) -> str:
    """Give the alias under which the project is known that a record registers."""
    return f"source:{delivery.source_key}"


def registered_streams(delivery: Delivery, directory: Directory) -> set[str]:
    """Give the streams of the project that a record registered, even if it was retracted since."""
    known = directory.target_of(target_key(record_alias(delivery)))
    again = {known.stream} if known is not None and known.kind == REGISTRATION else set()
    return directory.streams_of(record_alias(delivery)) or again


def named_target(delivery: Delivery) -> str:
    """Give how an amendment names its target. Raises Malformed."""
    inside = delivery.payload.get("target")
    corrects = inside if delivery.corrects is None else delivery.corrects
    if inside is not None and inside != corrects:
        raise Malformed(
            code="invalid_target",
            field="payload.target",
            value=inside,
            cure="Name one target, either in corrects or as the payload's target.",
        )
    if isinstance(corrects, str) and (is_event_id(corrects) or corrects.startswith("source:")):
        return corrects
    raise Malformed(
        code="missing_field" if corrects is None else "invalid_target",
        field="corrects",
        value=corrects,
        cure="Name the event by its id, or the fact as source:<system>/<record id>.",
    )
