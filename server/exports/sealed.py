"""Record in the ledger that names of persons leave it, before they do."""

from dataclasses import replace
from uuid import uuid4

from domain.envelope import Actor
from server.administration import record
from server.exports.about import About
from server.house import House
from server.operator import OPERATOR


async def record_names(
    house: House, called: tuple[str, str], about: About, names: int, actor: Actor | None = None
) -> None:
    """Say in whose hands how many names were put, in which form and as what. Raises NotRecorded."""
    form, scope = called
    grant = OPERATOR if actor is None else replace(OPERATOR, actor=actor)
    payload = {"form": form, "scope": scope, "size": about.known, "names": names}
    await record(
        house, "SealedPartsExported", payload, record_id=f"sealed-parts-{uuid4()}", grant=grant
    )
