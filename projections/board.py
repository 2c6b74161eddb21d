"""The board (三色看板): projects counted by region and colour."""

from projections.project_colours import coloured
from projections.project_filter import filtered_scope
from projections.relation import Arguments, Many, One, Page, Relation, Value


def _board(arguments: Arguments) -> str:
    """Count the projects of the filter by their district and their colour on the judged day."""
    counts = ", ".join(
        f"count(*) FILTER (WHERE c.colour = '{colour}')::integer AS {colour}"
        for colour in ("red", "yellow", "green", "grey")
    )
    return (
        f"WITH scope AS ({filtered_scope(arguments)}), {coloured(arguments)}"
        f" SELECT c.district AS region, {counts}, count(*)::integer AS total"
        " FROM coloured c GROUP BY c.district"
    )


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
