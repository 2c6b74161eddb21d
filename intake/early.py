"""Tell which deliveries may be drafted early, while the ones before them are being appended.

Drafts of one call count on those before them in the call. In the same way what is drafted early
counts on what is on its way, and only where that tells everything that the ledger would tell
afterwards; whatever else comes is drafted when its turn has come. If what was counted on turns out
otherwise, what was drafted early is forgotten and drafted anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from domain.identity import LINK
from intake.adoptions import KIND as ADOPTION
from intake.delivery import Delivery
from intake.directory import Directory
from intake.gates import Gate
from intake.grant import AMENDING
from intake.item import Item
from ledger.attesters import KIND as KEYS

_DECISIVE: Final = frozenset({LINK, ADOPTION, KEYS})
"""The kinds after which other things are asked of what follows, or it means something else."""


@dataclass(frozen=True, slots=True)
class Early:
    """What was known when a call was drafted, and what its drafts have added to it."""

    directory: Directory
    gate: Gate
    amends: bool

    def tells(self, keys: Iterable[str]) -> bool:
        """Tell whether one may know what keys mean before its own drafts are appended.

        An alias may be given or withdrawn by an amendment, which only the ledger can say.
        """
        return not self.amends or not any(key.startswith(("code:", "source:")) for key in keys)


def amends(deliveries: Iterable[Delivery]) -> bool:
    """Tell whether any of the deliveries amends another fact."""
    return any(delivery.kind in AMENDING for delivery in deliveries)


def may_be_early(items: Iterable[Item]) -> bool:
    """Tell whether deliveries depend on nothing but what they name."""
    return not any(
        (item.plain is None and _decides(item.delivery))
        or (item.limits is not None and item.limits.regions is not None)
        for item in items
    )


def _decides(delivery: Delivery) -> bool:
    """Tell whether a delivery changes what is asked of others, or asks something itself."""
    return delivery.kind in _DECISIVE or delivery.expected_version is not None
