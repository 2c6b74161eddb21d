"""How late each source reports: from the last day a fact can have happened to its recording."""

from projections.answers.events import recorded_between
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed
from projections.terms.summary_policy import summary_policy

_QUARTER_END = "(date_trunc('quarter', a.day_to) + INTERVAL '3 months' - INTERVAL '1 day')::date"


def _quantile(percent: int) -> str:
    """Give the nearest-rank quantile over counted days."""
    reached = f"c.running >= greatest((c.total * {percent} + 99) / 100, 1)"
    return f"min(c.days) FILTER (WHERE {reached})"


def _lateness(arguments: Arguments) -> str:
    """Count the days of every source first, since facts are many and days are few."""
    bounds = " AND ".join(recorded_between(arguments, "a", "from", "to"))
    return f"""WITH rules AS MATERIALIZED ({summary_policy("reporting", arguments)}),
        arrived AS MATERIALIZED (SELECT a.source, a.recorded_on, a.day_to, count(*) AS n
            FROM read.arrivals a WHERE {believed("a")} AND {bounds}
            GROUP BY a.source, a.recorded_on, a.day_to),
        counted AS (SELECT a.source, greatest(a.recorded_on - a.day_to, 0) AS days,
                a.recorded_on - {_QUARTER_END} AS past, a.n FROM arrived a),
        daily AS (SELECT c.source, c.days, sum(c.n) AS n, sum(c.n) FILTER (WHERE c.past
                > coalesce((rules.rules ->> 'quarter_close_days')::integer, 0)) AS late
            FROM counted c CROSS JOIN rules GROUP BY c.source, c.days)
        SELECT c.source, sum(c.n) AS events, {_quantile(50)} AS median, {_quantile(95)} AS p95,
            coalesce(sum(c.late), 0) AS late
        FROM (SELECT d.*, sum(d.n) OVER (PARTITION BY d.source ORDER BY d.days)::bigint AS running,
                (sum(d.n) OVER (PARTITION BY d.source))::bigint AS total FROM daily d) c
        GROUP BY c.source"""


LATENESS = Relation(
    "Lateness",
    row={
        "source": "text",
        "events": "numeric",
        "median": "integer",
        "p95": "integer",
        "late": "numeric",
    },
    fields={
        "source": Value("$self.source", "text"),
        "events": Value("$self.events", "int"),
        "median_days": Value("$self.median::numeric", "decimal"),
        "p95_days": Value("$self.p95::numeric", "decimal"),
        "after_quarter_close": Value("$self.late", "int"),
    },
)

RELATIONS = (LATENESS,)
ROOTS: dict[str, One | Many | Page] = {
    "lateness": Many("Lateness", _lateness, '$self.source COLLATE "C"')
}
