"""On which days the colours of projects changed, and what changed them.

For each project that passes the filter, the colour of every day between two days, both included
and none after the judged day, is that of the facts known at the known position and seen by that
day, under the policy in force on it. A change is a day whose colour is not that of the day before;
a project that was not registered the day before has none.

The cause is the last fact, in the order of the fold, that is first seen on that day, if without the
facts of that day the colour would be another; otherwise only time passed (a warning began, a date
went by, another policy took over) and there is no cause. Of a corrected fact it is the event that
first gave it its present form, so that one sees who moved it there and why; a correction that was
taken back leaves the cause as it was before.

A colour can only change when a fact is first seen, at the beginning of a warning or the end of a
deadline, when a policy begins or ends, and at the end of a month where pace counts. Only these days
are judged.
"""

from projections.answers.project_filter import filtered
from projections.judging.project_colours import colours_of
from projections.spans.span_days import BY_PROJECT, planned_days
from projections.spans.spans import MUST_BE_JUDGED, settled
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed, believed_at

AT_MOST = 2_000
"""How many changes are given where nobody says how many."""

_BY_TABLE = " UNION ALL ".join(
    f"""SELECT f.project, x.day_to AS day FROM judged_anew f JOIN read.{table} x
        ON x.project = f.project WHERE {believed("x")}"""
    for table in BY_PROJECT
)

# So few changes are given that their facts are looked up, which the planner cannot know.
_FORM = "to_jsonb({}) - ARRAY['known_from', 'known_to']"
_OF_DAYS = " UNION ALL ".join(
    f"""SELECT f.project, f.day, x.order_key, (
            SELECT min(o.known_from) FROM read.{table} o
            WHERE o.fact = x.fact AND {_FORM.format("o")} = x.form) AS position
        FROM turned f CROSS JOIN LATERAL (
            SELECT x.order_key, x.fact, {_FORM.format("x")} AS form FROM read.{table} x
            WHERE x.project = f.project AND x.day_to = f.day AND {believed("x")} OFFSET 0) x"""
    for table in BY_PROJECT
)

_DAYS = f"""days AS (
    SELECT d.project, d.day FROM (
        SELECT f.project, f.day FROM ({_BY_TABLE}) f
        UNION SELECT w.project, w.warned_on FROM windowed w
        UNION SELECT w.project, w.deadline + 1 FROM windowed w
        UNION SELECT f.project, o.until_to + 1 FROM judged_anew f
            JOIN read.colour_overrides o ON o.project = f.project WHERE {believed("o")}
        UNION SELECT f.project, b.day FROM judged_anew f
            JOIN policies p ON starts_with(f.district, p.jurisdiction)
            CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
        UNION SELECT f.project, b.day FROM judged_anew f CROSS JOIN span
            JOIN policies p ON starts_with(f.district, p.jurisdiction)
                AND (p.rules #>> '{{pace,enabled}}')::boolean
            CROSS JOIN LATERAL (
                SELECT m.month::date - k.before FROM generate_series(
                    date_trunc('month', span.first), span.last + 31,
                    INTERVAL '1 month') AS m (month)
                CROSS JOIN (VALUES (0), (1)) AS k (before)
                UNION SELECT l.day_to FROM read.lists l WHERE {believed("l")}) AS b (day)
        UNION SELECT f.project, span.first - 1 FROM judged_anew f CROSS JOIN span) d
    CROSS JOIN span WHERE d.day BETWEEN span.first - 1 AND span.last)"""


def _asked(questions: str) -> str:
    """Ask for the colours of (project, day, cut), where the project is registered by the cut."""
    return f"""SELECT row_number() OVER ()::integer AS n, q.project, r.district, q.day, q.cut
        FROM ({questions}) q CROSS JOIN LATERAL (
            SELECT r.district FROM read.projects r WHERE r.project = q.project
                AND {believed("r")} AND r.day_to <= q.cut ORDER BY r.order_key DESC LIMIT 1) r"""


# So few changes are given that they are judged one by one, which the planner cannot know either: it
# takes what JSON holds for few.
_WITHOUT = """SELECT w.project, w.day, w.day - 1 AS cut FROM (
        SELECT jsonb_agg(DISTINCT jsonb_build_object('project', f.project, 'day', f.day)) AS list
        FROM facts f) l
    CROSS JOIN LATERAL jsonb_to_recordset(l.list) AS w (project text, day date)"""

# All of the many spans are looked at once, so that what is compared with must be single values.
_TOLD = f"""told AS (
    SELECT c.project, c.day_from AS day, c.colour, c.policy
    FROM read.project_spans c JOIN found f ON f.project = c.project
    WHERE {believed_at("c", "(SELECT e.position FROM settled e)")}
        AND c.day_to >= (SELECT s.first FROM span s) AND c.day_from <= (SELECT s.last FROM span s)
        AND c.project NOT IN (SELECT u.project FROM unsettled u)
    UNION ALL
    SELECT c.project, c.day, c.colour, c.policy
    FROM ({colours_of(_asked("SELECT d.project, d.day, d.day AS cut FROM days d"))}) c),
daily AS (
    SELECT t.*, lag(t.colour) OVER w AS before, lag(t.policy) OVER w AS policy_before
    FROM told t WINDOW w AS (PARTITION BY t.project ORDER BY t.day)),
turned AS MATERIALIZED (
    SELECT d.project, d.day, d.before, d.colour, coalesce(d.policy, d.policy_before) AS policy
    FROM daily d CROSS JOIN span
    WHERE d.before <> d.colour AND d.day BETWEEN span.first AND span.last
    ORDER BY d.day, d.project LIMIT (SELECT span.most FROM span)),
facts AS MATERIALIZED ({_OF_DAYS}),
without AS MATERIALIZED ({colours_of(_asked(_WITHOUT))})"""
"""The changes, the facts of their days, and the colours there would be without those."""


def _colour_changes(arguments: Arguments) -> str:
    """Select the changes of colour between two days."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    most = arguments.bind("first", "bigint") if arguments.given("first") else str(AT_MOST)
    return f"""WITH found AS MATERIALIZED ({filtered(arguments)}), {settled()},
        judged_anew AS MATERIALIZED (
            SELECT f.* FROM found f WHERE {MUST_BE_JUDGED.format("f.project")}),
        span AS MATERIALIZED (SELECT {first} AS first, least({last}, $on) AS last,
            {most} AS most),
        {planned_days("judged_anew")}, {_DAYS}, {_TOLD}
        SELECT t.project, t.before, t.colour AS after, t.day, t.policy,
            CASE WHEN o.colour IS DISTINCT FROM t.colour THEN (
                SELECT f.position FROM facts f WHERE f.project = t.project AND f.day = t.day
                ORDER BY f.order_key DESC LIMIT 1) END AS position
        FROM turned t LEFT JOIN without o ON o.project = t.project AND o.day = t.day"""


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
