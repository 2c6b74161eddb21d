"""The time from one milestone to another, as `domain.lead_time` defines it.

A project's milestone is the first mark of its name in the fold, in whatever phase. Days are counted
only between dates exact to the day; working days only within the announced calendar.
"""

from domain.milestone_state import COMPLETE
from projections.answers.project_filter import filtered_lives, filtered_scope
from projections.judging.first_days import first_day, has_bit
from projections.judging.node_states import ANYBODY, OTHERS, RULES, n_of, permits
from projections.judging.phase_states import PHASES, one_project
from projections.judging.project_scope import numbered
from projections.terms.calendar import workdays_between
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed

_COARSENESS = """CASE WHEN length({0}) >= 10 THEN 1 WHEN length({0}) = 4 THEN 5
    WHEN substr({0}, 6, 1) = 'H' THEN 4 WHEN substr({0}, 6, 1) = 'Q' THEN 3 ELSE 2 END"""
_PRECISIONS = "ARRAY['day', 'month', 'quarter', 'half', 'year']"


def _firsts(mark: str, name: str) -> str:
    """Give an expression with the first mark of a name: (n, occurred_on, day)."""
    if mark == COMPLETE:
        return f"""{name} AS (
            SELECT {n_of("r.key")} AS n, (min(r.first))[2] AS occurred_on,
                (min(r.first))[3]::date AS day FROM completed r GROUP BY 1)"""
    return f"""{name} AS (
        SELECT DISTINCT ON (s.n) s.n, l.occurred_on, l.day_to AS day
        FROM scope s JOIN read.lifecycle l ON l.project = s.project AND l.mark = '{mark}'
        WHERE {believed("l")} AND l.day_to <= s.cut ORDER BY s.n, l.order_key)"""


def _measured(scope: str, arguments: Arguments) -> str:
    """Give the expressions from a scope to `measured`, one row a project that has both marks."""
    since, until = (str(arguments.choice(name)).lower() for name in ("from", "to"))
    parts = [f"WITH scope AS ({scope})"]
    if COMPLETE in {since, until}:
        parts += [PHASES, RULES, OTHERS, permits(ANYBODY)]
    exact = "length(a.occurred_on) >= 10 AND length(b.occurred_on) >= 10"
    dates = ("a.occurred_on", "b.occurred_on")
    coarser = f"greatest({', '.join(_COARSENESS.format(date) for date in dates)})"
    parts += [
        _firsts(since, "since"),
        _firsts(until, "until"),
        f"""measured AS (
            SELECT '{since}' AS since, '{until}' AS until,
                CASE WHEN {exact} THEN b.day - a.day END AS days,
                CASE WHEN {exact} THEN {workdays_between("a.day", "b.day")} END AS workdays,
                ({_PRECISIONS})[{coarser}] AS precision
            FROM since a JOIN until b ON b.n = a.n)""",
    ]
    return ", ".join(parts)


def lead_time(arguments: Arguments) -> str:
    """Select the time between two milestones of the parent project, no row unless it has both."""
    return f"{_measured(one_project('$parent.id'), arguments)} SELECT m.* FROM measured m"


def _of_lives(arguments: Arguments) -> str:
    """Measure the projects of the filter by their lives, or by facts where those do not tell."""
    marks = [str(arguments.choice(name)).lower() for name in ("from", "to")]
    since, until = (first_day(mark) for mark in marks)
    exact = " AND ".join(f"NOT {has_bit('coarse', mark)}" for mark in marks)
    unsteady = " OR ".join(has_bit("unsteady", mark) for mark in marks)
    scope = numbered(f"SELECT l.project, l.district FROM lives l WHERE {unsteady}")
    return f"""WITH lives AS MATERIALIZED ({filtered_lives(arguments)})
        SELECT CASE WHEN t.exact THEN t.until - t.since END AS days,
            CASE WHEN t.exact THEN {workdays_between("t.since", "t.until")} END AS workdays
        FROM (SELECT {since} AS since, {until} AS until, {exact} AS exact FROM lives l
            WHERE {since} <= $on AND {until} <= $on AND NOT ({unsteady}) OFFSET 0) t
        UNION ALL SELECT f.days, f.workdays
        FROM ({_measured(scope, arguments)} SELECT m.* FROM measured m) f"""


def _lead_times(arguments: Arguments) -> str:
    """Gather the times of many projects; what cannot be counted to the day is excluded.

    So is what would be counted in working days that are not published yet, and told apart.
    """
    workdays = arguments.given("work_days") and arguments.choice("work_days")
    days = "m.workdays" if workdays else "m.days"
    if COMPLETE in {str(arguments.choice(name)).lower() for name in ("from", "to")}:
        measured = f"{_measured(filtered_scope(arguments), arguments)} SELECT m.* FROM measured m"
    else:
        measured = _of_lives(arguments)
    return f"""SELECT coalesce(array_agg({days} ORDER BY {days}) FILTER (WHERE {days} IS NOT NULL),
                '{{}}')::integer[] AS values,
            count(*) FILTER (WHERE m.days IS NULL)::integer AS excluded,
            count(*) FILTER (WHERE m.days IS NOT NULL AND {days} IS NULL)::integer AS uncounted
        FROM ({measured}) m"""


LEAD_TIME = Relation(
    "LeadTime",
    row={
        "since": "text",
        "until": "text",
        "days": "integer",
        "workdays": "integer",
        "precision": "text",
    },
    fields={
        "from": Value("$self.since", "enum"),
        "to": Value("$self.until", "enum"),
        "calendar_days": Value("$self.days", "int"),
        "work_days": Value("$self.workdays", "int"),
        "precision": Value("$self.precision", "code"),
    },
)

RELATIONS = (LEAD_TIME,)
ROOTS: dict[str, One | Many | Page] = {"lead_times": One("Distribution", _lead_times)}
