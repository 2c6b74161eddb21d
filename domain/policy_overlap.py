"""Refuse a policy that would rule together with another one, so that nobody knows which holds.

Two policies of one kind for one place collide when a day has both. A policy without a last day
gives way to the next version of itself; every other end has to be said. Rules that carry a name,
such as those of the five and of the nine permits, stand beside each other.
"""

from collections.abc import Iterable
from datetime import date

from domain.errors import Refused
from domain.policy import Policy, check_rules_are_there
from domain.toml_lines import line_of


class PolicyOverlap(Refused):
    """It would hold together with {other}, on {value}."""

    code = "policy_overlap"
    cure = "Choose days on which {other} does not hold, or correct its adoption first."


class PolicyVersionTaken(Refused):
    """There is another text of {value} already."""

    code = "policy_version_taken"
    cure = "Give the changed text a new version; an adopted file is never edited."


def check_adoption(policy: Policy, adopted: Iterable[Policy]) -> None:
    """Refuse a policy beside those in force. Raises PolicyOverlap or PolicyVersionTaken.

    The same text again is no other policy. Raises Malformed for a new one without its table of
    rules.
    """
    known = tuple(adopted)
    if all(other.sha256 != policy.sha256 for other in known):
        check_rules_are_there(policy, "payload")
    for other in known:
        if other.sha256 == policy.sha256:
            continue
        if other.ref == policy.ref:
            raise PolicyVersionTaken(field=_field(policy, "version"), value=policy.ref)
        day = common_day(policy, other)
        if day is not None:
            raise PolicyOverlap(
                field=_field(policy, "effective_from"), value=day.isoformat(), other=_told(other)
            )


def common_day(one: Policy, other: Policy) -> date | None:
    """Give the first day on which two policies would both hold, None if there is none."""
    if (one.kind, one.jurisdiction) != (other.kind, other.jurisdiction):
        return None
    if one.rules.get("name") != other.rules.get("name"):
        return None
    earlier, later = sorted((one, other), key=lambda policy: policy.effective_from)
    if earlier.effective_to is None:
        gives_way = earlier.id == later.id and earlier.effective_from < later.effective_from
        return None if gives_way else later.effective_from
    return later.effective_from if later.effective_from <= earlier.effective_to else None


def _field(policy: Policy, key: str) -> str:
    """Point at the key and its line in the file."""
    return f"payload.body line {line_of(policy.body, ('policy', key))}: policy.{key}"


def _told(policy: Policy) -> str:
    """Name a policy with its days."""
    last = "until further notice" if policy.effective_to is None else f"to {policy.effective_to}"
    return f"{policy.ref} (from {policy.effective_from} {last})"
