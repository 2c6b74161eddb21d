"""Say in SQL on which days the colours of projects may turn, and which they have in between.

A colour can only change when a fact is first seen, at the beginning of a warning or the end of a
deadline, when a policy begins or ends, and at the end of a month where pace counts.
"""

import re
from typing import Final

from projections.node_colours import WINDOWED
from projections.project_colours import COLOURED, colours_of
from projections.seen import believed

BY_PROJECT: Final = tuple(
    sorted({*re.findall(r"read\.(\w+)", COLOURED), "projects"} - {"calendar", "lists", "policies"})
)
"""The read models of projects that a colour depends on."""


def planned_days(found: str) -> str:
    """Give `policies` and `windowed`, with the days of every plan of the projects of `found`.

    A plan gives days for all that it may mean under any policy of its place; days too many do no
    harm. `found` has the columns project and district.
    """
    return f"""policies AS (
    SELECT p.policy, p.policy_kind, p.jurisdiction, p.rules, p.effective_from, p.effective_to
    FROM read.policies p WHERE p.policy_kind IN ('colour', 'permit-set') AND {believed("p")}
        AND p.jurisdiction IS NOT NULL),
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


# Every day on which a colour could change; days too many do no harm.
_FACTS = " UNION ALL ".join(
    f"""SELECT x.project, x.day_to FROM read.{table} x
        WHERE x.project = ANY ($2::text[]) AND {believed("x")}"""
    for table in BY_PROJECT
)
SPANS = f"""found AS MATERIALIZED (
    SELECT DISTINCT x.project, x.district FROM read.projects x
    WHERE x.project = ANY ($2::text[]) AND {believed("x")}),
{planned_days("found")},
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
    UNION SELECT w.project, w.warned_on FROM windowed w
    UNION SELECT w.project, w.deadline + 1 FROM windowed w
    UNION SELECT o.project, o.until_to + 1 FROM read.colour_overrides o
        WHERE o.project = ANY ($2::text[]) AND {believed("o")}
    UNION SELECT f.project, b.day FROM found f
        JOIN policies p ON starts_with(f.district, p.jurisdiction)
        CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
    UNION SELECT p.project, make_date(p.year + m / 12, m % 12 + 1, 1) - k.before
        FROM paced p CROSS JOIN generate_series(0, 12) AS m
        CROSS JOIN (VALUES (0), (1)) AS k (before)
    UNION SELECT p.project, l.day_to FROM paced p CROSS JOIN read.lists l WHERE {believed("l")}),
asked AS (
    SELECT row_number() OVER ()::integer AS n, d.project, r.district, d.day
    FROM days d (project, day) CROSS JOIN LATERAL (
        SELECT r.district FROM read.projects r WHERE r.project = d.project
            AND {believed("r")} AND r.day_to <= d.day ORDER BY r.order_key DESC LIMIT 1) r),
coloured AS MATERIALIZED (
    {colours_of("SELECT a.n, a.project, a.district, a.day, a.day AS cut FROM asked a")}),
changed AS (
    SELECT c.project, c.day, c.district, c.colour, c.policy,
        lag((c.district, c.colour, coalesce(c.policy, ''))) OVER w
            IS DISTINCT FROM (c.district, c.colour, coalesce(c.policy, '')) AS differs
    FROM coloured c WINDOW w AS (PARTITION BY c.project ORDER BY c.day)),
fresh AS MATERIALIZED (
    SELECT c.project, c.day AS day_from, coalesce(lead(c.day) OVER w, 'infinity') AS day_to,
        c.district, c.colour, c.policy
    FROM changed c WHERE c.differs WINDOW w AS (PARTITION BY c.project ORDER BY c.day))"""
"""The spans `fresh (project, day_from, day_to, district, colour, policy)` of the projects $2."""
