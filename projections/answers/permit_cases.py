"""The permit cases of a project: their state and the working days used of the statutory limit.

The statutory clock runs from the acceptance of a case (status 3, or 8 where 3 was not reported) to
its end (2 withdrawn, 4 or 5 not accepted, 11 to 15 decided, or the certificate), else to the judged
day. It stands still during corrections (from 6 to 7) and special procedures (from 9 to 10). A
working day counts when it comes after the start of a running span and not after its end. Without an
acceptance, with a coarse date, or beyond the announced calendar the count is null.
"""

from domain.kinds.permits import STATUS_NAMES
from projections.terms.calendar import workdays_between
from projections.terms.relation import Arguments, Relation, Value
from projections.terms.seen import seen

_NAMES = ", ".join(f"({code}, '{zh}', '{en}')" for code, (zh, en) in STATUS_NAMES.items())


def _last(expression: str, condition: str) -> str:
    """Give a value of the last step of a case that meets a condition."""
    return f"(array_agg({expression} ORDER BY s.n DESC) FILTER (WHERE {condition}))[1]"


def _steps(project: str) -> str:
    """Number the steps of each case in their order; a certificate is a step without a status."""
    return (
        "SELECT coalesce(p.case_no, p.certificate_no, p.fact::text) AS case_no, p.permit_kind,"
        " p.department, p.status, p.stage, p.simulated, p.deadline_workdays, p.day_from, p.day_to,"
        " p.certificate_no, p.valid_until,"
        " p.order_key, coalesce(p.status, CASE WHEN p.tolerance THEN 12 ELSE 11 END) AS state,"
        " row_number() OVER (PARTITION BY coalesce(p.case_no, p.certificate_no, p.fact::text)"
        " ORDER BY p.order_key) AS n"
        f" FROM read.permits p WHERE p.project = {project} AND {seen('p')}"
    )


def _spans() -> str:
    """Tell after each step whether the clock runs, and until when."""
    return (
        "SELECT s.*, lead(s.day_to, 1, $on) OVER w AS until,"
        " count(*) FILTER (WHERE s.state IN (3, 8)) OVER w > 0"
        " AND count(*) FILTER (WHERE s.state IN (2, 4, 5) OR s.state >= 11) OVER w = 0"
        " AND coalesce(max(s.n) FILTER (WHERE s.state = 6) OVER w, 0)"
        " <= coalesce(max(s.n) FILTER (WHERE s.state = 7) OVER w, 0)"
        " AND coalesce(max(s.n) FILTER (WHERE s.state = 9) OVER w, 0)"
        " <= coalesce(max(s.n) FILTER (WHERE s.state = 10) OVER w, 0) AS running"
        " FROM steps s WINDOW w AS (PARTITION BY s.case_no ORDER BY s.n)"
    )


def permit_states(_: Arguments) -> str:
    """Select one row a case of the parent project."""
    used = workdays_between("s.day_to", "s.until")
    return (
        f"WITH steps AS ({_steps('$parent.id')}), spans AS ({_spans()}),"
        f" counted AS (SELECT s.*, CASE WHEN s.running THEN {used} END AS used FROM spans s)"
        " SELECT $parent.id AS project, s.case_no, min(s.order_key) AS first,"
        f" {_last('s.permit_kind', 'true')} AS kind,"
        f" {_last('s.department', 's.department IS NOT NULL')} AS department,"
        f" {_last('s.state', 'true')} AS status,"
        f" {_last('s.stage', 's.stage IS NOT NULL')} AS stage,"
        f" coalesce({_last('s.simulated', 's.status IS NOT NULL')}, false) AS simulated,"
        f" {_last('s.deadline_workdays', 's.deadline_workdays IS NOT NULL')} AS deadline_workdays,"
        f" {_last('CASE WHEN s.day_from = s.day_to THEN s.day_to END', 's.status IS NULL')}"
        " AS issued_on,"
        " CASE WHEN bool_or(s.state IN (3, 8)) AND bool_and(s.day_from = s.day_to)"
        " AND NOT bool_or(s.running AND s.used IS NULL) THEN coalesce(sum(s.used), 0) END::integer"
        " AS workdays_used,"
        " CASE WHEN NOT bool_or(s.state IN (3, 8)) THEN 'not-accepted'"
        " WHEN NOT bool_and(s.day_from = s.day_to) THEN 'coarse-date'"
        " WHEN bool_or(s.running AND s.used IS NULL) THEN 'calendar-unknown' END AS uncounted,"
        f" {_last('s.certificate_no', 's.certificate_no IS NOT NULL')} AS certificate_no,"
        f" {_last('s.valid_until', 's.valid_until IS NOT NULL')} AS valid_until,"
        f" {_last('s.order_key', 's.status IS NULL')} AS issued_as"
        " FROM counted s GROUP BY s.case_no"
    )


def _invalidation(column: str) -> str:
    """Give a value of what made the certificate void after it was last issued."""
    return (
        f"(SELECT i.{column} FROM read.invalidations i WHERE i.project = $self.project"
        f" AND i.certificate_no = $self.certificate_no AND {seen('i')}"
        " AND i.order_key > $self.issued_as ORDER BY i.order_key LIMIT 1)"
    )


_VOID = _invalidation("act")
_STATUS = f"(CASE {_VOID} WHEN 'withdrawn' THEN 14 WHEN 'revoked' THEN 15 ELSE $self.status END)"
"""A certificate that was withdrawn or revoked is so, whatever its case reported last."""

_UNCOUNTED = {
    "not-accepted": ("尚未受理", "the case has not been accepted yet"),
    "coarse-date": ("日期不够精确", "a date is not exact to the day"),
    "calendar-unknown": (
        "国务院尚未公布该年度放假安排",
        "the official calendar of the year is not published yet",
    ),
}
_REASONS = ", ".join(f"('{code}', '{zh}', '{en}')" for code, (zh, en) in _UNCOUNTED.items())


PERMIT_STATE = Relation(
    "PermitState",
    row={
        "project": "text",
        "case_no": "text",
        "kind": "text",
        "department": "text",
        "status": "integer",
        "stage": "text",
        "simulated": "boolean",
        "deadline_workdays": "integer",
        "issued_on": "date",
        "workdays_used": "integer",
        "uncounted": "text",
        "certificate_no": "text",
        "valid_until": "text",
        "issued_as": "text",
    },
    fields={
        "kind": Value("$self.kind", "text"),
        "case_no": Value("$self.case_no", "id"),
        "department": Value("$self.department", "text"),
        "status": Value(_STATUS, "int"),
        "status_name": Value(
            "(SELECT CASE $language WHEN 'zh' THEN n.zh ELSE n.en END"
            f" FROM (VALUES {_NAMES}) AS n (code, zh, en) WHERE n.code = {_STATUS})",
            "text",
        ),
        "issued_on": Value("$self.issued_on", "date"),
        "stage": Value("$self.stage", "code"),
        "simulated": Value("$self.simulated", "boolean"),
        "workdays_used": Value("$self.workdays_used", "int"),
        "workdays_unknown": Value(
            "(SELECT CASE $language WHEN 'zh' THEN w.zh ELSE w.en END"
            f" FROM (VALUES {_REASONS}) AS w (code, zh, en) WHERE w.code = $self.uncounted)",
            "text",
        ),
        "certificate_no": Value("$self.certificate_no", "id"),
        "valid_until": Value("$self.valid_until", "flexdate"),
        "void_by": Value(_VOID, "code"),
        "void_since": Value(_invalidation("occurred_on"), "flexdate"),
        "deadline_workdays": Value("$self.deadline_workdays", "int"),
    },
)

RELATIONS = (PERMIT_STATE,)
