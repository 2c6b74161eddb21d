"""Find in SQL what a fact says of another one that is not so, as `domain.contradictions` does.

Each text selects (project, rule, phase_id, positions) for the projects of a `scope`.
"""

from domain.contradictions import (
    ANCHORS,
    APPROVED,
    EARLY_EVALUATION,
    LATE_PLAN,
    MISQUOTED,
    UNDECIDED,
    UNENROLLED,
    UNRAISED,
)
from projections.terms.seen import believed, seen_of

_MISQUOTED = f"""SELECT s.project, '{MISQUOTED.id}' AS rule, m.phase_id,
        ARRAY[m.against, m.position] AS positions
    FROM scope s JOIN read.misquotes m ON {seen_of("m")}"""

_APPROVED = f"t.status IN ({', '.join(map(str, sorted(APPROVED)))})"
_CASES = f"""scope s JOIN read.permits i ON {seen_of("i")} AND i.status IS NULL
    CROSS JOIN LATERAL (
        SELECT count(*) AS statuses, bool_and(t.day_from > i.day_to) FILTER (WHERE {_APPROVED})
                AS late,
            (min(ARRAY[t.order_key, t.position::text]) FILTER (WHERE {_APPROVED}))[2] AS approval,
            (max(ARRAY[t.order_key, t.position::text]))[2] AS last
        FROM read.permits t WHERE {seen_of("t")} AND t.status IS NOT NULL AND NOT t.simulated
            AND t.case_no = i.case_no) c"""
_UNDECIDED = f"""SELECT s.project, '{UNDECIDED.id}', i.phase_id,
        ARRAY[coalesce(c.approval, c.last)::bigint, i.position]
    FROM {_CASES} WHERE c.statuses > 0 AND coalesce(c.late, true)"""
_WITHOUT_STATUS = f"""SELECT s.project, '{UNDECIDED.id}', i.phase_id, ARRAY[i.position]
    FROM {_CASES} WHERE c.statuses = 0"""


def _closed(table: str, name: str, mine: str, closing: str, raising: str) -> str:
    """Join what closes a matter to what raised it; `mine` finds the rows of a project."""

    def row(alias: str) -> str:
        return f"{mine.format(alias=alias)} AND {believed(alias)} AND {alias}.day_to <= s.cut"

    return f"""scope s JOIN read.{table} c ON {row("c")} AND c.{closing}
    CROSS JOIN LATERAL (
        SELECT count(*) AS times, bool_and(r.day_from > c.day_to) AS late,
            (min(ARRAY[r.order_key, r.position::text]))[2]::bigint AS first
        FROM read.{table} r WHERE {row("r")} AND r.{raising} AND r.{name} = c.{name}) r"""


_ISSUES = _closed(
    "issues", "issue_id", "{alias}.project = s.project", "resolved", "resolved IS FALSE"
)
_REQUESTS = _closed(
    "requests",
    "request_id",
    "{alias}.stream = 'project/' || s.project",
    "act = 'answered'",
    "act = 'received'",
)
_UNRAISED = " UNION ALL ".join(
    f"""SELECT s.project, '{UNRAISED.id}', NULL, ARRAY[r.first, c.position]
    FROM {closed} WHERE r.late"""
    for closed in (_ISSUES, _REQUESTS)
)
_NEVER_RAISED = " UNION ALL ".join(
    f"""SELECT s.project, '{UNRAISED.id}' AS rule, NULL::text AS phase_id,
        ARRAY[c.position] AS positions
    FROM {closed} WHERE r.times = 0"""
    for closed in (_ISSUES, _REQUESTS)
)

_LATE_PLAN = f"""SELECT s.project, '{LATE_PLAN.id}', NULL, ARRAY[l.position]
    FROM scope s JOIN read.listings l ON {seen_of("l")} AND l.act <> 'listed'
        AND l.annual_plan IS NOT NULL AND l.only_year IS NULL
    JOIN read.arrivals a ON a.fact = l.fact AND {believed("a")}
    WHERE a.recorded_on >= date_trunc('quarter', l.day_to) + INTERVAL '3 months'"""

_KINDS = " ".join(f"WHEN '{name}' THEN '{kind}'" for name, kind in ANCHORS.items())
_EARLY = f"""SELECT s.project, '{EARLY_EVALUATION.id}', v.phase_id, ARRAY[a.position, v.position]
    FROM scope s JOIN read.evaluations v ON {seen_of("v")}
    CROSS JOIN LATERAL (SELECT regexp_match(v.checkpoint, '^([a-z]+)(?:[+]([0-9]+))?$')) c (at)
    CROSS JOIN LATERAL (
        SELECT l.position, l.day_from FROM read.lifecycle l
        WHERE {seen_of("l")} AND l.kind = CASE c.at[1] {_KINDS} END
        ORDER BY l.order_key LIMIT 1) a
    WHERE v.day_to < a.day_from + make_interval(months => coalesce(c.at[2], '0')::integer)
        AND NOT (c.at[1] = 'commissioning' AND v.day_to < a.day_from)"""

_COUNTED = f"""scope s CROSS JOIN LATERAL (
        SELECT r.position, r.day_to FROM read.investments r
        WHERE {seen_of("r")} AND r.basis = 'statistical' AND NOT r.passed
        ORDER BY r.order_key LIMIT 1) r
    CROSS JOIN LATERAL (
        SELECT count(*) AS times, bool_and(e.day_from > r.day_to) AS late,
            (min(ARRAY[e.order_key, e.position::text]))[2]::bigint AS first
        FROM read.enrolments e WHERE {seen_of("e")}) e"""
_UNENROLLED = f"""SELECT s.project, '{UNENROLLED.id}', NULL, ARRAY[e.first, r.position]
    FROM {_COUNTED} WHERE e.late"""
_NEVER_ENROLLED = f"""SELECT s.project, '{UNENROLLED.id}', NULL, ARRAY[r.position]
    FROM {_COUNTED} WHERE e.times = 0"""

CONTRADICTED = (_MISQUOTED, _UNDECIDED, _UNRAISED, _LATE_PLAN, _EARLY, _UNENROLLED)
"""What is surely not as a fact says."""

UNFOUNDED = f"{_NEVER_RAISED} UNION ALL {_WITHOUT_STATUS} UNION ALL {_NEVER_ENROLLED}"
"""What is said without a record of what it follows from."""
