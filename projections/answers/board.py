"""The board (三色看板): projects counted by region and colour."""

from projections.answers.project_filter import PREFIX, filtered, filtered_scope, is_by_facts
from projections.judging.project_colours import coloured, colours_of
from projections.judging.project_scope import by_facts, in_regions, narrowing, numbered, registered
from projections.spans import board_days
from projections.spans.spans import (
    ANY_MUST_BE_JUDGED,
    MUST_BE_JUDGED,
    SPANNED,
    colours_on_day,
    settled,
)
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value


def _board(arguments: Arguments) -> str:
    """Count the projects of the filter by their district and their colour on the judged day."""
    if _is_counted(arguments):
        here = in_regions("f.district", arguments, f"{PREFIX}region")
        return f"{board_days.BOARD} AND {here}"
    counts = ", ".join(
        f"count(*) FILTER (WHERE c.colour = '{colour}')::integer AS {colour}"
        for colour in ("red", "yellow", "green", "grey")
    )
    if arguments.given("policy"):
        told = f"WITH scope AS ({filtered_scope(arguments)}), {coloured(arguments)} TABLE coloured"
    elif _is_of_regions(arguments):
        told = _of_regions(arguments)
    else:
        told = f"WITH found AS MATERIALIZED ({filtered(arguments)}) {colours_on_day('found')}"
    return (
        f"SELECT c.district AS region, {counts}, count(*)::integer AS total"
        f" FROM ({told}) c GROUP BY c.district"
    )


def _is_of_regions(arguments: Arguments) -> bool:
    """Tell whether whole districts are asked about."""
    return is_by_facts(arguments) and not narrowing(arguments, PREFIX)


def _is_counted(arguments: Arguments) -> bool:
    """Tell whether the board was counted when its position was settled."""
    by_policy = arguments.given("policy")
    return not by_policy and _is_of_regions(arguments) and arguments.is_settled()


def _outrun(arguments: Arguments) -> str | None:
    """Say when the counted boards are those of another position."""
    return board_days.OUTRUN if _is_counted(arguments) else None


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
ROOTS: dict[str, One | Many | Page] = {"board": Many("BoardCell", _board, "$self.region", _outrun)}
