"""The board (三色看板): projects counted by region and colour."""

from projections.colour_spans import (
    ANY_MUST_BE_JUDGED,
    MUST_BE_JUDGED,
    SPANNED,
    colours_on_day,
    settled,
)
from projections.project_colours import coloured, colours_of
from projections.project_filter import PREFIX, filtered, filtered_scope, is_by_facts
from projections.project_scope import by_facts, in_regions, narrowing, numbered, registered
from projections.relation import Arguments, Many, One, Page, Relation, Value


def _board(arguments: Arguments) -> str:
    """Count the projects of the filter by their district and their colour on the judged day."""
    counts = ", ".join(
        f"count(*) FILTER (WHERE c.colour = '{colour}')::integer AS {colour}"
        for colour in ("red", "yellow", "green", "grey")
    )
    if arguments.given("policy"):
        told = f"WITH scope AS ({filtered_scope(arguments)}), {coloured(arguments)} TABLE coloured"
    elif is_by_facts(arguments) and not narrowing(arguments, PREFIX):
        told = _of_regions(arguments)
    else:
        told = f"WITH found AS MATERIALIZED ({filtered(arguments)}) {colours_on_day('found')}"
    return (
        f"SELECT c.district AS region, {counts}, count(*)::integer AS total"
        f" FROM ({told}) c GROUP BY c.district"
    )


def _of_regions(arguments: Arguments) -> str:
    """Select the colours of all projects of some regions, mostly without looking at a project."""
    here = in_regions("c.district", arguments, f"{PREFIX}region")
    remaining = by_facts(arguments, PREFIX, source=registered(MUST_BE_JUDGED.format("r.project")))
    scope = numbered(f"SELECT s.* FROM ({remaining}) s WHERE {ANY_MUST_BE_JUDGED}")
    return f"""WITH {settled()}
        SELECT c.district, c.colour FROM ({SPANNED}) c WHERE {here}
        UNION ALL SELECT c.district, c.colour FROM ({colours_of(scope)}) c"""


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
ROOTS: dict[str, One | Many | Page] = {"board": Many("BoardCell", _board, "$self.region")}
