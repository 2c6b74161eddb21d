"""Resolve the two clocks of a question: what is taken as known, and the day that is judged."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from api.errors import NOT_YET_PROJECTED, BadInput, Problem
from api.named_policies import NamedPolicy
from api.policy_kinds import refuse_unknown_kind
from api.scalars import Moment
from api.statement import Wire, text_of
from domain.flexdate import BEIJING
from ledger.reading import position_at
from projections.judging.reach import Reach

_POLICY = """SELECT p.policy_kind FROM read.policies p
    WHERE p.policy = %s AND p.known_from <= %s AND p.known_to > %s LIMIT 1"""


class UselessPolicy(NamedTuple):
    """A policy that was named and cannot judge: unknown, or known and of another kind."""

    named: NamedPolicy
    is_known: bool


class Clocks(NamedTuple):
    """The last position taken into account, the judged day and the language of explanations.

    `reached` is the last position that could be taken into account, `settled` one at which the
    spans hold, if there is any. `before` and `after` are the two pairs of clocks of a question that
    compares, each a position and a day. `reach` limits the caller. `useless` are the
    policies that were named, at the field or below it, and by which nothing could be judged.
    """

    known: int
    on: date
    language: str
    reached: int
    before: tuple[int, date] | None = None
    after: tuple[int, date] | None = None
    settled: int | None = None
    reach: Reach | None = None
    useless: tuple[UselessPolicy, ...] = ()

    def wire(self) -> dict[str, Wire]:
        """Give the values as a statement binds them."""
        values: dict[str, Wire] = {
            "known": str(self.known),
            "settled": str(self.settled),
            "on": self.on.isoformat(),
            "language": self.language,
            "reached": str(self.reached),
        }
        for side, pair in (("before", self.before), ("after", self.after)):
            if pair is not None:
                values[f"known_{side}"] = str(pair[0])
                values[f"on_{side}"] = pair[1].isoformat()
        if self.reach is not None:
            values["regions"] = list(self.reach.regions)
            values["actor"] = self.reach.actor
        return values


class Present(NamedTuple):
    """How far the read models behind a question have come, the moment it is, who reads.

    `settled` is a position at which the spans hold, where that is known already.
    """

    position: int
    now: datetime
    language: str
    settled: int | None = None
    reach: Reach | None = None

    @property
    def today(self) -> date:
        """Give the day it is in Beijing."""
        return day_of(self.now)


def day_of(moment: datetime) -> date:
    """Give the day of a moment in Beijing."""
    return moment.astimezone(BEIJING).date()


def policies_of(key: str, policies: Iterable[NamedPolicy]) -> list[NamedPolicy]:
    """Give the policies that are named at a root field or below it."""
    return [named for named in policies if named.path[0] == key]


async def clocks(
    connection: AsyncConnection[object],
    times: Mapping[str, object],
    present: Present,
    policies: Iterable[NamedPolicy] = (),
) -> Clocks:
    """Resolve `asOf`, `from`, `to` and `atLeast`; nothing beyond the read models is ever known.

    `policies` are those that the field names, which are looked up, as is a `kind` of policies.

    Raises BadInput and Problem.

    Rows are bitemporal, so a statement with this position is exact however far the read models move
    on before it runs.
    """
    at_least = times.get("atLeast")
    if isinstance(at_least, int) and at_least > present.position:
        raise _not_yet(at_least, present.position)
    pairs = [
        await _pair(connection, given, present) if isinstance(given, dict) else None
        for given in map(times.get, ("asOf", "from", "to"))
    ]
    kind = times.get("kind")
    if isinstance(kind, str):
        # The only argument of this name that is a text says what policies rule.
        await refuse_unknown_kind(connection, kind, present.reach)
    known, on = pairs[0] or (present.position, present.today)
    useless = [await _useless(connection, named, known) for named in policies]
    return Clocks(
        known,
        on,
        present.language,
        present.position,
        before=pairs[1],
        after=pairs[2],
        reach=present.reach,
        useless=tuple(each for each in useless if each is not None),
    )


async def _useless(
    connection: AsyncConnection[Any], named: NamedPolicy, known: int
) -> UselessPolicy | None:
    """Tell whether a policy cannot judge, as known at a position. Raises BadInput."""
    found = await connection.execute(_POLICY, (text_of(named.policy), known, known))
    kind = await found.fetchone()
    if kind is None:
        return UselessPolicy(named, is_known=False)
    return None if named.kind in {None, *kind} else UselessPolicy(named, is_known=True)


async def _pair(
    connection: AsyncConnection[object], given: Mapping[str, object], present: Present
) -> tuple[int, date]:
    """Resolve one pair of clocks to a position and a day. Raises BadInput."""
    known, position, on = given.get("known"), given.get("knownPosition"), given.get("on")
    judged, last = None, present.position
    if isinstance(known, Moment):
        if position is not None:
            message = "Give `known` or `knownPosition`, not both."
            raise BadInput(message)
        judged = known.astimezone(BEIJING).date()
        last = min(last, await position_at(connection, known.last))
    elif isinstance(position, int):
        if position < 0:
            message = "`knownPosition` counts from 1; 0 is before everything."
            raise BadInput(message)
        last = min(last, position)
    return last, on if isinstance(on, date) else judged or present.today


def _not_yet(wanted: int, reached: int) -> Problem:
    """Say that the read models have not reached a position in time."""
    return Problem(
        f"The read models have reached position {reached}, not yet {wanted}; ask again.",
        NOT_YET_PROJECTED,
        wanted=wanted,
        position=reached,
    )
