"""Find in SQL what was planned for the nodes of projects and when they were reached.

The meaning is that of `domain.milestone_state`. The texts are common table expressions over
`scope (n, project, district, day, cut)`, see `phase_states`. They run over tens of thousands of
projects for a board and over one for a page. What keeps that cheap is that a node of a phase of a
question is one number, `key`: rows are sorted by it, and plans and marks meet in that order.
"""

from domain.milestone_state import COMPLETE, NODES
from domain.phase import PROJECT_WIDE
from projections.terms.node_places import PLACES
from projections.terms.policy_choice import chosen
from projections.terms.seen import believed

WIDE = ", ".join(str(PLACES[node]) for node in NODES if node in PROJECT_WIDE)
"""The numbers of the nodes that concern the whole project."""

_NODES = ", ".join(f"({place}, '{node}')" for node, place in PLACES.items())
_NAMES = ", ".join(f"'{node}'" for node in PLACES)
COLOUR_RULES = chosen("colour", "b.district", "b.day")
"""The policy that judges the colours of a district on a day."""

_PERMIT_RULES = chosen("permit-set", "b.district", "b.day", "p.rules -> 'kinds' AS named")


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
    return f"(ARRAY[{_NAMES}])[{place} + 1]"


RULES = f"""places AS (SELECT DISTINCT s.district, s.day FROM scope s),
policies AS MATERIALIZED (
    SELECT b.district, b.day, c.policy
    FROM places b LEFT JOIN LATERAL ({COLOUR_RULES}) c ON true),
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
    SELECT r.rule, v.place, r.late_done, r.aggregate, r.rests, r.by_work,
        (w.own ->> 'warning_days')::integer AS warning_days,
        (w.own ->> 'grace_days')::integer AS grace_days,
        (w.own ->> 'grace_months')::integer AS grace_months,
        w.own ->> 'due' = 'month-end' AS month_end, (w.own ->> 'weight')::numeric AS weight
    FROM rules r CROSS JOIN (VALUES {_NODES}) AS v (place, node) CROSS JOIN LATERAL (
        SELECT coalesce(r.rules -> 'node' -> v.node, r.rules -> 'node' -> '*') AS own) w),
ruled AS MATERIALIZED (
    SELECT s.n, s.project, s.district, s.day, s.cut, s.first_phase, p.policy, r.rule,
        r.original, r.from_start
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
plans AS MATERIALIZED (
    SELECT {key("r.n", phase_place("e.phase_id", "r.first_phase"), "m.place")} AS key,
        r.rule, r.day, r.original, m.replan, m.new_baseline, m.order_key, m.warning_days,
        CASE WHEN r.from_start THEN m.planned_from ELSE m.planned_to END AS planned_day{{details}}
    FROM ruled r JOIN read.milestone_plans m ON m.project = r.project
    LEFT JOIN inherited i ON i.n = r.n AND i.plan_id = m.plan_id AND i.place = m.place
    CROSS JOIN LATERAL (
        SELECT coalesce(m.phase_id, CASE WHEN m.replan THEN i.phase_id END) AS phase_id) e
    LEFT JOIN others o ON o.n = r.n AND o.phase_id = e.phase_id
    WHERE {believed("m")} AND m.day_to <= r.cut),
latest AS MATERIALIZED (
    SELECT DISTINCT ON (p.key) p.* FROM plans p ORDER BY p.key, p.order_key DESC),
stated AS (
    SELECT DISTINCT ON (p.key) p.* FROM plans p WHERE NOT p.replan AND {{stated}}
    ORDER BY p.key, p.order_key DESC),
agreed AS (
    SELECT DISTINCT ON (p.key) p.* FROM plans p WHERE p.original
    ORDER BY p.key, p.new_baseline DESC, CASE WHEN p.new_baseline THEN p.order_key END DESC,
        p.order_key)"""
"""Plans in force, those that name who answers, and, where a policy wants them, those agreed."""

_ISSUED = f"""chosen_sets AS MATERIALIZED (
    SELECT b.district, b.day, c.named FROM places b CROSS JOIN LATERAL ({_PERMIT_RULES}) c),
sets AS MATERIALIZED (
    SELECT d.named, k.kind, count(*) OVER (PARTITION BY d.named) AS kinds
    FROM (SELECT DISTINCT c.named FROM chosen_sets c) d CROSS JOIN LATERAL (
        SELECT DISTINCT e.kind FROM jsonb_array_elements_text(d.named) AS e (kind)) k),
issuing AS MATERIALIZED (
    SELECT s.n, s.district, s.day, s.first_phase, l.phase_id, l.detail, l.order_key,
        l.occurred_on, l.day_to
    FROM ruled s JOIN read.lifecycle l ON l.project = s.project
    WHERE l.mark = 'permit_issued' AND {believed("l")} AND l.day_to <= s.cut AND {{awaiting}}),
issued AS (
    SELECT {key("s.n", phase_place("s.phase_id", "s.first_phase"), str(PLACES[COMPLETE]))} AS key,
        k.kind, k.kinds, {{said}}
    FROM issuing s JOIN chosen_sets c ON c.district = s.district AND c.day = s.day
    JOIN sets k ON k.named = c.named AND k.kind = s.detail
    LEFT JOIN others o ON o.n = s.n AND o.phase_id = s.phase_id{{each}})"""

_COMPLETED = """completed AS (
    SELECT i.key, max(i.first) AS first FROM issued i
    GROUP BY i.key, i.kinds HAVING count(*) = i.kinds)"""

ANYBODY = "true"
WHO_PLANS = f"""EXISTS (SELECT 1 FROM read.milestone_plans m
    WHERE m.project = s.project AND m.node = '{COMPLETE}')"""
"""Whose permits are looked through: everybody's, or of those who plan to have them all."""


def issued(awaiting: str, said: str, each: str = "") -> str:
    """Find the permits of the set in force: `issued`, with key, kind, the number of kinds and more.

    `said` takes what more from a permit `s`; `each` may group it.
    """
    return _ISSUED.format(awaiting=awaiting, said=said, each=each)


def permits(awaiting: str) -> str:
    """Find when all permits of the set in force were issued: `completed`, with key and `first`."""
    first = "min(ARRAY[s.order_key, s.occurred_on, s.day_to::text]) AS first"
    return f"{issued(awaiting, first, ' GROUP BY 1, 2, 3')},\n{_COMPLETED}"


_SEEN = f"{believed('l')} AND l.day_to <= s.cut"


def marked(mark: str, completed: str, among: str = "true") -> str:
    """Select the marks that reach nodes: keys, whether as a mark of the phase itself, and `mark`.

    `mark` takes columns from a mark `l` of a question `s`, `among` narrows the former, and
    `completed` adds the same of permits. Marks of the whole project reach its nodes in every phase,
    but are shown in their own alone. The parts that begin at the further phases see to that; most
    projects have none.
    """
    seen = f"{_SEEN} AND {among}"
    return f"""SELECT {key("s.n", phase_place("l.phase_id", "s.first_phase"), "l.place")} AS key,
            true AS own, {mark}
        FROM ruled s JOIN read.lifecycle l ON l.project = s.project
        LEFT JOIN others o ON o.n = s.n AND o.phase_id = l.phase_id
        WHERE l.place IS NOT NULL AND {seen}
        UNION ALL
        SELECT {key("s.n", "1", "l.place")}, false, {mark}
        FROM others o JOIN ruled s ON s.n = o.n
        JOIN read.lifecycle l ON l.project = s.project AND l.phase_id = o.phase_id
        WHERE l.place IN ({WIDE}) AND {seen}
        UNION ALL
        SELECT {key("s.n", "o.place", "l.place")}, false, {mark}
        FROM others o JOIN ruled s ON s.n = o.n JOIN read.lifecycle l ON l.project = s.project
        WHERE l.place IN ({WIDE}) AND l.phase_id IS DISTINCT FROM o.phase_id AND {seen}
        UNION ALL
        {completed}"""


_MARK = "l.order_key, l.day_to AS done_on, l.occurred_on"
_COMPLETED_MARK = "SELECT c.key, true, c.first[1], c.first[3]::date, c.first[2] FROM completed c"

_REACHED = f"""reached AS (
    SELECT DISTINCT ON (x.key) x.key, x.done_on{{actual}}
    FROM ({marked(_MARK, _COMPLETED_MARK)}) x ORDER BY x.key, x.order_key),
own AS (
    SELECT {key("s.n", phase_place("l.phase_id", "s.first_phase"), "l.place")} AS key
    FROM ruled s JOIN read.lifecycle l ON l.project = s.project
    LEFT JOIN others o ON o.n = s.n AND o.phase_id = l.phase_id
    WHERE l.place IS NOT NULL AND {_SEEN}
    UNION SELECT c.key FROM completed c)"""


def nodes(awaiting: str) -> str:
    """Bring plan and first mark of every planned node together, as judging needs them.

    The columns of `nodes` are key, rule, day, planned_day, warning_days and done_on.
    """
    replanned = "p.key IN (SELECT l.key FROM latest l WHERE l.replan)"
    return f"""{_PLANS.format(details="", stated=replanned)},
{permits(awaiting)}, {_REACHED.format(actual="")},
nodes AS (
    SELECT l.key, l.rule, l.day, coalesce(a.planned_day, l.planned_day) AS planned_day,
        CASE WHEN l.replan THEN t.warning_days ELSE l.warning_days END AS warning_days, r.done_on
    FROM latest l LEFT JOIN reached r ON r.key = l.key
    LEFT JOIN stated t ON t.key = l.key LEFT JOIN agreed a ON a.key = l.key)"""


_DETAILS = ", m.planned, m.responsible_unit, m.responsible_person"
_MOVED = """moved AS (
    SELECT p.key, count(*) FILTER (WHERE p.replan)::integer AS replans,
        (min(ARRAY[p.order_key, p.planned]))[2] AS original_plan FROM plans p GROUP BY p.key)"""
_PLANNED = """l.rule, l.day, l.planned, coalesce(a.planned_day, l.planned_day) AS planned_day,
        coalesce(a.planned, l.planned) AS judged_plan, v.original_plan, v.replans, t.warning_days,
        t.responsible_unit AS unit, t.responsible_person AS person"""
_BY_PLAN = """LEFT JOIN stated t ON t.key = l.key LEFT JOIN agreed a ON a.key = l.key"""


def detailed_nodes(awaiting: str) -> str:
    """Bring everything about every planned or reached node together, as a page shows it.

    `nodes` has the columns of the other and what explains them; those of nodes that were not
    planned are null but for the mark.
    """
    return f"""{_PLANS.format(details=_DETAILS, stated="true")},
{permits(awaiting)}, {_REACHED.format(actual=", x.occurred_on AS actual")},
{_MOVED},
nodes AS MATERIALIZED (
    SELECT coalesce(l.key, r.key) AS key, {_PLANNED}, r.done_on, r.actual,
        r.key IN (SELECT o.key FROM own o) AS own
    FROM latest l FULL JOIN reached r ON r.key = l.key LEFT JOIN moved v ON v.key = l.key
    {_BY_PLAN})"""


DETAILED_PLANS = f"""{_PLANS.format(details=_DETAILS, stated="true")},
{_MOVED},
nodes AS MATERIALIZED (
    SELECT l.key, {_PLANNED}, NULL::date AS done_on
    FROM latest l LEFT JOIN moved v ON v.key = l.key
    {_BY_PLAN})"""
"""Everything about every planned node that does not turn with marks, as `nodes`."""
