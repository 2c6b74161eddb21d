"""On which days the colours of projects changed, and what changed them.

For each project that passes the filter, the colour of every day between two days, both included
and none after the judged day, is that of the facts known at the known position and seen by that
day, under the policy in force on it. A change is a day whose colour is not that of the day before;
a project that was not registered the day before has none.

The cause is the last fact, in the order of the fold, that is first seen on that day, if without the
facts of that day the colour would be another; otherwise only time passed (a warning began, a date
went by, another policy took over) and there is no cause. Of a corrected fact it is the event that
gave it its present form, so that one sees who moved it there and why.

A colour can only change when a fact is first seen, at the beginning of a warning or the end of a
deadline, when a policy begins or ends, and at the end of a month where pace counts. Only these days
are judged.
"""

from projections.node_colours import WINDOWED
from projections.project_colours import colours_of
from projections.project_filter import filtered
from projections.relation import Arguments, Many, One, Page, Relation, Value
from projections.seen import believed

TABLES = (
    "projects",
    "phases",
    "lifecycle",
    "milestone_plans",
    "listings",
    "investments",
    "colour_overrides",
)
"""The read models of projects that a colour depends on."""

_FACTS = " UNION ALL ".join(
    f"""SELECT f.project, x.day_to AS day, x.order_key, x.known_from AS position
        FROM found f JOIN read.{table} x ON x.project = f.project CROSS JOIN span
        WHERE {believed("x")} AND x.day_to BETWEEN span.first AND span.last"""
    for table in TABLES
)

# Whatever a plan may mean under any policy of its place; days too many do no harm.
_DATED = f"""policies AS (
    SELECT p.policy, p.policy_kind, p.jurisdiction, p.rules, p.effective_from, p.effective_to
    FROM read.policies p WHERE p.policy_kind IN ('colour', 'permit-set') AND {believed("p")}
        AND p.jurisdiction IS NOT NULL),
dated AS (
    SELECT DISTINCT f.project, d.planned_day, w.warning_days,
        (c.own ->> 'grace_days')::integer AS grace_days,
        (c.own ->> 'grace_months')::integer AS grace_months,
        c.own ->> 'due' = 'month-end' AS month_end, c.rules ->> 'count_days' = 'work' AS by_work
    FROM found f JOIN read.milestone_plans m ON m.project = f.project
    JOIN LATERAL (
        SELECT p.rules, coalesce(p.rules -> 'node' -> m.node, p.rules -> 'node' -> '*') AS own
        FROM policies p
        WHERE p.policy_kind = 'colour' AND starts_with(f.district, p.jurisdiction)) c ON true
    CROSS JOIN LATERAL (VALUES (m.planned_from), (m.planned_to)) AS d (planned_day)
    CROSS JOIN LATERAL (
        SELECT (c.own ->> 'warning_days')::integer
        UNION SELECT v.warning_days FROM read.milestone_plans v
        WHERE v.project = m.project AND v.node = m.node AND {believed("v")}
            AND v.warning_days IS NOT NULL) AS w (warning_days)
    WHERE {believed("m")})"""

_DAYS = f"""days AS (
    SELECT d.project, d.day FROM (
        SELECT f.project, f.day FROM facts f
        UNION SELECT w.project, w.warned_on FROM windowed w
        UNION SELECT w.project, w.deadline + 1 FROM windowed w
        UNION SELECT f.project, o.until_to + 1 FROM found f
            JOIN read.colour_overrides o ON o.project = f.project WHERE {believed("o")}
        UNION SELECT f.project, b.day FROM found f
            JOIN policies p ON starts_with(f.district, p.jurisdiction)
            CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
        UNION SELECT f.project, b.day FROM found f CROSS JOIN span
            JOIN policies p ON starts_with(f.district, p.jurisdiction)
                AND (p.rules #>> '{{pace,enabled}}')::boolean
            CROSS JOIN LATERAL (
                SELECT m.month::date - k.before FROM generate_series(
                    date_trunc('month', span.first), span.last + 31,
                    INTERVAL '1 month') AS m (month)
                CROSS JOIN (VALUES (0), (1)) AS k (before)
                UNION SELECT l.day_to FROM read.lists l WHERE {believed("l")}) AS b (day)
        UNION SELECT f.project, span.first - 1 FROM found f CROSS JOIN span) d CROSS JOIN span
    WHERE d.day BETWEEN span.first - 1 AND span.last),
asked AS (
    SELECT row_number() OVER ()::integer AS n, d.project, r.district, d.day, c.cut
    FROM days d CROSS JOIN LATERAL (
        SELECT d.day UNION ALL SELECT d.day - 1 WHERE EXISTS (
            SELECT 1 FROM facts f WHERE f.project = d.project AND f.day = d.day)) AS c (cut)
    CROSS JOIN LATERAL (
        SELECT r.district FROM read.projects r WHERE r.project = d.project
            AND {believed("r")} AND r.day_to <= c.cut ORDER BY r.order_key DESC LIMIT 1) r)"""


def _colour_changes(arguments: Arguments) -> str:
    """Select the changes of colour between two days."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    coloured = colours_of("SELECT a.n, a.project, a.district, a.day, a.cut FROM asked a")
    return f"""WITH found AS MATERIALIZED ({filtered(arguments)}),
        span AS MATERIALIZED (SELECT {first} AS first, least({last}, $on) AS last),
        facts AS MATERIALIZED ({_FACTS}), {_DATED}, {WINDOWED}, {_DAYS},
        coloured AS MATERIALIZED (
            SELECT a.project, a.day, a.cut, c.colour, c.policy
            FROM ({coloured}) c JOIN asked a ON a.n = c.n),
        daily AS (
            SELECT c.project, c.day, c.colour, c.policy,
                lag(c.colour) OVER w AS before, lag(c.policy) OVER w AS policy_before
            FROM coloured c WHERE c.cut = c.day WINDOW w AS (PARTITION BY c.project ORDER BY c.day))
        SELECT d.project, d.before, d.colour AS after, d.day,
            coalesce(d.policy, d.policy_before) AS policy,
            CASE WHEN o.colour IS DISTINCT FROM d.colour THEN (
                SELECT f.position FROM facts f WHERE f.project = d.project AND f.day = d.day
                ORDER BY f.order_key DESC LIMIT 1) END AS position
        FROM daily d CROSS JOIN span
        LEFT JOIN coloured o ON o.project = d.project AND o.day = d.day AND o.cut < d.day
        WHERE d.before <> d.colour AND d.day >= span.first"""


COLOUR_CHANGE = Relation(
    "ColourChange",
    row={
        "project": "text",
        "before": "text",
        "after": "text",
        "day": "date",
        "policy": "text",
        "position": "bigint",
    },
    fields={
        "project": One(
            "Project",
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
        "from": Value("$self.before", "enum"),
        "to": Value("$self.after", "enum"),
        "on": Value("$self.day", "date"),
        "cause": One(
            "Event",
            lambda _: "SELECT $parent.position AS position WHERE $parent.position IS NOT NULL",
        ),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
    },
)

RELATIONS = (COLOUR_CHANGE,)
ROOTS: dict[str, One | Many | Page] = {
    "colour_changes": Many("ColourChange", _colour_changes, "$self.day, $self.project")
}
