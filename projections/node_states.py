"""Find in SQL what was planned for the nodes of projects and when they were reached.

The meaning is that of `domain.milestone_state`. The texts are common table expressions over
`scope (n, project, district, day, cut)`, see `phase_states`. They run over tens of thousands of
projects for a board and over one for a page, so the last fact of a group is found by a maximum over
`ARRAY[order_key, value, ...]`, which needs no sorting.
"""

from domain.milestone_state import COMPLETE, NODES
from domain.phase import PROJECT_WIDE
from projections.policy_choice import chosen
from projections.seen import believed

_NODES = ", ".join(f"('{node}')" for node in NODES)
MARKED = ", ".join(f"'{node}'" for node in NODES)
WIDE = ", ".join(f"'{mark}'" for mark in sorted(PROJECT_WIDE))
_PLAN = "ARRAY[m.order_key, m.planned, m.planned_from::text, m.planned_to::text]"
_COLOUR_RULES = chosen("colour", "b.district", "b.day", "p.policy, p.rules")
_PERMIT_RULES = chosen("permit-set", "b.district", "b.day", "p.rules")

RULES = f"""places AS (SELECT DISTINCT s.district, s.day FROM scope s),
policies AS MATERIALIZED (
    SELECT b.district, b.day, c.policy, c.rules, c.rules ->> 'baseline' AS baseline,
        c.rules ->> 'late_done' AS late_done, c.rules ->> 'suspended' AS suspended,
        c.rules ->> 'no_plan' AS no_plan, c.rules ->> 'aggregate' AS aggregate,
        c.rules ->> 'count_days' = 'work' AS by_work,
        c.rules ->> 'month_precision_due' = 'period-start' AS from_start,
        (c.rules #>> '{{pace,enabled}}')::boolean AS paced
    FROM places b LEFT JOIN LATERAL ({_COLOUR_RULES}) c ON true),
windows AS MATERIALIZED (
    SELECT w.policy, w.node, (w.own ->> 'warning_days')::integer AS warning_days,
        (w.own ->> 'grace_days')::integer AS grace_days,
        (w.own ->> 'grace_months')::integer AS grace_months,
        w.own ->> 'due' = 'month-end' AS month_end, (w.own ->> 'weight')::numeric AS weight
    FROM (SELECT DISTINCT p.policy, v.node,
            coalesce(p.rules -> 'node' -> v.node, p.rules -> 'node' -> '*') AS own
        FROM policies p CROSS JOIN (VALUES {_NODES}) AS v (node)
        WHERE p.policy IS NOT NULL) w),
ruled AS MATERIALIZED (
    SELECT s.n, s.project, s.district, s.day, s.cut, s.first_phase, p.policy, p.baseline,
        p.late_done, p.suspended, p.no_plan, p.aggregate, p.by_work, p.from_start, p.paced
    FROM placed s LEFT JOIN policies p ON p.district = s.district AND p.day = s.day)"""
"""The colour policy that judges each question, and its windows for every node."""


def planned(details: str = "") -> str:
    """Bring the plans of every node together, with further aggregates where they are wanted.

    A re-plan that names no phase follows the first plan of its plan id and node.
    """
    return f"""inherited AS (
    SELECT DISTINCT ON (s.n, q.plan_id, q.node) s.n, q.plan_id, q.node, q.phase_id
    FROM scope s JOIN read.milestone_plans q ON q.project = s.project
    WHERE NOT q.replan AND {believed("q")} AND q.day_to <= s.cut
        AND EXISTS (SELECT 1 FROM read.milestone_plans w
            WHERE w.project = s.project AND w.phase_id IS NOT NULL)
    ORDER BY s.n, q.plan_id, q.node, q.order_key),
planned AS (
    SELECT r.n, m.node,
        coalesce(m.phase_id, CASE WHEN m.replan THEN i.phase_id END, r.first_phase) AS phase_id,
        max({_PLAN}) AS current,
        coalesce(max({_PLAN}) FILTER (WHERE m.new_baseline AND r.baseline = 'original'),
            min({_PLAN}) FILTER (WHERE r.baseline = 'original')) AS agreed,
        (max(ARRAY[m.order_key, m.warning_days::text]) FILTER (WHERE NOT m.replan))[2]::integer
            AS warning_days{details}
    FROM ruled r JOIN read.milestone_plans m ON m.project = r.project
    LEFT JOIN inherited i ON i.n = r.n AND i.plan_id = m.plan_id AND i.node = m.node
    WHERE {believed("m")} AND m.day_to <= r.cut
    GROUP BY 1, 2, 3)"""


def reached(permits_of: str) -> str:
    """Find the first mark of each node; `permits_of` selects whose permits are looked through.

    Marks of the whole project count in every phase: they are kept under the phase ''.
    """
    return f"""sets AS (
    SELECT b.district, b.day, k.kind, count(*) OVER (PARTITION BY b.district, b.day) AS kinds
    FROM places b CROSS JOIN LATERAL ({_PERMIT_RULES}) c CROSS JOIN LATERAL (
        SELECT DISTINCT e.kind FROM jsonb_array_elements_text(c.rules -> 'kinds') AS e (kind)) k),
issued AS (
    SELECT s.n, coalesce(l.phase_id, s.first_phase) AS phase_id, k.kind, k.kinds,
        min(ARRAY[l.order_key, l.occurred_on, l.day_to::text]) AS first
    FROM placed s JOIN sets k ON k.district = s.district AND k.day = s.day
    JOIN read.lifecycle l ON l.project = s.project AND l.detail = k.kind
    WHERE l.mark = 'permit_issued' AND {believed("l")} AND l.day_to <= s.cut
        AND s.n IN ({permits_of})
    GROUP BY 1, 2, 3, 4),
reached AS (
    SELECT s.n, CASE WHEN l.mark IN ({WIDE}) THEN ''
            ELSE coalesce(l.phase_id, s.first_phase) END AS phase_key,
        l.mark, min(ARRAY[l.order_key, l.occurred_on, l.day_to::text]) AS first
    FROM placed s JOIN read.lifecycle l ON l.project = s.project
    WHERE l.mark IN ({MARKED}) AND {believed("l")} AND l.day_to <= s.cut
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT i.n, i.phase_id, '{COMPLETE}', max(i.first) FROM issued i
    GROUP BY i.n, i.phase_id, i.kinds HAVING count(*) = i.kinds)"""
