"""The permit cases of a project: their state and the working days used of the statutory limit.

The statutory clock runs from the acceptance of a case (status 3, or 8 where 3 was not reported) to
its end (2 withdrawn, 4 or 5 not accepted, 11 to 15 decided, or the certificate), else to the judged
day. It stands still during corrections (from 6 to 7) and special procedures (from 9 to 10). A
working day counts when it comes after the start of a running span and not after its end. Without an
acceptance, with a coarse date, or beyond the announced calendar the count is null.
"""

from domain.kinds.permits import STATUS_NAMES
from projections.calendar import workdays_between
from projections.relation import Arguments, Relation, Value
from projections.seen import seen

_NAMES = ", ".join(f"({code}, '{zh}', '{en}')" for code, (zh, en) in STATUS_NAMES.items())


def _last(expression: str, condition: str) -> str:
    """Give a value of the last step of a case that meets a condition."""
    return f"(array_agg({expression} ORDER BY s.n DESC) FILTER (WHERE {condition}))[1]"


def _steps(project: str) -> str:
    """Number the steps of each case in their order; a certificate is a step without a status."""
    return (
        "SELECT coalesce(p.case_no, p.certificate_no, p.fact::text) AS case_no, p.permit_kind,"
        " p.department, p.status, p.stage, p.simulated, p.deadline_workdays, p.day_from, p.day_to,"
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
        " SELECT s.case_no, min(s.order_key) AS first,"
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
        " AS workdays_used FROM counted s GROUP BY s.case_no"
    )


PERMIT_STATE = Relation(
    "PermitState",
    row={
        "case_no": "text",
        "kind": "text",
        "department": "text",
        "status": "integer",
        "stage": "text",
        "simulated": "boolean",
        "deadline_workdays": "integer",
        "issued_on": "date",
        "workdays_used": "integer",
    },
    fields={
        "kind": Value("$self.kind", "text"),
        "case_no": Value("$self.case_no", "id"),
        "department": Value("$self.department", "text"),
        "status": Value("$self.status", "int"),
        "status_name": Value(
            "(SELECT CASE $language WHEN 'zh' THEN n.zh ELSE n.en END"
            f" FROM (VALUES {_NAMES}) AS n (code, zh, en) WHERE n.code = $self.status)",
            "text",
        ),
        "issued_on": Value("$self.issued_on", "date"),
        "stage": Value("$self.stage", "text"),
        "simulated": Value("$self.simulated", "boolean"),
        "workdays_used": Value("$self.workdays_used", "int"),
        "deadline_workdays": Value("$self.deadline_workdays", "int"),
    },
)

RELATIONS = (PERMIT_STATE,)
