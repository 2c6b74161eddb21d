"""What follows from facts and the day, and is worth telling when it begins to be so.

Each topic says what stands now, by subject; a change is a subject that did not stand before. The
answers are those of GraphQL, so they are what anybody would see who asked at that moment.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from api.engine import Engine
from api.extraction import At, Extraction, roots_of
from api.request import Request
from psycopg import AsyncConnection

_PROJECT = "project { id code title region }"
_RED = "query TurnedRed { projects(filter: {colour: [RED]}) { nodes { id code title region } } }"
_OVERDUE = f"""query FellDue {{ overdue(minDaysLate: 1) {{
    phaseId node planned responsibleUnit {_PROJECT} }} }}"""
_DRIFT = """query Drifted($period: String!, $region: [ID!]) {
    ranking(period: $period, region: $region) { round period drift { path old new } } }"""
_ROUNDS = """
SELECT DISTINCT ON (v.round_id) v.round_id, v.occurred_on, coalesce(nullif(p.jurisdiction, ''),
    (SELECT min(u.unit) FROM jsonb_object_keys(v.ranks) AS u (unit)))
FROM read.publications AS v LEFT JOIN read.policies AS p ON p.policy = v.policy
WHERE v.known_from <= %(known)s AND v.known_to > %(known)s AND v.day_to <= %(on)s
ORDER BY v.round_id, v.published_on DESC, v.order_key DESC
"""


class Standing(NamedTuple):
    """Something that stands now: what it is about, where that lies, and what is told of it."""

    subject: str
    region: str | None
    told: Mapping[str, Any]


@dataclass
class Look:
    """One look at everything, as known at one position and judged on one day."""

    engine: Engine
    connection: AsyncConnection[Any]
    at: At | None = None

    async def values(self, document: str, **variables: Any) -> AsyncIterator[Any]:
        """Give the value of a document's one field, page by page. Raises Problem."""
        request = Request(document, variables=variables, is_own=True)
        [root] = roots_of(self.engine, request).values()
        extraction = Extraction(self.engine, request, root)
        async for value in extraction.pages(self.at):
            self.at = extraction.at
            yield value


async def _red(look: Look) -> AsyncIterator[Standing]:
    """Give the projects that are red."""
    async for page in look.values(_RED):
        for project in page["nodes"]:
            yield Standing(project["id"], project["region"], {"project": project})


async def _overdue(look: Look) -> AsyncIterator[Standing]:
    """Give the promises whose day has passed without being kept; a new day is a new promise."""
    async for states in look.values(_OVERDUE):
        for state in states:
            project = state["project"]
            parts = (project["id"], state["phaseId"] or "", state["node"], state["planned"] or "")
            yield Standing("/".join(parts), project["region"], state)


async def _drift(look: Look) -> AsyncIterator[Standing]:
    """Give the published figures that would be others today; another value is another drift."""
    assert look.at is not None
    values = {"known": look.at.known, "on": look.at.on}
    rounds = await (await look.connection.execute(_ROUNDS, values)).fetchall()
    for name, period, region in rounds:
        async for ranking in look.values(_DRIFT, period=period, region=[region]):
            if ranking is None or ranking["round"] != name:
                continue
            for drift in ranking["drift"]:
                told = {"round": name, "period": period, **drift}
                yield Standing(f"{name}/{drift['path']}={drift['new']}", region, told)


Find = Callable[[Look], AsyncIterator[Standing]]
TOPICS: Final[dict[str, Find]] = {
    "project.red": _red,
    "promise.overdue": _overdue,
    "figure.drifted": _drift,
}
"""What can be told, in the order in which it is looked for."""
