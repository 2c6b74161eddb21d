"""The board (三色看板): projects counted by region and colour."""

from projections.answers.project_filter import PREFIX, filtered, filtered_scope, is_by_facts
from projections.judging.project_colours import coloured, colours_of
from projections.judging.project_scope import by_facts, in_regions, narrowing, numbered, registered
from projections.judging.reach import whole
from projections.spans.board_days import COLOURS, GONE, ON_COUNTED_DAY, boards
from projections.spans.spans import (
    ANY_MUST_BE_JUDGED,
    MUST_BE_JUDGED,
    colours_on_day,
    in_span,
    settled,
)
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed_at

_TOTAL = " + ".join(f"b.{colour}" for colour in COLOURS)
_CELLS = ", ".join(f"('{colour}', c.{colour})" for colour in COLOURS)


def _board(arguments: Arguments) -> str:
    """Count the projects of the filter by their district and their colour on the judged day."""
    if _is_counted(arguments):
        here = in_regions("d.district", arguments, f"{PREFIX}region")
        return f"""SELECT d.district AS region, b.*, {_TOTAL} AS total
            FROM {boards("$settled")} WHERE {here} AND {_TOTAL} > 0"""
    if arguments.given("policy"):
        told = f"WITH scope AS ({filtered_scope(arguments)}), {coloured(arguments)} TABLE coloured"
    elif _is_of_regions(arguments):
        return _of_regions(arguments)
    else:
        told = f"WITH found AS MATERIALIZED ({filtered(arguments)}) {colours_on_day('found')}"
    return _added_up(f"SELECT c.district, c.colour, 1 AS projects FROM ({told}) c")


def _added_up(told: str) -> str:
    """Add numbers of projects up to boards; districts without any are left out."""
    counts = ", ".join(
        f"coalesce(sum(c.projects) FILTER (WHERE c.colour = '{colour}'), 0)::integer AS {colour}"
        for colour in COLOURS
    )
    return f"""SELECT c.district AS region, {counts}, sum(c.projects)::integer AS total
        FROM ({told}) c GROUP BY c.district HAVING sum(c.projects) > 0"""


def _is_of_regions(arguments: Arguments) -> bool:
    """Tell whether whole districts are asked about."""
    return is_by_facts(arguments) and not narrowing(arguments, PREFIX)


def _is_counted(arguments: Arguments) -> bool:
    """Tell whether the board was counted when its position was settled."""
    by_policy = arguments.given("policy")
    return not by_policy and _is_of_regions(arguments) and arguments.is_settled()


def _gone(arguments: Arguments) -> str | None:
    """Say when there is no counted board."""
    return GONE if _is_counted(arguments) else None


def _of_regions(arguments: Arguments) -> str:
    """Count the projects of some regions, mostly without looking at any.

    From the board as of the nearest settlement the projects are taken out about which more, or
    less, is known; they are judged. What is taken out may lie beyond the caller's reach by now.
    """
    here = in_regions("c.district", arguments, f"{PREFIX}region")
    remaining = by_facts(arguments, PREFIX, source=registered(MUST_BE_JUDGED.format("r.project")))
    scope = numbered(f"SELECT s.* FROM ({remaining}) s WHERE {ANY_MUST_BE_JUDGED}")
    taken_out = f"""SELECT c.district, c.colour, -1 FROM settled e CROSS JOIN unsettled u
        JOIN read.project_spans c ON c.project = u.project
            AND {believed_at("c", "e.position")} AND {in_span("c")}
        WHERE {here} AND within_reach(c.district)"""
    return f"""WITH {whole(settled(ON_COUNTED_DAY))}
        {
        _added_up(
            f'''SELECT c.district, k.colour, k.projects FROM (
            SELECT d.district, b.* FROM settled e CROSS JOIN {boards("e.position")}) c
        CROSS JOIN LATERAL (VALUES {_CELLS}) k (colour, projects) WHERE {here}
        UNION ALL {whole(taken_out)}
        UNION ALL SELECT c.district, c.colour, 1 FROM ({colours_of(scope)}) c'''
        )
    }"""


BOARD_CELL = Relation(
    "BoardCell",
    row={
        "region": "text",
        "red": "integer",
        "yellow": "integer",
        "green": "integer",
        "grey": "integer",
        "total": "integer",
    },
    fields={
        "region": Value("$self.region", "id"),
        "red": Value("$self.red", "int"),
        "yellow": Value("$self.yellow", "int"),
        "green": Value("$self.green", "int"),
        "grey": Value("$self.grey", "int"),
        "total": Value("$self.total", "int"),
    },
)

RELATIONS = (BOARD_CELL,)
ROOTS: dict[str, One | Many | Page] = {"board": Many("BoardCell", _board, "$self.region", _gone)}
