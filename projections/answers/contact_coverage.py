"""Whether every project and enterprise has somebody to turn to (挂钩联系), and who runs papers."""

from projections.answers.steward_terms import in_force
from projections.judging.project_scope import registered_in_regions
from projections.judging.service_places import between, in_places
from projections.spans.lives import lives
from projections.terms.quantities import ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.views.identities import called

_AGENT = "= 'agent'"
_CONTACT = "<> 'agent'"
"""Agents (代办) run formalities; they are not whom an enterprise turns to."""

_HALTED = f"""EXISTS (SELECT 1 FROM read.lifecycle h WHERE h.project = r.project
    AND h.mark IN ('terminated', 'withdrawn') AND {seen("h")})"""


def _live(source: str) -> str:
    """Select the projects of a source that were not given up."""
    return f"SELECT r.* FROM ({source}) r WHERE NOT {_HALTED}"


def _coverage(arguments: Arguments) -> str:
    """Count projects and enterprises, and keep those without a contact.

    The enterprises are those behind the projects, and those that ever had a contact.
    """
    name = called("l.enterprise", "enterprise")
    assigned = f"""SELECT {called("substr(a.stream, 12)", "enterprise")} AS enterprise
        FROM read.stewards a
        WHERE starts_with(a.stream, 'enterprise/') AND {seen("a")}
            AND {in_places("a.stream", "a.district", arguments)}"""
    return f"""WITH live AS MATERIALIZED ({_live(registered_in_regions(arguments, "region"))}),
        held AS MATERIALIZED (SELECT DISTINCT t.stream FROM ({in_force(_CONTACT)}) t),
        contacts AS (SELECT DISTINCT {called("substr(h.stream, 12)", "enterprise")} AS enterprise
            FROM held h WHERE starts_with(h.stream, 'enterprise/')),
        projects AS (SELECT l.project AS id, h.stream IS NOT NULL AS covered
            FROM live l LEFT JOIN held h ON h.stream = 'project/' || l.project),
        enterprises AS (SELECT e.enterprise AS id, h.enterprise IS NOT NULL AS covered
            FROM (SELECT {name} AS enterprise FROM live l WHERE l.enterprise IS NOT NULL
                UNION {assigned}) e
            LEFT JOIN contacts h ON h.enterprise = e.enterprise)
        SELECT p.due AS projects, p.done AS projects_covered, p.missing AS projects_missing,
            e.due AS enterprises, e.done AS enterprises_covered, e.missing AS enterprises_missing
        FROM ({_COUNTED.format("projects")}) p CROSS JOIN ({_COUNTED.format("enterprises")}) e"""


_COUNTED = """SELECT count(*) AS due, count(*) FILTER (WHERE c.covered) AS done,
    coalesce(array_agg(c.id ORDER BY c.id) FILTER (WHERE NOT c.covered), '{{}}')::text[] AS missing
    FROM {} c"""


def _part(name: str) -> str:
    """Give one half of the answer as the row of a coverage."""
    return (
        f"SELECT $parent.{name} AS due, $parent.{name}_covered AS done,"
        f" $parent.{name}_missing AS missing, NULL::text AS policy"
    )


CONTACT_COVERAGE = Relation(
    "ContactCoverage",
    row={
        "projects": "bigint",
        "projects_covered": "bigint",
        "projects_missing": "text[]",
        "enterprises": "bigint",
        "enterprises_covered": "bigint",
        "enterprises_missing": "text[]",
    },
    fields={
        "projects": One("Coverage", lambda _: _part("projects")),
        "enterprises": ratio("$parent.enterprises_covered", "$parent.enterprises"),
        "enterprises_without": Value("$self.enterprises_missing[:1000]", "texts"),
    },
)


def _agency(arguments: Arguments) -> str:
    """Count the cases first reported in a span of days by who applied, and projects with agents."""
    cases = f"""SELECT q.project, q.case_no,
            (max(ARRAY[q.order_key, q.applicant]) FILTER (WHERE q.applicant IS NOT NULL))[2]
                AS applicant
        FROM read.permits q JOIN live l ON l.project = q.project
        WHERE q.status IS NOT NULL AND {seen("q")} GROUP BY q.project, q.case_no
        HAVING {between("min(q.day_to)", arguments)}"""
    return f"""WITH live AS MATERIALIZED ({_live(lives(arguments, "region"))}), cases AS ({cases})
        SELECT c.*, p.* FROM (
            SELECT count(*) FILTER (WHERE c.applicant = 'agent') AS by_agent,
                count(c.applicant) AS stated, count(*) - count(c.applicant) AS unstated
            FROM cases c) c
        CROSS JOIN (SELECT count(*) AS projects, count(h.stream) AS with_agent
            FROM live l LEFT JOIN (SELECT DISTINCT t.stream FROM ({in_force(_AGENT)}) t) h
                ON h.stream = 'project/' || l.project) p"""


AGENCY_RATE = Relation(
    "AgencyRate",
    row=dict.fromkeys(("by_agent", "stated", "unstated", "projects", "with_agent"), "bigint"),
    fields={
        "cases": ratio("$parent.by_agent", "$parent.stated"),
        "unstated_cases": Value("$self.unstated", "int"),
        "projects": ratio("$parent.with_agent", "$parent.projects"),
    },
)

RELATIONS = (CONTACT_COVERAGE, AGENCY_RATE)
ROOTS: dict[str, One | Many | Page] = {
    "contact_coverage": One("ContactCoverage", _coverage),
    "agency_rate": One("AgencyRate", _agency),
}
