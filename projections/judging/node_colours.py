"""Judge the nodes of projects in SQL, as `domain.colour` defines it.

Over the expressions of `node_states` these add when each node is due, warned and overdue, and the
colour and reason that follow; `judged` is the last of them.
"""

from domain.colour import SEVERITY, Colour
from domain.colour_words import EXPLANATIONS, Reason
from domain.phase import RANK, Phase
from projections.judging.node_states import n_of, phase_place_of, place_of
from projections.terms.calendar import shifted
from projections.terms.seen import quoted

_GREY, _GREEN, _YELLOW, _RED = (
    SEVERITY[each] for each in (Colour.GREY, Colour.GREEN, Colour.YELLOW, Colour.RED)
)
_SURELY = {
    Reason.DONE_IN_TIME: _GREEN,
    Reason.ON_TRACK: _GREEN,
    Reason.KEPT_RED: _RED,
    Reason.OVERDUE: _RED,
    Reason.WARNING: _YELLOW,
}
"""The colours that follow from a reason alone; a reason that says no colour is grey."""

_CODES = {reason: code for code, reason in enumerate(EXPLANATIONS, 1)}
_SURE = ", ".join(str(_SURELY.get(reason, _GREY)) for reason in _CODES)
NO_POLICY, NO_PLAN, KEPT_RED, ENDED, SUSPENDED = (
    _CODES[each]
    for each in (
        Reason.NO_POLICY,
        Reason.NO_PLAN,
        Reason.KEPT_RED,
        Reason.ENDED,
        Reason.SUSPENDED,
    )
)
"""Reasons are numbers while nodes are judged; `explained` turns them into sentences."""

_RANKS = ", ".join(f"('{colour}', {rank})" for colour, rank in SEVERITY.items())
SEVERITIES = f"(VALUES {_RANKS})"
"""The colours by how bad they are."""

_SUSPENDED = RANK[Phase.SUSPENDED]
_KEPT = "keep-red-until-next-node"
_DAY_BEFORE_MONTH = "(date_trunc('month', {}) + INTERVAL '1 month' - INTERVAL '1 day')::date"

_DATED = f"""dated AS (
    SELECT p.key, {n_of("p.key")} AS n, p.day, p.planned_day, p.done_on, h.halt, w.rule,
        w.late_done, w.aggregate, w.rests, w.by_work, w.grace_days, w.grace_months, w.month_end,
        w.weight, coalesce(p.warning_days, w.warning_days) AS warning_days
    FROM nodes p LEFT JOIN windows w ON w.rule = p.rule AND w.place = {place_of("p.key")}
    LEFT JOIN halted h ON h.n = {n_of("p.key")} AND h.place = {phase_place_of("p.key")}
    WHERE p.planned_day IS NOT NULL OFFSET 0)"""

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
        {shifted("g.grace_from", "g.grace_days", "g.by_work")} AS deadline
    FROM graced g OFFSET 0)"""

"""When nodes are due, warned and overdue, from `dated`; the last of the three is `windowed`."""

_REASONED = f"""reasoned AS MATERIALIZED (
    SELECT w.key, w.n, w.late_done, w.aggregate, w.weight, w.due_on, w.warned_on, w.deadline,
        w.day, w.done_on,
        w.warned_on IS NOT NULL AND w.deadline IS NOT NULL AS has_windows, CASE
            WHEN w.rule IS NULL THEN {_CODES[Reason.NO_POLICY]}
            WHEN w.warned_on IS NULL OR w.deadline IS NULL
                THEN {_CODES[Reason.CALENDAR_UNKNOWN]}
            WHEN w.done_on <= w.deadline THEN {_CODES[Reason.DONE_IN_TIME]}
            WHEN w.done_on IS NOT NULL THEN CASE w.late_done
                WHEN '{_KEPT}' THEN {KEPT_RED} ELSE {_CODES[Reason.DONE_LATE]} END
            WHEN w.halt < {_SUSPENDED} THEN {ENDED}
            WHEN w.halt = {_SUSPENDED} AND w.rests THEN {SUSPENDED}
            WHEN w.day > w.deadline THEN {_CODES[Reason.OVERDUE]}
            WHEN w.day > w.due_on THEN {_CODES[Reason.IN_GRACE]}
            WHEN w.day >= w.warned_on THEN {_CODES[Reason.WARNING]}
            ELSE {_CODES[Reason.ON_TRACK]} END AS first_reason
    FROM {{windowed}} w)"""

# Only nodes under a policy that keeps late ones red are sorted to find the next node of each.
_RELEASED = f"""released AS (
    SELECT r.*, CASE WHEN r.first_reason = {KEPT_RED} AND coalesce(
            bool_and(r.done_on IS NOT NULL) OVER (PARTITION BY r.key >> 5, r.has_windows
                ORDER BY r.due_on GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING), true)
        THEN {_CODES[Reason.DONE_LATE]} ELSE r.first_reason END AS reason
    FROM reasoned r WHERE r.late_done = '{_KEPT}'
    UNION ALL
    SELECT r.*, r.first_reason FROM reasoned r WHERE r.late_done IS DISTINCT FROM '{_KEPT}'),
judged AS (
    SELECT r.*, CASE r.reason
            WHEN {_CODES[Reason.DONE_LATE]} THEN
                CASE r.late_done WHEN 'yellow' THEN {_YELLOW} ELSE {_GREEN} END
            WHEN {_CODES[Reason.IN_GRACE]} THEN
                CASE WHEN r.day >= r.warned_on THEN {_YELLOW} ELSE {_GREEN} END
            ELSE (ARRAY[{_SURE}])[r.reason] END AS severity
    FROM released r)"""

NODES_WINDOWED = f"{_DATED}, {WINDOWED}"
"""When every planned node is due, warned and overdue, from `nodes`, `halted` and `windows`."""


def reasoned(windowed: str = "windowed") -> str:
    """Give the colour of every planned node on its day, as `judged`, from nodes with windows."""
    return f"{_REASONED.format(windowed=windowed)}, {_RELEASED}"


NODES_JUDGED = f"{NODES_WINDOWED}, {reasoned()}"
"""The colour of every planned node, from `nodes`, `halted` and `windows`."""


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
        f"({_CODES[reason]}, {quoted(told.zh)}, {quoted(told.en)})"
        for reason, told in EXPLANATIONS.items()
    )
    return (
        f"(SELECT {text} FROM (VALUES {words}) AS w (reason, zh, en)"
        f" WHERE w.reason = {alias}.reason)"
    )
