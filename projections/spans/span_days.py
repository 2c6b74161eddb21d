"""Say in SQL on which days the states of projects and nodes may turn, and what they are in between.

A phase, a colour or a node can only change when a fact is first seen, at the beginning of a warning
or the end of a deadline, when a policy begins or ends, and at the end of a month where pace counts.
Most of that are marks of what was reached, and these say one thing each. So a question is asked
only where more may turn, where plans, phases, places, halts, decisions or policies do; it stands
for all days up to the next one, and marks are followed in between. Where only plans are added, an
era of questions goes on, and marks need not be looked at anew.
"""

import re
from typing import Final

from domain.phase import CLOSING_CHECKPOINT
from projections.judging.node_colours import NODES_WINDOWED, WINDOWED, reasoned
from projections.judging.node_details import NODE_COLUMNS, planned_nodes, unplanned_nodes
from projections.judging.node_states import DETAILED_PLANS, OTHERS, RULES, n_of
from projections.judging.override import OVERRIDDEN
from projections.judging.phase_states import PHASES, PROOFS, STANDING, STOPS, WIDE, halts
from projections.judging.project_colours import PACES, gathered
from projections.spans.card_days import CARD_SPANS
from projections.spans.life_days import LIFE_SPANS
from projections.spans.reached_spans import REACHED
from projections.spans.span_edges import rank_of, spans_of
from projections.terms.seen import believed

# Of marks that prove the same of the same phase the first one seen is enough.
_KEY_OF_ERA = "(({}.era::bigint << 16) | ({}.key & 65535))"
"""The key of a node in the era of a question, from its key in the question."""

# Of marks that prove the same of the same phase the first one seen is enough.
_MARKS = f"""eras AS (SELECT a.era AS n, max(a.next_day) AS next_day FROM asked a GROUP BY a.era),
marks AS MATERIALIZED (
    SELECT DISTINCT ON (m.n, m.phase_id, m.rank, m.wide) m.* FROM (
        SELECT s.n, l.mark, l.phase_id, l.detail, r.rank, l.mark IN ({WIDE}) AS wide,
            greatest(l.day_to, s.day) AS day
        FROM eras e JOIN scope s ON s.n = e.n JOIN read.lifecycle l ON l.project = s.project
        LEFT JOIN {PROOFS} ON r.mark = l.mark
        WHERE {believed("l")} AND l.day_to < e.next_day AND (r.rank IS NOT NULL
            OR (l.mark = 'post_evaluated' AND l.detail = '{CLOSING_CHECKPOINT}'))) m
    ORDER BY m.n, m.phase_id, m.rank, m.wide, m.day)"""
"""What proves how far phases are, from which day on, in each era."""

_EXPANDED = f"""first_reached AS (SELECT r.key, min(r.day) AS day FROM reached r GROUP BY r.key),
turning AS (
    SELECT w.n, t.day FROM windowed w JOIN asked a ON a.n = w.n
    LEFT JOIN first_reached r ON r.key = {_KEY_OF_ERA.format("a", "w")}
    CROSS JOIN LATERAL (VALUES (w.warned_on), (w.due_on + 1), (w.deadline + 1)) AS t (day)
    WHERE r.day IS NULL OR t.day < r.day
    UNION SELECT w.n, r.day FROM windowed w JOIN asked a ON a.n = w.n
        JOIN reached r ON r.key = {_KEY_OF_ERA.format("a", "w")}
    UNION SELECT a.n, m.day FROM marks m JOIN asked a ON a.era = m.n),
expanded AS MATERIALIZED (
    SELECT row_number() OVER w AS n, e.asked, e.era, e.project, e.project_no, e.day,
        coalesce(lead(e.day) OVER (PARTITION BY e.project ORDER BY e.day), 'infinity') AS next_day
    FROM (SELECT a.n AS asked, a.era, a.project, a.project_no, a.day FROM asked a UNION ALL
        SELECT t.n, a.era, a.project, a.project_no, t.day FROM turning t JOIN asked a ON a.n = t.n
        WHERE t.day > a.day AND t.day < a.next_day) e
    WINDOW w AS (ORDER BY e.project, e.day)),
daily AS (
    SELECT (e.n << 16) | (w.key & 65535) AS key, e.n::integer, w.late_done, w.aggregate, w.weight,
        w.due_on, w.warned_on, w.deadline, e.day, r.done_on, w.rule, w.halt, w.rests
    FROM windowed w JOIN expanded e ON e.asked = w.n
    LEFT JOIN reached r
        ON r.key = {_KEY_OF_ERA.format("e", "w")} AND r.day <= e.day AND r.next_day > e.day)"""
"""Judge nodes also on the days on which marks or only time turn them."""

_STANDING = f"""standings AS MATERIALIZED (
    WITH marks AS (
        SELECT e.n, m.mark, m.phase_id, m.detail
        FROM marks m JOIN expanded e ON e.era = m.n AND e.day >= m.day),
    placed AS (SELECT e.n, p.first_phase FROM placed p JOIN expanded e ON e.asked = p.n),
    phases AS (
        SELECT e.n, p.phase_id, p.place, p.ordinal, p.title
        FROM phases p JOIN expanded e ON e.asked = p.n),
    halted AS (
        SELECT e.n, h.phase_id, h.halt FROM halted h JOIN expanded e ON e.asked = h.n),
    {STANDING}
    SELECT g.n, max(g.rank) AS furthest, min(g.rank) AS least FROM standing g GROUP BY g.n)"""
"""How far projects are on each of those days."""

_STATES = ", ".join(
    (
        _MARKS,
        PHASES,
        RULES,
        OTHERS,
        DETAILED_PLANS,
        REACHED,
        halts("others"),
        NODES_WINDOWED,
        _EXPANDED,
        _STANDING,
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

OF_PACE: Final = frozenset({"investments", "listings"})
"""Those of them that only matter where the pace of investment counts."""
IS_PACED: Final = """(SELECT count(*) > 0 FROM read.policies p
    WHERE p.policy_kind = 'colour' AND (p.rules #>> '{pace,enabled}')::boolean)"""
"""The condition, decided once, that it may count anywhere.

Every project reports month by month, which nobody should read for nothing."""

PROJECT_COLUMNS: Final = ("district", "colour", "judged", "policy", "furthest", "least")
NODE_KEY: Final = ("project", "phase_id", "place")

_SHOWN: Final = """coalesce((SELECT x.colour FROM decided x
        WHERE x.project = o.project AND x.node = o.node AND x.day_to <= o.day
            AND x.until_to >= o.day AND coalesce(x.phase_id, o.phase_id) = o.phase_id
        ORDER BY x.order_key DESC LIMIT 1), o.colour) AS shown"""


PLACED_POLICIES: Final = f"""
    SELECT p.policy, p.policy_kind, p.jurisdiction, p.rules, p.effective_from, p.effective_to
    FROM read.policies p WHERE p.policy_kind IN ('colour', 'permit-set') AND {believed("p")}
        AND p.jurisdiction IS NOT NULL"""


# Where no plan says so itself, which is decided once, none is looked up for each of all plans.
_ANY_WARNS = "(SELECT max(o.warning_days) FROM read.milestone_plans o) IS NOT NULL"
_LONGEST_BREAK = 62
"""Days by which the end of a month and a holiday may move a window, and more."""
_REACH = f"""reach AS MATERIALIZED (
    SELECT {_LONGEST_BREAK} + 2 * greatest(0, max(k.warning_days), max(w.longest)) AS before,
        {_LONGEST_BREAK} + max(31 * k.grace_months + 2 * k.grace_days) AS behind
    FROM policies p CROSS JOIN LATERAL jsonb_each(p.rules -> 'node') AS n (node, own)
    CROSS JOIN LATERAL jsonb_to_record(n.own)
        AS k (warning_days integer, grace_months integer, grace_days integer)
    CROSS JOIN (SELECT max(m.warning_days) AS longest FROM read.milestone_plans m) w
    WHERE p.policy_kind = 'colour')"""
"""How many days before and behind a planned day its windows may reach; working days count twice.

A warning that would begin behind the planned day begins nothing, since grace has begun there."""


def planned_days(found: str, between: tuple[str, str] | None = None) -> str:
    """Give `policies` and `windowed`, with the days of every plan of the projects of `found`.

    A plan gives days for all that it may mean under any policy of its place; days too many do no
    harm. `found` has the columns project and district. With two days only those plans are looked
    up of which any day may lie between these.
    """
    reach = near = ""
    if between is not None:
        first, last = between
        reach = f"{_REACH},"
        days = " OR ".join(
            f"""m.{day} BETWEEN {first} - (SELECT r.behind FROM reach r)
                AND {last} + (SELECT r.before FROM reach r)"""
            for day in ("planned_from", "planned_to")
        )
        near = f" AND ({days})"
    return f"""policies AS ({PLACED_POLICIES}), {reach}
dated AS (
    SELECT DISTINCT f.project, d.planned_day, w.warning_days,
        (c.own ->> 'grace_days')::integer AS grace_days,
        (c.own ->> 'grace_months')::integer AS grace_months,
        c.own ->> 'due' = 'month-end' AS month_end, c.rules ->> 'count_days' = 'work' AS by_work
    FROM {found} f JOIN read.milestone_plans m ON m.project = f.project{near}
    JOIN LATERAL (
        SELECT p.rules, coalesce(p.rules -> 'node' -> m.node, p.rules -> 'node' -> '*') AS own
        FROM policies p
        WHERE p.policy_kind = 'colour' AND starts_with(f.district, p.jurisdiction)) c ON true
    CROSS JOIN LATERAL (VALUES (m.planned_from), (m.planned_to)) AS d (planned_day)
    CROSS JOIN LATERAL (
        SELECT (c.own ->> 'warning_days')::integer
        UNION ALL SELECT v.warning_days FROM read.milestone_plans v
        WHERE {_ANY_WARNS} AND v.project = m.project AND v.node = m.node AND {believed("v")}
            AND v.warning_days IS NOT NULL) AS w (warning_days)
    WHERE {believed("m")}), {WINDOWED}"""


_PROJECT_SPANS = spans_of(
    "project",
    ("project",),
    PROJECT_COLUMNS,
    f"""SELECT e.project, e.day, e.next_day, {rank_of("e.project_no", "e.day")} AS rank,
            c.district, c.colour, c.judged, c.policy, f.furthest, f.least
        FROM coloured c JOIN expanded e ON e.n = c.n JOIN standings f ON f.n = e.n""",
)

# What was reached without a plan is told at once for all days of its era from the first on.
_UNPLANNED = f"""reached p JOIN eras e ON e.n = {n_of("p.key")} JOIN asked a ON a.n = e.n
        LEFT JOIN (SELECT {_KEY_OF_ERA.format("q", "l")} AS key, min(q.day) AS day
            FROM latest l JOIN asked q ON q.n = {n_of("l.key")} GROUP BY 1) q ON q.key = p.key
        CROSS JOIN LATERAL (SELECT greatest(p.day, p.own_since) AS day,
            least(p.next_day, e.next_day, q.day) AS next_day) t"""
_JUDGED_KEY = "((e.asked::bigint << 16) | (j.key & 65535))"
_EVERY_NODE = " UNION ALL ".join(
    (
        planned_nodes(
            "e.project_no, e.day, e.next_day",
            _JUDGED_KEY,
            f"""JOIN expanded e ON e.n = j.n LEFT JOIN reached x
                ON x.key = {_KEY_OF_ERA.format("e", "j")} AND x.day <= e.day
                    AND x.next_day > e.day""",
            "x.actual",
        ),
        unplanned_nodes(
            "a.project_no, t.day, t.next_day",
            _UNPLANNED,
            "p.own_since IS NOT NULL AND t.day < t.next_day",
        ),
    )
)
_KEPT = ", ".join(_SHOWN if name == "shown" else f"o.{name}" for name in NODE_COLUMNS)
_NODE_SPANS = spans_of(
    "node",
    NODE_KEY,
    NODE_COLUMNS,
    f"""SELECT o.project, o.phase_id, o.place, o.day, o.next_day,
            {rank_of("o.project_no << 16 | o.node_no", "o.day")} AS rank, {_KEPT}
        FROM ({_EVERY_NODE}) o""",
)


def _days(table: str, among: str = "true", goes_on: str = "false") -> str:
    """Select the days on which rows of a read model are first seen, and whether an era goes on."""
    return f"""SELECT x.project, x.day_to, {goes_on} FROM read.{table} x
        WHERE {believed("x")} AND {among}"""


_PACED = "x.project IN (SELECT p.project FROM paced p)"

# Every day on which more than a mark may turn something; days too many do no harm.
_TURNS = " UNION ALL ".join(
    (
        _days("projects"),
        _days("phases"),
        _days("milestone_plans", goes_on="x.phase_id IS NULL"),
        _days("colour_overrides"),
        _days("lifecycle", f"(x.phase_id IS NOT NULL OR x.mark IN ({STOPS}))"),
        *(_days(table, _PACED) for table in sorted(OF_PACE)),
    )
)
SPANS = f"""asked AS MATERIALIZED (WITH found AS MATERIALIZED (
    SELECT DISTINCT x.project, x.district FROM read.projects x
    WHERE {believed("x")}),
policies AS ({PLACED_POLICIES}),
listed AS (
    SELECT DISTINCT l.project, p.year FROM read.listings l
    JOIN read.lists p ON p.list_id = l.list_id
    WHERE {believed("l")} AND {believed("p")}),
paced AS (
    SELECT DISTINCT l.project, l.year FROM listed l JOIN found f ON f.project = l.project
    JOIN policies p ON starts_with(f.district, p.jurisdiction)
        AND (p.rules #>> '{{pace,enabled}}')::boolean),
days AS (
    {_TURNS}
    UNION ALL SELECT o.project, o.until_to + 1, false FROM read.colour_overrides o
        WHERE {believed("o")}
    UNION ALL SELECT f.project, b.day, false FROM found f
        JOIN policies p ON starts_with(f.district, p.jurisdiction)
        CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
    UNION ALL SELECT p.project, make_date(p.year + m / 12, m % 12 + 1, 1) - k.before, false
        FROM paced p CROSS JOIN generate_series(0, 12) AS m
        CROSS JOIN (VALUES (0), (1)) AS k (before)
    UNION ALL
    SELECT p.project, l.day_to, false FROM paced p CROSS JOIN read.lists l WHERE {believed("l")}),
placed AS (
    SELECT (row_number() OVER w)::integer AS n,
        dense_rank() OVER (ORDER BY d.project) AS project_no, d.project, r.district, d.day,
        d.goes_on, coalesce(lead(d.day) OVER (PARTITION BY d.project ORDER BY d.day),
            'infinity') AS next_day
    FROM (SELECT d.project, d.day, bool_and(d.goes_on) AS goes_on
        FROM days d (project, day, goes_on) GROUP BY 1, 2) d
    CROSS JOIN LATERAL (
        SELECT r.district FROM read.projects r WHERE r.project = d.project
            AND {believed("r")} AND r.day_to <= d.day ORDER BY r.order_key DESC LIMIT 1) r
    WINDOW w AS (ORDER BY d.project, d.day))
    SELECT p.n, max(p.n) FILTER (WHERE NOT p.goes_on)
            OVER (PARTITION BY p.project ORDER BY p.day) AS era,
        p.project_no, p.project, p.district, p.day, p.next_day FROM placed p),
decided AS MATERIALIZED (
    SELECT o.* FROM read.colour_overrides o
    WHERE o.node IS NOT NULL AND {believed("o")}),
scope AS (
    SELECT a.n, a.project, a.district, a.day, a.next_day - 1 AS cut FROM asked a),
{_STATES},
{_PROJECT_SPANS},
{_NODE_SPANS},
{CARD_SPANS},
{LIFE_SPANS}"""
"""The spans from day to day, as `fresh_project`, `fresh_node`, `fresh_card` and `fresh_life`.

They are those of all projects that the read models of projects hold; `projections.spans.page` puts
those of a page in their place.
"""
