"""Name the four questions of dashboards, in the words of each server, and level their answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

OURS, POSTGRAPHILE, MERCURIUS, BARE = "ours", "PostGraphile", "mercurius + JIT", "bare SQL endpoint"
FINISHED = {f"{name}, finished tables": name for name in (POSTGRAPHILE, MERCURIUS, BARE)}
"""The same servers over finished tables of their own instead of the tables that we read."""
DAY = "2025-06-30"
"""The judged day, the same for all."""

_MILESTONES = "milestones { node planned actual colour daysLate }"
_REST = (
    "permits { kind caseNo status department issuedOn }"
    " postEvaluations { id checkpoint completedOn total grade }"
)
_FLAT = "id code title region park enterprise phase phaseLeast colour intensity"
_CELL = "region red yellow green grey total"
_AS_OF = f'asOf: {{ on: "{DAY}" }}'
_ROW_REST = _REST.replace("{ id", "{ id: rowId")
_ROW_FLAT = _FLAT.replace("id", "id: rowId", 1)


@dataclass(frozen=True, slots=True)
class Shape:
    """One question: its name, its variables and its text for each server."""

    name: str
    variables: Mapping[str, Any]
    texts: Mapping[str, str]

    def body(self, server: str) -> bytes:
        """Give the body to post to a server."""
        text = self.texts[FINISHED.get(server, server)]
        return orjson.dumps({"query": text, "variables": self.variables})


def _shape(name: str, variables: Mapping[str, Any], ours: str, graphile: str, merc: str) -> Shape:
    return Shape(name, variables, {OURS: ours, POSTGRAPHILE: graphile, MERCURIUS: merc, BARE: name})


SHAPES = (
    _shape(
        "one project with milestones, permits, evaluations",
        {"id": "bench-000100"},
        f"query ($id: ID!) {{ project(id: $id, {_AS_OF})"
        f" {{ id title region phase colour {_MILESTONES} {_REST} }} }}",
        "query ($id: String!) { project: projectByRowId(rowId: $id)"
        f" {{ id: rowId title region phase colour {_MILESTONES} {_ROW_REST} }} }}",
        f"query ($id: ID!) {{ project(id: $id)"
        f" {{ id title region phase colour {_MILESTONES} {_REST} }} }}",
    ),
    _shape(
        "page of 50 by region and phase with milestones",
        {"region": "320582"},
        f"query ($region: ID!) {{ projects(filter: {{ region: [$region], phase: [CONSTRUCTION] }},"
        f" first: 50, {_AS_OF}) {{ nodes {{ id title region {_MILESTONES} }} }} }}",
        "query ($region: String!) { projects: allProjects(first: 50,"
        ' condition: { region: $region, phase: "CONSTRUCTION" }, orderBy: [ROW_ID_ASC])'
        f" {{ nodes {{ id: rowId title region {_MILESTONES} }} }} }}",
        'query ($region: ID!) { projects(region: $region, phase: "CONSTRUCTION", first: 50)'
        f" {{ id title region {_MILESTONES} }} }}",
    ),
    _shape(
        "board by region and colour",
        {},
        f"{{ board({_AS_OF}) {{ {_CELL} }} }}",
        f"{{ board: allBoards(orderBy: [REGION_ASC]) {{ nodes {{ {_CELL} }} }} }}",
        f"{{ board {{ {_CELL} }} }}",
    ),
    _shape(
        "200 flat rows of 12 fields",
        {},
        f"{{ flat: projects(first: 200, {_AS_OF}) {{ nodes {{ {_FLAT} demandLand {{ value }}"
        " totalInvestment { amount } } } }",
        "{ flat: allProjects(first: 200, orderBy: [ROW_ID_ASC])"
        f" {{ nodes {{ {_ROW_FLAT} demandLand totalInvestment }} }} }}",
        f"{{ flat(first: 200) {{ {_FLAT} demandLand totalInvestment }} }}",
    ),
)

BOARD = SHAPES[2]
KEPT_BOARD = _shape(
    "the same, peers read the board that we keep",
    {},
    BOARD.texts[OURS],
    BOARD.texts[POSTGRAPHILE].replace("allBoards", "allKeptBoards"),
    BOARD.texts[MERCURIUS].replace("board", "board: keptBoard"),
)
"""For peers who count nothing, since we do it for them whenever the ledger moves."""
ASKED = (*SHAPES, KEPT_BOARD)


def levelled(value: Any) -> Any:
    """Take the nodes of connections and the one value of an object for the thing itself."""
    if isinstance(value, list):
        return [levelled(item) for item in value]
    if isinstance(value, dict):
        if value.keys() in ({"nodes"}, {"value"}, {"amount"}):
            return levelled(next(iter(value.values())))
        return {key: levelled(item) for key, item in value.items()}
    return value
