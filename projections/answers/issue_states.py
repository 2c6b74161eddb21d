"""Issues that hold projects up (堵点), what meetings decided about them, and what is overdue.

An issue is what its last raising says. It is resolved once a resolution is known that is not surely
earlier than that raising. A decision is overdue once its last day is over and its issue is open.
"""

from projections.answers.project_filter import conditions
from projections.terms.persons import name_of
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.views.identities import among


def issues(wanted: str) -> str:
    """Select one row an issue; the condition may only choose projects and issues (alias `i`)."""
    return f"""SELECT s.*, s.resolved_on IS NULL AS open,
            s.resolved_on IS NULL AND s.due_to < $on AS overdue
        FROM (SELECT l.*, r.occurred_on AS resolved_on, r.day_to AS resolved_to, r.result,
                r.confirmed
            FROM (SELECT DISTINCT ON (i.project, i.issue_id) i.project, i.issue_id, i.category,
                    i.severity, i.responsible, i.person, i.due, i.due_to, i.day_from, i.phase_id,
                    first_value(i.occurred_on) OVER w AS raised_on,
                    first_value(i.day_to) OVER w AS raised_to
                FROM read.issues i WHERE NOT i.resolved AND {seen("i")} AND {wanted}
                WINDOW w AS (PARTITION BY i.project, i.issue_id ORDER BY i.order_key)
                ORDER BY i.project, i.issue_id, i.order_key DESC) l
            LEFT JOIN LATERAL (SELECT r.* FROM read.issues r
                WHERE r.project = l.project AND r.issue_id = l.issue_id AND r.resolved
                    AND r.day_to >= l.day_from AND {seen("r")}
                ORDER BY r.order_key LIMIT 1) r ON true) s"""


def decisions(wanted: str) -> str:
    """Select the decisions of meetings (alias `d`), each with its issue if one is known."""
    return f"""SELECT d.stream, d.place, d.issue_id, d.decision, d.owner, d.due, d.due_to,
            o.project, o.issue_id IS NULL OR o.open AS open,
            d.due_to < $on AND (o.issue_id IS NULL OR o.open) AS overdue
        FROM read.decisions d LEFT JOIN LATERAL (
            SELECT s.project, s.issue_id, s.open FROM ({issues("i.issue_id = d.issue_id")}) s
            WHERE {among("s.project", "d.projects")}
            ORDER BY s.open DESC, s.project LIMIT 1) o ON true
        WHERE {seen("d")} AND {wanted}"""


def _narrowed(arguments: Arguments, source: str) -> str:
    """Keep the issues that are open or not, and of a category, as asked."""
    wanted = ["true"]
    if arguments.given("open"):
        wanted.append("s.open" if arguments.choice("open") else "NOT s.open")
    if arguments.given("category"):
        wanted.append(f"s.category = {arguments.bind('category', 'text')}")
    return f"SELECT s.* FROM ({source}) s WHERE {' AND '.join(wanted)}"


def _issues(arguments: Arguments) -> str:
    """Select the issues of the projects of a filter."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    found = _narrowed(arguments, issues(conditions(arguments, "i.project")))
    return f"SELECT f.* FROM ({found}) f ORDER BY {OLDEST_FIRST.format('f')} LIMIT {first}"


OLDEST_FIRST = "{0}.raised_to, {0}.project, {0}.issue_id"


def _of_project(arguments: Arguments) -> str:
    """Select the issues of the parent project."""
    return _narrowed(arguments, issues("i.project = $parent.id"))


def blockers(_: Arguments) -> str:
    """Select the open issues of the parent node: of its phase, or of the whole project."""
    return f"""SELECT s.* FROM ({issues("i.project = $parent.project")}) s
        WHERE s.open AND coalesce(s.phase_id = $parent.phase_id, true)"""


def _mix(arguments: Arguments) -> str:
    """Count the issues raised in a span of days by category."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    return f"""SELECT s.category AS key, count(*) AS raised,
            count(*) FILTER (WHERE NOT s.open) AS resolved, count(*) FILTER (WHERE s.open) AS open,
            count(*) FILTER (WHERE s.overdue) AS overdue,
            count(*) FILTER (WHERE s.confirmed) AS confirmed
        FROM ({issues(conditions(arguments, "i.project"))}) s
        WHERE s.raised_to BETWEEN {first} AND {last} GROUP BY s.category"""


ISSUE = Relation(
    "Issue",
    row={
        "project": "text",
        "issue_id": "text",
        "phase_id": "text",
        "category": "text",
        "severity": "text",
        "responsible": "text",
        "person": "text",
        "due": "text",
        "raised_on": "text",
        "raised_to": "date",
        "resolved_on": "text",
        "result": "text",
        "confirmed": "boolean",
        "open": "boolean",
        "overdue": "boolean",
    },
    fields={
        "id": Value("$self.issue_id", "id"),
        "phase_id": Value("$self.phase_id", "id"),
        "category": Value("$self.category", "text"),
        "severity": Value("$self.severity", "text"),
        "raised_on": Value("$self.raised_on", "flexdate"),
        "due": Value("$self.due", "flexdate"),
        "resolved_on": Value("$self.resolved_on", "flexdate"),
        "owner": Value("$self.responsible", "text"),
        "responsible_person": Value(name_of("$self.person"), "text"),
        "result": Value("$self.result", "text"),
        "confirmed_by_enterprise": Value("$self.confirmed", "boolean"),
        "overdue": Value("$self.overdue", "boolean"),
        "reviews": Many(
            "JointReview",
            lambda _: (
                f"""SELECT v.* FROM read.reviews v WHERE {seen("v")} AND EXISTS (
                SELECT 1 FROM read.decisions d WHERE d.fact = v.fact AND {seen("d")}
                    AND d.issue_id = $parent.issue_id
                    AND {among("$parent.project", "d.projects")})"""
            ),
            "$self.order_key",
        ),
        "project": One(
            "Project",
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
    },
)

ISSUE_COUNT = Relation(
    "IssueCount",
    row={
        "key": "text",
        **dict.fromkeys(("raised", "resolved", "open", "overdue", "confirmed"), "bigint"),
    },
    fields={
        "category": Value("$self.key", "text"),
        **{
            name: Value(f"$self.{name}", "int")
            for name in ("raised", "resolved", "open", "overdue", "confirmed")
        },
    },
)

RELATIONS = (ISSUE, ISSUE_COUNT)
PROJECT_FIELDS: dict[str, Field] = {
    "issues": Many("Issue", _of_project, OLDEST_FIRST.format("$self"))
}
ROOTS: dict[str, One | Many | Page] = {
    "issues": Many("Issue", _issues, OLDEST_FIRST.format("$self")),
    "issue_mix": Many("IssueCount", _mix, '$self.raised DESC, $self.key COLLATE "C"'),
}
