"""Find in SQL what was planned for the nodes of projects and when they were reached.

The meaning is that of `domain.milestone_state`. The texts are common table expressions over
`scope (n, project, district, day, cut)`, see `phase_states`. They run over tens of thousands of
projects for a board and over one for a page. Two things keep that cheap: a node of a phase of a
question is one number, `key`, and the last fact of a group is found by a maximum over
`ARRAY[order_key, value, ...]`, which needs no sorting.
"""

from domain.milestone_state import COMPLETE, NODES
from domain.phase import PROJECT_WIDE
from projections.node_places import PLACES
from projections.policy_choice import chosen
from projections.seen import believed

WIDE = ", ".join(str(PLACES[node]) for node in NODES if node in PROJECT_WIDE)
"""The numbers of the nodes that concern the whole project."""

_NODES = ", ".join(f"({place}, '{node}')" for node, place in PLACES.items())
_COLOUR_RULES = chosen("colour", "b.district", "b.day")
_PERMIT_RULES = chosen("permit-set", "b.district", "b.day", "p.rules")


def key(n: str, phase_place: str, place: str) -> str:
    """Give the number of a node of a phase of a question; `n_of` and the like take it apart."""
    return f"(({n}::bigint << 16) | (({phase_place}) << 5)::bigint | {place}::bigint)"


def n_of(number: str) -> str:
    """Give the question that a key is about."""
    return f"({number} >> 16)::integer"


def phase_place_of(number: str) -> str:
    """Give the place of the phase that a key is about; 0 stands for the whole project."""
    return f"(({number} >> 5) & 2047)::integer"


def place_of(number: str) -> str:
    """Give the number of the node that a key is about."""
    return f"({number} & 31)::integer"


def name_of(place: str) -> str:
    """Give the name of a node from its number."""
    return f"(SELECT v.node FROM (VALUES {_NODES}) AS v (place, node) WHERE v.place = {place})"


RULES = f"""places AS (SELECT DISTINCT s.district, s.day FROM scope s),
policies AS MATERIALIZED (
    SELECT b.district, b.day, c.policy
    FROM places b LEFT JOIN LATERAL ({_COLOUR_RULES}) c ON true),
rules AS MATERIALIZED (
    SELECT DISTINCT ON (p.policy) p.policy, p.rules, dense_rank() OVER (ORDER BY p.policy) AS rule,
        p.rules ->> 'late_done' AS late_done, p.rules ->> 'no_plan' AS no_plan,
        p.rules ->> 'aggregate' AS aggregate, p.rules ->> 'suspended' = 'grey' AS rests,
        p.rules ->> 'baseline' = 'original' AS original,
        p.rules ->> 'count_days' = 'work' AS by_work,
        p.rules ->> 'month_precision_due' = 'period-start' AS from_start,
        (p.rules #>> '{{pace,enabled}}')::boolean AS paced
    FROM read.policies p
    WHERE p.policy_kind = 'colour' AND p.rules IS NOT NULL AND {believed("p")}
    ORDER BY p.policy, p.order_key DESC),
windows AS MATERIALIZED (
    SELECT r.rule, v.place, r.late_done, r.aggregate, r.rests, r.original, r.by_work,
        r.from_start,
        (w.own ->> 'warning_days')::integer AS warning_days,
        (w.own ->> 'grace_days')::integer AS grace_days,
        (w.own ->> 'grace_months')::integer AS grace_months,
        w.own ->> 'due' = 'month-end' AS month_end, (w.own ->> 'weight')::numeric AS weight
    FROM rules r CROSS JOIN (VALUES {_NODES}) AS v (place, node) CROSS JOIN LATERAL (
        SELECT coalesce(r.rules -> 'node' -> v.node, r.rules -> 'node' -> '*') AS own) w),
ruled AS MATERIALIZED (
    SELECT s.n, s.project, s.district, s.day, s.cut, s.first_phase, p.policy, r.rule, r.original
    FROM placed s LEFT JOIN policies p ON p.district = s.district AND p.day = s.day
    LEFT JOIN rules r ON r.policy = p.policy)"""
"""The colour policy that judges each question, and its windows for every node."""

OTHERS = f"""others AS (
    SELECT f.n, f.phase_id, f.place FROM named f WHERE f.place > 1
    UNION ALL
    SELECT x.n, x.phase_id, 1024 + row_number() OVER (PARTITION BY x.n ORDER BY x.phase_id)
    FROM (
        SELECT s.n, m.phase_id FROM placed s JOIN read.milestone_plans m ON m.project = s.project
        WHERE m.phase_id IS NOT NULL AND m.phase_id <> s.first_phase
            AND {believed("m")} AND m.day_to <= s.cut
        EXCEPT SELECT f.n, f.phase_id FROM named f) x)"""
"""The phases beyond the default one with their places, those that only plans name at the end."""


def phase_place(phase: str, first: str) -> str:
    """Give the place of the phase that a fact names or leaves out, beside `others` as `o`."""
    return f"CASE WHEN {phase} IS NULL OR {phase} = {first} THEN 1 ELSE o.place END"


_PLANS = f"""inherited AS (
    SELECT DISTINCT ON (s.n, q.plan_id, q.place) s.n, q.plan_id, q.place, q.phase_id
    FROM scope s JOIN read.milestone_plans q ON q.project = s.project
    WHERE NOT q.replan AND {believed("q")} AND q.day_to <= s.cut
        AND EXISTS (SELECT 1 FROM read.milestone_plans w
            WHERE w.project = s.project AND w.phase_id IS NOT NULL)
    ORDER BY s.n, q.plan_id, q.place, q.order_key),
plans AS (
    SELECT {key("r.n", phase_place("e.phase_id", "r.first_phase"), "m.place")} AS key,
        r.rule, r.day, r.original, m.replan, m.new_baseline, m.order_key, m.warning_days, m.planned,
        m.responsible_unit, m.responsible_person,
        ARRAY[m.order_key, m.planned, m.planned_from::text, m.planned_to::text] AS plan
    FROM ruled r JOIN read.milestone_plans m ON m.project = r.project
    LEFT JOIN inherited i ON i.n = r.n AND i.plan_id = m.plan_id AND i.place = m.place
    CROSS JOIN LATERAL (
        SELECT coalesce(m.phase_id, CASE WHEN m.replan THEN i.phase_id END) AS phase_id) e
    LEFT JOIN others o ON o.n = r.n AND o.phase_id = e.phase_id
    WHERE {believed("m")} AND m.day_to <= r.cut)"""

_PERMITS = f"""sets AS (
    SELECT b.district, b.day, k.kind, count(*) OVER (PARTITION BY b.district, b.day) AS kinds
    FROM places b CROSS JOIN LATERAL ({_PERMIT_RULES}) c CROSS JOIN LATERAL (
        SELECT DISTINCT e.kind FROM jsonb_array_elements_text(c.rules -> 'kinds') AS e (kind)) k),
issued AS (
    SELECT {key("s.n", phase_place("l.phase_id", "s.first_phase"), str(PLACES[COMPLETE]))} AS key,
        k.kind, k.kinds,
        min(ARRAY[l.order_key, l.occurred_on, l.day_to::text]) AS first
    FROM ruled s JOIN sets k ON k.district = s.district AND k.day = s.day
    JOIN read.lifecycle l ON l.project = s.project AND l.detail = k.kind
    LEFT JOIN others o ON o.n = s.n AND o.phase_id = l.phase_id
    WHERE l.mark = 'permit_issued' AND {believed("l")} AND l.day_to <= s.cut AND {{awaiting}}
    GROUP BY 1, 2, 3),
completed AS (
    SELECT i.key, max(i.first) AS first FROM issued i
    GROUP BY i.key, i.kinds HAVING count(*) = i.kinds)"""

ANYBODY = "true"
WHO_PLANS = f"""EXISTS (SELECT 1 FROM read.milestone_plans m
    WHERE m.project = s.project AND m.node = '{COMPLETE}')"""
"""Whose permits are looked through: everybody's, or of those who plan to have them all."""


def permits(awaiting: str) -> str:
    """Find when all permits of the set in force were issued: `completed`, with key and `first`."""
    return _PERMITS.format(awaiting=awaiting)


_FIRST = "ARRAY[l.order_key, l.occurred_on, l.day_to::text]"
_SEEN = f"{believed('l')} AND l.day_to <= s.cut"

# Marks of the whole project reach its nodes in every phase, but are shown in their own alone. The
# last two parts, which begin at the further phases, see to that; most projects have none.
_REACHED = f"""reached AS (
    SELECT x.key, min(x.first) AS first, bool_or(x.own) AS own FROM (
        SELECT {key("s.n", phase_place("l.phase_id", "s.first_phase"), "l.place")} AS key,
            {_FIRST} AS first, true AS own
        FROM ruled s JOIN read.lifecycle l ON l.project = s.project
        LEFT JOIN others o ON o.n = s.n AND o.phase_id = l.phase_id
        WHERE l.place IS NOT NULL AND {_SEEN}
        UNION ALL
        SELECT {key("s.n", "1", "l.place")}, {_FIRST}, false
        FROM others o JOIN ruled s ON s.n = o.n
        JOIN read.lifecycle l ON l.project = s.project AND l.phase_id = o.phase_id
        WHERE l.place IN ({WIDE}) AND {_SEEN}
        UNION ALL
        SELECT {key("s.n", "o.place", "l.place")}, {_FIRST}, false
        FROM others o JOIN ruled s ON s.n = o.n JOIN read.lifecycle l ON l.project = s.project
        WHERE l.place IN ({WIDE}) AND l.phase_id IS DISTINCT FROM o.phase_id AND {_SEEN}
        UNION ALL
        SELECT c.key, c.first, true FROM completed c) x
    GROUP BY x.key)"""

_DETAILS = """, (min(ARRAY[t.order_key, t.planned]))[2] AS original_plan,
        count(*) FILTER (WHERE t.replan) AS replans,
        max(ARRAY[t.order_key, t.responsible_unit, t.responsible_person])
            FILTER (WHERE NOT t.replan) AS responsible"""


def nodes(awaiting: str, *, detailed: bool = False) -> str:
    """Bring everything about each node together: `nodes (key, current, agreed, first, …)`.

    `current` is the plan in force and `agreed` the baseline, where a policy wants it; `first` is
    the first mark. `detailed` adds what only a page shows, and the nodes without a plan.
    """
    details, shown = (
        (_DETAILS, ", p.original_plan, p.replans, p.responsible") if detailed else ("", "")
    )
    return f"""{_PLANS}, {permits(awaiting)}, {_REACHED},
planned AS (
    SELECT t.key, max(t.rule) AS rule, max(t.day) AS day, max(t.plan) AS current,
        coalesce(max(t.plan) FILTER (WHERE t.original AND t.new_baseline),
            min(t.plan) FILTER (WHERE t.original)) AS agreed,
        (max(ARRAY[t.order_key, t.warning_days::text]) FILTER (WHERE NOT t.replan))[2]::integer
            AS warning_days{details}
    FROM plans t GROUP BY t.key),
nodes AS {"MATERIALIZED" if detailed else "NOT MATERIALIZED"} (
    SELECT coalesce(p.key, r.key) AS key, p.rule, p.day, p.current, p.agreed,
        p.warning_days, r.first, r.own{shown}
    FROM planned p {"FULL" if detailed else "LEFT"} JOIN reached r ON r.key = p.key)"""
