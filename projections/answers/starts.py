"""How many projects started in each quarter, and in which concentrated starts (集中开工)."""

from domain.ranking import YI
from projections.spans.lives import lives
from projections.terms.quantities import money
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen

_LABELS = {
    "day": "to_char(f.day, 'YYYY-MM-DD')",
    "month": "to_char(f.day, 'YYYY-MM')",
    "quarter": "to_char(f.day, 'YYYY-\"Q\"Q')",
    "year": "to_char(f.day, 'YYYY')",
}


def _starts(arguments: Arguments) -> str:
    """Count projects by their first start; a coarse date counts in the period of its last day."""
    bucket = str(arguments.choice("bucket")).lower() if arguments.given("bucket") else "quarter"
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    large = "true"
    if arguments.given("min_yi"):
        large = f"p.total >= {arguments.bind('min_yi', 'numeric')} * {YI}"
    return f"""WITH begun AS MATERIALIZED (SELECT f.day, f.ceremony, p.total, {_LABELS[bucket]}
                AS period
            FROM (SELECT DISTINCT ON (c.project) c.project, c.day_to AS day, c.ceremony
                FROM read.construction_starts c WHERE {seen("c")}
                ORDER BY c.project, c.day_to, c.order_key) f
            JOIN ({lives(arguments, "region")}) p ON p.project = f.project
            WHERE f.day BETWEEN {first} AND {last} AND {large}),
        held AS (SELECT b.period, b.ceremony, min(b.day) AS day, count(*) AS starts,
                coalesce(sum(b.total), 0) AS total
            FROM begun b WHERE b.ceremony IS NOT NULL GROUP BY b.period, b.ceremony)
        SELECT b.period, count(*) AS starts, coalesce(sum(b.total), 0) AS total, coalesce(
                (SELECT jsonb_agg(to_jsonb(h) ORDER BY h.day, h.ceremony) FROM held h
                    WHERE h.period = b.period), '[]') AS ceremonies
        FROM begun b GROUP BY b.period"""


def _ceremonies(_: Arguments) -> str:
    """Select the ceremonies of a period."""
    return """SELECT c.ceremony, c.day, c.starts, c.total
        FROM jsonb_to_recordset($parent.ceremonies)
            AS c (ceremony text, day date, starts bigint, total numeric)"""


START_COUNT = Relation(
    "StartCount",
    row={"period": "text", "starts": "bigint", "total": "numeric", "ceremonies": "jsonb"},
    fields={
        "period": Value("$self.period", "text"),
        "starts": Value("$self.starts", "int"),
        "total_investment": money("$parent.total"),
        "ceremonies": Many("Ceremony", _ceremonies, "$self.day, $self.ceremony"),
    },
)

CEREMONY = Relation(
    "Ceremony",
    row={"ceremony": "text", "day": "date", "starts": "bigint", "total": "numeric"},
    fields={
        "name": Value("$self.ceremony", "text"),
        "on": Value("$self.day", "date"),
        "starts": Value("$self.starts", "int"),
        "total_investment": money("$parent.total"),
    },
)

RELATIONS = (START_COUNT, CEREMONY)
ROOTS: dict[str, One | Many | Page] = {"starts": Many("StartCount", _starts, "$self.period")}
