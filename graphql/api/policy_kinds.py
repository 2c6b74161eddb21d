"""Refuse a kind of policies that there is not: the answer to it would only be empty."""

from difflib import get_close_matches
from typing import Any

from psycopg import AsyncConnection

from api.errors import BadInput
from api.statement import text_of
from domain.errors import shortened
from domain.policy_rules import SECTIONS
from projections.judging.reach import Reach

_ADOPTED = """SELECT FROM read.policies p WHERE p.policy_kind = %(kind)s
    AND (%(regions)s::text[] IS NULL OR EXISTS (
        SELECT FROM unnest(%(regions)s::text[]) AS r (code)
        WHERE r.code ^@ p.jurisdiction OR p.jurisdiction ^@ r.code)) LIMIT 1"""


async def refuse_unknown_kind(
    connection: AsyncConnection[Any], kind: str, reach: Reach | None
) -> None:
    """Look for a kind that has no rules of ours among what was adopted. Raises BadInput.

    Policies of further kinds are kept and shown. One that is adopted later is known as a kind in
    questions about the past, too; those adopted elsewhere are not told to who is limited.
    """
    if kind in SECTIONS:
        return
    regions = None if reach is None else list(reach.regions)
    found = await connection.execute(_ADOPTED, {"kind": text_of(kind), "regions": regions})
    if await found.fetchone() is not None:
        return
    near = get_close_matches(kind, SECTIONS, n=3)
    cure = (
        f"Did you mean {' or '.join(near)}?"
        if near
        else f"Give one of {', '.join(SECTIONS)}, or a kind that was adopted."
    )
    message = f"`kind` cannot be {shortened(kind)}. {cure}"
    raise BadInput(message, argument="kind", value=shortened(kind), cure=cure)
