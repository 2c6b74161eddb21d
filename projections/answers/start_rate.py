"""The start rate through a year: how many of the projects listed as new have started, by date.

On each day the set is taken anew: the projects that stand on a list of the year as new starts. One
that is listed, removed or reclassified during the year counts exactly on the days it stands there,
unless the policy says that removed projects stay. Coarse dates count once their last day has come.
Whether a start counts that an inspection denies, or none confirms, is said by the policy.
"""

from projections.judging.effective_starts import start_spans
from projections.judging.entries import BROADEST_FIRST, MEMBERSHIP, any_of
from projections.judging.project_scope import lies_in_regions
from projections.terms.quantities import ratio
from projections.terms.regions import significant
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.terms.summary_policy import listing_rules

_WIDTHS = {"day": "1 day", "month": "1 month", "quarter": "3 months", "year": "1 year"}

_UNTIL = """min(t.day_to) OVER (PARTITION BY t.project, t.list_id ORDER BY t.order_key
    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"""
"""A fact holds from its own last day until the first one that a later fact in fold order has."""

_PUBLISHED = f"""SELECT t.list_id, t.level, t.year, t.day_to AS since,
        min(t.day_to) OVER (PARTITION BY t.list_id ORDER BY t.order_key
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS until
    FROM read.lists t WHERE {seen("t")}"""
"""What a list is, from each of its publications until the next one."""

_STANDING = f"""SELECT t.project, t.list_id, t.act, t.day_to AS since, {_UNTIL} AS until
    FROM told t CROSS JOIN rules
    WHERE t.act IN {MEMBERSHIP} AND NOT (rules.stays AND t.act = 'remove')"""

_CLASSED = f"""SELECT t.project, t.list_id, t.class, t.own, t.day_to AS since,
        {_UNTIL} AS until
    FROM told t WHERE t.class IS NOT NULL"""

_SPANS = f"""SELECT b.project, b.since, b.until FROM (
        SELECT s.project, greatest(s.since, c.since, p.since) AS since,
            least(s.until, c.until, p.until) AS until
        FROM ({_STANDING}) s JOIN ({_CLASSED}) c USING (project, list_id)
        JOIN published p USING (list_id) CROSS JOIN rules
        WHERE s.act <> 'remove' AND c.class = 'new' AND {{counts}}) b
    WHERE (b.until IS NULL OR b.since < b.until)"""

_TARGETS = f"""SELECT DISTINCT ON (g.target_id) g.target_id, g.metric, g.regions, g.levels,
    g.comparator, g.due_to,
    g.threshold * CASE WHEN g.unit IN ('ratio', '1') THEN 100 ELSE 1 END AS threshold
    FROM read.targets g WHERE {seen("g")} ORDER BY g.target_id, g.order_key DESC"""

_IN_FORCE = """SELECT g.threshold, g.comparator FROM targets g WHERE g.due_to <= n.day
    ORDER BY g.due_to DESC, cardinality(g.regions) DESC, cardinality(g.levels) DESC,
        g.threshold DESC, g.target_id LIMIT 1"""

_MET = """CASE WHEN n.listed > 0 THEN CASE g.comparator
    WHEN '>=' THEN 100 * n.started >= g.threshold * n.listed
    WHEN '>' THEN 100 * n.started > g.threshold * n.listed
    WHEN '<=' THEN 100 * n.started <= g.threshold * n.listed
    WHEN '<' THEN 100 * n.started < g.threshold * n.listed
    ELSE 100 * n.started = g.threshold * n.listed END END"""


def _days(arguments: Arguments) -> str:
    """Select the last day of every bucket that has begun; the judged day ends the last one."""
    year = arguments.bind("year", "integer")
    bucket = str(arguments.choice("bucket")).lower() if arguments.given("bucket") else "month"
    width = f"interval '{_WIDTHS[bucket]}'"
    return f"""SELECT least((b.start + {width})::date - 1, $on) AS day
        FROM generate_series(make_date({year}, 1, 1)::timestamp,
            make_date({year}, 12, 31)::timestamp, {width}) AS b (start)
        WHERE b.start::date <= $on"""


def _steps(spans: str, columns: str) -> str:
    """Select one row where a span begins and one where it ends, to be summed up to any day."""
    return f"""SELECT w.day, {columns} FROM (
            SELECT lower(s.span) AS day, 1 AS one FROM {spans} s UNION ALL
            SELECT upper(s.span), -1 FROM {spans} s WHERE NOT upper_inf(s.span)) w"""


def _applicable(arguments: Arguments) -> str:
    """Give the condition that a target is set for exactly the regions and levels asked about.

    A target that names no region or no level holds for whatever is asked.
    """
    year = arguments.bind("year", "integer")
    regions, levels = "g.regions = '{}'", "g.levels = '{}'"
    if arguments.given("region"):
        regions += f""" OR g.regions = ARRAY(SELECT DISTINCT {significant("w.region")} COLLATE "C"
            FROM unnest({arguments.bind("region", "text[]")}) AS w (region) ORDER BY 1)"""
    if arguments.given("levels"):
        levels += f""" OR g.levels = ARRAY(SELECT DISTINCT lower(w.level) COLLATE "C"
            FROM unnest({arguments.bind("levels", "text[]")}) AS w (level) ORDER BY 1)"""
    return (
        "g.metric = 'start_rate' AND date_part('year', g.due_to)"
        f" = {year} AND ({regions}) AND ({levels})"
    )


def _counts(arguments: Arguments) -> str:
    """Give the condition that an entry counts for the levels asked about.

    Under nested levels a project of a higher list counts too, unless it was put on a list of the
    levels asked about: then what was said there decides.
    """
    if not arguments.given("levels"):
        return "true"
    levels = arguments.bind("levels", "text[]")
    rank, broadest = BROADEST_FIRST.format("p.level"), BROADEST_FIRST.format("lower(w.level)")
    return f"""(p.asked OR (rules.nested AND NOT c.own
        AND {rank} > (SELECT min({broadest}) FROM unnest({levels}) AS w (level))))"""


def _start_rate(arguments: Arguments) -> str:
    """Count listed and started projects on each day, with the target that fell due last."""
    spans = _SPANS.format(counts=_counts(arguments))
    asked, year = any_of("p.level", arguments, "levels"), arguments.bind("year", "integer")
    spans += f" AND {lies_in_regions('b.project', arguments, 'region')}"
    return f"""WITH rules AS MATERIALIZED ({listing_rules(arguments, "region")}),
        targets AS (SELECT g.* FROM ({_TARGETS}) g WHERE {_applicable(arguments)}),
        published AS MATERIALIZED (SELECT p.*, {asked} AS asked
            FROM ({_PUBLISHED}) p WHERE p.year = {year}),
        told AS MATERIALIZED (SELECT l.project, l.list_id, l.act, l.class, l.day_to, l.order_key,
                bool_or(l.list_id = ANY (ARRAY(SELECT p.list_id FROM published p WHERE p.asked)))
                    OVER (PARTITION BY l.project) AS own
            FROM read.listings l WHERE {seen("l")} AND coalesce(l.only_year, {year}) = {year}
                AND l.list_id IN (SELECT p.list_id FROM published p)),
        listed AS MATERIALIZED (SELECT s.project, unnest(range_agg(daterange(s.since, s.until)))
            AS span FROM ({spans}) s GROUP BY s.project),
        started AS (SELECT s.project, unnest(range_agg(s.span)) AS span
            FROM ({start_spans("(SELECT rules.evidence FROM rules)")}) s GROUP BY s.project),
        begun AS (SELECT e.span * s.span AS span
            FROM listed e JOIN started s ON s.project = e.project AND s.span && e.span),
        steps AS MATERIALIZED (SELECT x.day, sum(x.listed) AS listed, sum(x.started) AS started
            FROM ({_steps("listed", "w.one, 0")} UNION ALL
                {_steps("begun", "0, w.one")}) x (day, listed, started) GROUP BY x.day),
        counted AS (SELECT d.day, coalesce(sum(s.listed), 0) AS listed,
                coalesce(sum(s.started), 0) AS started
            FROM ({_days(arguments)}) d LEFT JOIN steps s ON s.day <= d.day GROUP BY d.day)
        SELECT n.day, n.listed, n.started, g.threshold AS target, {_MET} AS met,
            (SELECT rules.policy FROM rules) AS policy
        FROM counted n LEFT JOIN LATERAL ({_IN_FORCE}) g ON true"""


START_RATE_POINT = Relation(
    "StartRatePoint",
    row={
        "day": "date",
        "listed": "numeric",
        "started": "numeric",
        "target": "numeric",
        "met": "boolean",
        "policy": "text",
    },
    fields={
        "on": Value("$self.day", "date"),
        "rate": ratio("$parent.started", "$parent.listed", "$parent.policy"),
        "target": Value("trim_scale($self.target)", "decimal"),
        "met": Value("$self.met", "boolean"),
    },
)

RELATIONS = (START_RATE_POINT,)
ROOTS: dict[str, One | Many | Page] = {
    "start_rate": Many("StartRatePoint", _start_rate, "$self.day"),
}
