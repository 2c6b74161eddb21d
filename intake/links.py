"""Let a link of identities lie with what it keeps."""

from msgspec.structs import replace

from domain.errors import Malformed
from domain.identity import LINK
from intake.delivery import Delivery
from intake.directory import Directory
from intake.subject import reference


def kept_name(delivery: Delivery) -> str | None:
    """Give the project that a link of projects keeps, as it is named."""
    payload = delivery.payload
    of_projects = delivery.kind == LINK and payload.get("kind") == "project"
    keep = payload.get("keep") if of_projects else None
    return keep if isinstance(keep, str) else None


def under_kept(delivery: Delivery, directory: Directory) -> Delivery:
    """Give a link the subject it keeps. Raises Malformed for one sent to somebody else."""
    kind, keep = delivery.payload.get("kind"), delivery.payload.get("keep")
    if delivery.kind != LINK or not isinstance(keep, str):
        return delivery
    wanted = "enterprise" if kind == "enterprise" else "project"
    if delivery.subject is None:
        bare = kind == wanted == "enterprise" and not keep.startswith("enterprise/")
        named = f"enterprise/{keep}" if bare else keep
        return delivery if kind == "parcel" else replace(delivery, subject=named)
    strange = (wanted == "enterprise") is not delivery.subject.startswith("enterprise/")
    streams = (directory.streams_of(reference(each)) for each in (keep, delivery.subject))
    one, other = streams if kind == "project" else ((), ())
    if strange or (one and other and one != other):
        raise Malformed(
            code="wrong_subject",
            field="subject",
            value=delivery.subject,
            cure=f'A link lies with what it keeps: leave subject out, or name "{wanted}/<id>".',
        )
    return delivery
