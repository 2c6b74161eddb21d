"""Judge the nodes of projects in SQL, as `domain.colour` defines it.

Over the expressions of `node_states` these add when each node is due, warned and overdue, and the
colour and reason that follow; `judged` is the last of them.
"""

from domain.colour_words import EXPLANATIONS, Reason
from domain.phase import RANK, Phase
from projections.calendar import shifted
from projections.node_states import WIDE

SEVERITIES = "(VALUES ('grey', 0), ('green', 1), ('yellow', 2), ('red', 3))"
"""The colours by how bad they are, as in `domain.colour.SEVERITY`."""

_SUSPENDED = RANK[Phase.SUSPENDED]
_KEPT = "keep-red-until-next-node"
_DAY_BEFORE_MONTH = "(date_trunc('month', {}) + INTERVAL '1 month' - INTERVAL '1 day')::date"

_DATED = f"""dated AS (
    SELECT p.n, p.phase_id, p.node, r.day, r.policy, r.late_done, r.suspended, r.by_work,
        f.first[2] AS actual, f.first[3]::date AS done_on, h.halt,
        coalesce(p.warning_days, w.warning_days) AS warning_days, w.grace_days, w.grace_months,
        w.month_end, w.weight,
        (CASE WHEN r.baseline = 'original' THEN p.agreed ELSE p.current END)[2] AS judged_plan,
        (CASE WHEN r.baseline = 'original' THEN p.agreed ELSE p.current END)
            [CASE WHEN r.from_start THEN 3 ELSE 4 END]::date AS planned_day
    FROM planned p JOIN ruled r ON r.n = p.n
    LEFT JOIN windows w ON w.policy = r.policy AND w.node = p.node
    LEFT JOIN reached f ON f.n = p.n AND f.mark = p.node
        AND f.phase_key = CASE WHEN p.node IN ({WIDE}) THEN '' ELSE p.phase_id END
    LEFT JOIN halted h ON h.n = p.n AND h.phase_id = p.phase_id)"""

WINDOWED = f"""due AS (
    SELECT d.*, CASE WHEN d.month_end THEN {_DAY_BEFORE_MONTH.format("d.planned_day")}
        ELSE d.planned_day END AS due_on FROM dated d),
graced AS (
    SELECT d.*, CASE WHEN d.grace_months = 0 THEN d.due_on
        WHEN d.due_on = {_DAY_BEFORE_MONTH.format("d.due_on")}
        THEN (date_trunc('month', d.due_on) + make_interval(months => d.grace_months + 1)
            - INTERVAL '1 day')::date
        ELSE (d.due_on + make_interval(months => d.grace_months))::date END AS grace_from
    FROM due d),
windowed AS (
    SELECT g.*, {shifted("g.due_on", "(- g.warning_days)", "g.by_work")} AS warned_on,
        {shifted("g.grace_from", "g.grace_days", "g.by_work")} AS deadline FROM graced g)"""

"""When nodes are due, warned and overdue, from `dated`; the last of the three is `windowed`."""

_REASONED = f"""reasoned AS (
    SELECT w.*, w.done_on IS NOT NULL AS done,
        w.warned_on IS NOT NULL AND w.deadline IS NOT NULL AS has_windows,
        CASE WHEN w.policy IS NULL THEN '{Reason.NO_POLICY}'
            WHEN w.warned_on IS NULL OR w.deadline IS NULL THEN '{Reason.CALENDAR_UNKNOWN}'
            WHEN w.done_on <= w.deadline THEN '{Reason.DONE_IN_TIME}'
            WHEN w.done_on IS NOT NULL THEN
                CASE w.late_done WHEN '{_KEPT}' THEN '{Reason.KEPT_RED}'
                ELSE '{Reason.DONE_LATE}' END
            WHEN w.halt < {_SUSPENDED} THEN '{Reason.ENDED}'
            WHEN w.halt = {_SUSPENDED} AND w.suspended = 'grey' THEN '{Reason.SUSPENDED}'
            WHEN w.day > w.deadline THEN '{Reason.OVERDUE}'
            WHEN w.day > w.due_on THEN '{Reason.IN_GRACE}'
            WHEN w.day >= w.warned_on THEN '{Reason.WARNING}'
            ELSE '{Reason.ON_TRACK}' END AS first_reason
    FROM windowed w)"""

# Only nodes under a policy that keeps late ones red are sorted to find the next node of each.
_RELEASED = f"""released AS (
    SELECT r.*, CASE WHEN r.first_reason = '{Reason.KEPT_RED}'
            AND coalesce(bool_and(r.done) OVER (PARTITION BY r.n, r.phase_id, r.has_windows
                ORDER BY r.due_on GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING), true)
        THEN '{Reason.DONE_LATE}' ELSE r.first_reason END AS reason
    FROM reasoned r WHERE r.late_done = '{_KEPT}'
    UNION ALL
    SELECT r.*, r.first_reason FROM reasoned r WHERE r.late_done IS DISTINCT FROM '{_KEPT}'),
judged AS (
    SELECT r.*, CASE r.reason
            WHEN '{Reason.DONE_IN_TIME}' THEN 'green' WHEN '{Reason.ON_TRACK}' THEN 'green'
            WHEN '{Reason.DONE_LATE}' THEN
                CASE r.late_done WHEN '{_KEPT}' THEN 'green' ELSE r.late_done END
            WHEN '{Reason.KEPT_RED}' THEN 'red' WHEN '{Reason.OVERDUE}' THEN 'red'
            WHEN '{Reason.WARNING}' THEN 'yellow'
            WHEN '{Reason.IN_GRACE}' THEN
                CASE WHEN r.day >= r.warned_on THEN 'yellow' ELSE 'green' END
            ELSE 'grey' END AS colour,
        CASE WHEN NOT r.has_windows OR r.policy IS NULL
                OR r.reason IN ('{Reason.ENDED}', '{Reason.SUSPENDED}') THEN NULL
            ELSE greatest(coalesce(r.done_on, r.day) - r.due_on, 0) END AS days_late
    FROM released r)"""

NODES_JUDGED = f"{_DATED}, {WINDOWED}, {_REASONED}, {_RELEASED}"
"""The colour of every planned node, from `planned`, `reached`, `halted`, `ruled` and `windows`."""


def explained(alias: str) -> str:
    """Give the SQL of the sentence that explains a colour, from columns of a judged node.

    These are reason, judged_plan, actual, warned_on, deadline and days_late.
    """
    text = "(CASE $language WHEN 'zh' THEN w.zh ELSE w.en END)"
    for place, value in (
        ("planned", f"{alias}.judged_plan"),
        ("actual", f"{alias}.actual"),
        ("warned", f"{alias}.warned_on::text"),
        ("deadline", f"{alias}.deadline::text"),
        ("days", f"{alias}.days_late::text"),
    ):
        text = f"replace({text}, '{{{place}}}', coalesce({value}, ''))"
    words = ", ".join(
        f"('{reason}', '{told.zh}', '{told.en}')" for reason, told in EXPLANATIONS.items()
    )
    return (
        f"(SELECT {text} FROM (VALUES {words}) AS w (reason, zh, en)"
        f" WHERE w.reason = {alias}.reason)"
    )
