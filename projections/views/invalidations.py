"""The certificates that stopped being valid."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import text
from projections.folding.projection import Column, FactView


class Invalidations(FactView):
    """One row a lapse, withdrawal or revocation of a certificate (证照废止/撤销)."""

    name = "invalidations"
    kinds = frozenset({"PermitLapsedOrRevoked"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("certificate_no", 'text COLLATE "C" NOT NULL'),
        Column("act", "text NOT NULL"),
        Column("ground", "text NOT NULL"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the certificate and why it is void."""
        payload = fact.payload
        yield (text(payload, "certificate_no"), text(payload, "act"), text(payload, "ground"))


VIEW = Invalidations()
