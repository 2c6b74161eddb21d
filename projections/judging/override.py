"""The decisions to show another colour than the judged one, while they hold."""

from projections.terms.relation import One, Relation, Value
from projections.terms.seen import believed, seen

OVERRIDDEN = f"""overridden AS (
    SELECT DISTINCT ON (s.n) s.n, o.colour
    FROM scope s JOIN read.colour_overrides o ON o.project = s.project
    WHERE o.node IS NULL AND {believed("o")} AND o.day_to <= s.cut AND o.until_to >= s.day
    ORDER BY s.n, o.order_key DESC)"""
"""The colour decided last for each question of a scope, where a decision holds on its day."""


def overrides(where: str) -> str:
    """Select the decision that holds on the judged day; `where` narrows the rows `o`."""
    return f"""SELECT o.colour, o.until, o.approved_by, o.position
        FROM read.colour_overrides o WHERE {where} AND {seen("o")} AND o.until_to >= $on
        ORDER BY o.order_key DESC LIMIT 1"""


COLOUR_OVERRIDE = Relation(
    "ColourOverride",
    row={"colour": "text", "until": "text", "approved_by": "text", "position": "bigint"},
    fields={
        "colour": Value("$self.colour", "text"),
        "shown": Value("$self.colour", "enum"),
        "until": Value("$self.until", "flexdate"),
        "approved_by": Value("$self.approved_by", "text"),
        "cause": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

RELATIONS = (COLOUR_OVERRIDE,)
