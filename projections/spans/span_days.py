"""Say in SQL on which days the states of projects and nodes may turn, and what they are in between.

A phase, a colour or a node can only change when a fact is first seen, at the beginning of a warning
or the end of a deadline, when a policy begins or ends, and at the end of a month where pace counts.
"""

import re
from typing import Final

from projections.judging.node_colours import NODES_WINDOWED, WINDOWED, reasoned
from projections.judging.node_details import NODE_COLUMNS, planned_nodes, unplanned_nodes
from projections.judging.node_states import ANYBODY, OTHERS, RULES, detailed_nodes
from projections.judging.override import OVERRIDDEN
from projections.judging.phase_states import MARKS, PHASES, STANDING, halts
from projections.judging.project_colours import PACES, gathered
from projections.spans.card_days import CARD_SPANS
from projections.spans.span_edges import spans_of
from projections.terms.seen import believed

_EXPANDED = """
turning AS (
    SELECT DISTINCT w.n, t.day FROM windowed w JOIN asked a ON a.n = w.n
    CROSS JOIN LATERAL (VALUES (w.warned_on), (w.due_on + 1), (w.deadline + 1)) AS t (day)
    WHERE w.done_on IS NULL AND t.day > a.day AND t.day < a.next_day),
expanded AS MATERIALIZED (
    SELECT row_number() OVER w AS n, e.asked, e.project, e.day,
        lag(e.project) OVER w IS DISTINCT FROM e.project AS is_first,
        coalesce(lead(e.day) OVER (PARTITION BY e.project ORDER BY e.day), 'infinity') AS next_day
    FROM (SELECT a.n AS asked, a.project, a.day FROM asked a UNION ALL
        SELECT t.n, a.project, t.day FROM turning t JOIN asked a ON a.n = t.n) e
    WINDOW w AS (ORDER BY e.project, e.day)),
daily AS (
    SELECT (e.n << 16) | (w.key & 65535) AS key, e.n::integer, w.late_done, w.aggregate, w.weight,
        w.due_on, w.warned_on, w.deadline, e.day, w.done_on, w.rule, w.halt, w.rests
    FROM windowed w JOIN expanded e ON e.asked = w.n)"""
"""Judge nodes also on the days on which only time turns them, without looking at facts again."""

_STATES = ", ".join(
    (
        MARKS,
        PHASES,
        RULES,
        OTHERS,
        detailed_nodes(ANYBODY),
        halts("others"),
        STANDING,
        NODES_WINDOWED,
        _EXPANDED,
        reasoned("daily"),
        PACES,
        OVERRIDDEN,
        gathered("expanded e JOIN ruled r ON r.n = e.asked", "e"),
    )
)

BY_PROJECT: Final = tuple(
    sorted({*re.findall(r"read\.(\w+)", _STATES), "projects"} - {"calendar", "lists", "policies"})
)
"""The read models of projects that a state depends on."""

_OF_PACE = frozenset({"investments", "listings"})
"""Those of them that only matter where the pace of investment counts."""

PROJECT_COLUMNS: Final = ("district", "colour", "judged", "policy", "furthest", "least")
NODE_KEY: Final = ("project", "phase_id", "place")

_SHOWN: Final = """coalesce((SELECT x.colour FROM decided x
        WHERE x.project = o.project AND x.node = o.node AND x.day_to <= a.day
            AND x.until_to >= a.day AND coalesce(x.phase_id, o.phase_id) = o.phase_id
        ORDER BY x.order_key DESC LIMIT 1), o.colour) AS shown"""


PLACED_POLICIES: Final = f"""
    SELECT p.policy, p.policy_kind, p.jurisdiction, p.rules, p.effective_from, p.effective_to
    FROM read.policies p WHERE p.policy_kind IN ('colour', 'permit-set') AND {believed("p")}
        AND p.jurisdiction IS NOT NULL"""


def planned_days(found: str) -> str:
    """Give `policies` and `windowed`, with the days of every plan of the projects of `found`.

    A plan gives days for all that it may mean under any policy of its place; days too many do no
    harm. `found` has the columns project and district.
    """
    return f"""policies AS ({PLACED_POLICIES}),
dated AS (
    SELECT DISTINCT f.project, d.planned_day, w.warning_days,
        (c.own ->> 'grace_days')::integer AS grace_days,
        (c.own ->> 'grace_months')::integer AS grace_months,
        c.own ->> 'due' = 'month-end' AS month_end, c.rules ->> 'count_days' = 'work' AS by_work
    FROM {found} f JOIN read.milestone_plans m ON m.project = f.project
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
    WHERE {believed("m")}), {WINDOWED}"""


_PROJECT_SPANS = spans_of(
    "project",
    ("project",),
    PROJECT_COLUMNS,
    """SELECT e.project, e.day, e.next_day, e.is_first, e.n AS rank, c.district, c.colour,
            c.judged, c.policy, f.furthest, f.least
        FROM coloured c JOIN expanded e ON e.n = c.n JOIN (
            SELECT g.n, max(g.rank) AS furthest, min(g.rank) AS least
            FROM standing g GROUP BY g.n) f ON f.n = e.asked""",
)
_EVERY_NODE = " UNION ALL ".join(
    (
        planned_nodes(
            "((e.asked::bigint << 16) | (j.key & 65535))", "JOIN expanded e ON e.n = j.n"
        ),
        unplanned_nodes("e.n", "JOIN expanded e ON e.asked = s.n"),
    )
)
_KEPT = ", ".join(_SHOWN if name == "shown" else f"o.{name}" for name in NODE_COLUMNS)
_NODE_SPANS = spans_of(
    "node",
    NODE_KEY,
    NODE_COLUMNS,
    f"""SELECT a.project, o.phase_id, o.place, a.day, a.next_day, a.is_first,
            (o.node_no << 40) + a.n AS rank, {_KEPT}
        FROM ({_EVERY_NODE}) o JOIN expanded a ON a.n = o.n""",
)

# Every day on which a colour could change; days too many do no harm.
_FACTS = " UNION ALL ".join(
    f"""SELECT x.project, x.day_to FROM read.{table} x
        WHERE x.project = {
        "ANY (ARRAY(SELECT p.project FROM paced p))" if table in _OF_PACE else "ANY ($2::text[])"
    } AND {believed("x")}"""
    for table in BY_PROJECT
)
SPANS = f"""asked AS MATERIALIZED (WITH found AS MATERIALIZED (
    SELECT DISTINCT x.project, x.district FROM read.projects x
    WHERE x.project = ANY ($2::text[]) AND {believed("x")}),
policies AS ({PLACED_POLICIES}),
listed AS (
    SELECT DISTINCT l.project, p.year FROM read.listings l
    JOIN read.lists p ON p.list_id = l.list_id
    WHERE l.project = ANY ($2::text[]) AND {believed("l")} AND {believed("p")}),
paced AS (
    SELECT DISTINCT l.project, l.year FROM listed l JOIN found f ON f.project = l.project
    JOIN policies p ON starts_with(f.district, p.jurisdiction)
        AND (p.rules #>> '{{pace,enabled}}')::boolean),
days AS (
    {_FACTS}
    UNION SELECT o.project, o.until_to + 1 FROM read.colour_overrides o
        WHERE o.project = ANY ($2::text[]) AND {believed("o")}
    UNION SELECT f.project, b.day FROM found f
        JOIN policies p ON starts_with(f.district, p.jurisdiction)
        CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
    UNION SELECT p.project, make_date(p.year + m / 12, m % 12 + 1, 1) - k.before
        FROM paced p CROSS JOIN generate_series(0, 12) AS m
        CROSS JOIN (VALUES (0), (1)) AS k (before)
    UNION SELECT p.project, l.day_to FROM paced p CROSS JOIN read.lists l WHERE {believed("l")})
    SELECT row_number() OVER ()::integer AS n, d.project, r.district, d.day,
        coalesce(lead(d.day) OVER w, 'infinity') AS next_day
    FROM days d (project, day) CROSS JOIN LATERAL (
        SELECT r.district FROM read.projects r WHERE r.project = d.project
            AND {believed("r")} AND r.day_to <= d.day ORDER BY r.order_key DESC LIMIT 1) r
    WINDOW w AS (PARTITION BY d.project ORDER BY d.day)),
decided AS MATERIALIZED (
    SELECT o.* FROM read.colour_overrides o
    WHERE o.project = ANY ($2::text[]) AND o.node IS NOT NULL AND {believed("o")}),
scope AS (SELECT a.n, a.project, a.district, a.day, a.day AS cut FROM asked a),
{_STATES},
{_PROJECT_SPANS},
{_NODE_SPANS},
{CARD_SPANS}"""
"""The spans of the projects $2: `fresh_project`, `fresh_node`, `fresh_card`, from day to day."""
