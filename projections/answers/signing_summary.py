"""What was signed in some days: how much of it makes things, and how much goes into parks."""

from domain.ranking import YI
from projections.spans.lives import lives
from projections.terms.industries import lies_in
from projections.terms.quantities import money, ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen

_MADE = lies_in("p.industry", "'C'")


def _signing_summary(arguments: Arguments) -> str:
    """Count the projects first signed in the days, as large as asked for."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    least = arguments.bind("min_yi", "numeric") if arguments.given("min_yi") else "1"
    return f"""WITH signed AS MATERIALIZED (SELECT p.project, p.park, p.total, {_MADE} AS made,
                s.is_foreign
            FROM (SELECT DISTINCT ON (g.project) g.project, g.day_to, g.is_foreign
                FROM read.signings g WHERE {seen("g")}
                ORDER BY g.project, g.day_to, g.order_key) s
            JOIN ({lives(arguments, "region")}) p ON p.project = s.project
            WHERE s.day_to BETWEEN {first} AND {last} AND p.total >= {least} * {YI})
        SELECT count(*) AS projects, coalesce(sum(s.total), 0) AS total,
            count(*) FILTER (WHERE s.made) AS made, count(*) FILTER (WHERE s.is_foreign) AS foreign,
            count(*) FILTER (WHERE s.made AND s.park IS NOT NULL) AS parked,
            coalesce((SELECT jsonb_agg(to_jsonb(k) ORDER BY k.park) FROM (
                SELECT b.park, count(*) AS projects, count(*) FILTER (WHERE b.made) AS made,
                    sum(b.total) AS total
                FROM signed b WHERE b.park IS NOT NULL GROUP BY b.park) k), '[]') AS parks
        FROM signed s"""


def _parks(_: Arguments) -> str:
    """Select the parks with what was signed for each."""
    return """SELECT k.park, k.projects, k.made, k.total FROM jsonb_to_recordset($parent.parks)
        AS k (park text, projects bigint, made bigint, total numeric)"""


SIGNING_SUMMARY = Relation(
    "SigningSummary",
    row={
        "projects": "bigint",
        "total": "numeric",
        "made": "bigint",
        "foreign": "bigint",
        "parked": "bigint",
        "parks": "jsonb",
    },
    fields={
        "projects": Value("$self.projects", "int"),
        "total_investment": money("$parent.total"),
        "manufacturing": Value("$self.made", "int"),
        "foreign": Value("$self.foreign", "int"),
        "manufacturing_share": ratio("$parent.made", "$parent.projects"),
        "park_entry_rate": ratio("$parent.parked", "$parent.made"),
        "by_park": Many("ParkSignings", _parks, '$self.park COLLATE "C"'),
    },
)

PARK_SIGNINGS = Relation(
    "ParkSignings",
    row={"park": "text", "projects": "bigint", "made": "bigint", "total": "numeric"},
    fields={
        "park": Value("$self.park", "text"),
        "projects": Value("$self.projects", "int"),
        "manufacturing": Value("$self.made", "int"),
        "total_investment": money("$parent.total"),
    },
)

RELATIONS = (SIGNING_SUMMARY, PARK_SIGNINGS)
ROOTS: dict[str, One | Many | Page] = {"signing_summary": One("SigningSummary", _signing_summary)}
