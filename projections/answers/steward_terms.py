"""Who answers for a project or an enterprise on a day, and how much everyone has to look after.

An assignment ends on the day it states, or when the next one of the same role begins; a coarse end
has come once its last day is over.
"""

from projections.judging.service_places import in_places
from projections.terms.persons import name_of, pseudonym_of
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import seen


def terms(wanted: str = "true") -> str:
    """Select the assignments seen, each with its successor, its end and whether it is in force.

    The condition may only choose streams (alias `a`), since a term needs its successor.
    """
    return f"""SELECT t.*, t.follower IS NULL AND coalesce(t.until_to >= $on, true) AS in_force,
            CASE WHEN coalesce(t.until_to < t.followed_on, t.follower IS NULL) THEN t.until
                ELSE t.follower END AS ended_on
        FROM (SELECT a.stream, a.order_key, a.occurred_on, a.lead, a.lead_id, a.lead_dept, a.team,
                a.role, a.level, a.district, a.until, a.until_to,
                lead(a.occurred_on) OVER w AS follower, lead(a.day_from) OVER w AS followed_on
            FROM read.stewards a WHERE {seen("a")} AND {wanted}
            WINDOW w AS (PARTITION BY a.stream, a.role ORDER BY a.order_key)) t"""


def in_force(role: str) -> str:
    """Select the terms in force whose role meets a condition."""
    return f"SELECT t.* FROM ({terms()}) t WHERE t.in_force AND t.role {role}"


def _of_project(arguments: Arguments) -> str:
    """Select the terms of the parent project."""
    source = f"SELECT t.* FROM ({terms(_OWN)}) t"
    if arguments.given("in_force") and arguments.choice("in_force"):
        return f"{source} WHERE t.in_force"
    return source


_OWN = "a.stream = 'project/' || $parent.id"


def _lead(_: Arguments) -> str:
    """Give the steward of a term."""
    return f"""SELECT coalesce($parent.lead_id, $parent.lead) AS id,
        {name_of("$parent.lead")} AS name, $parent.lead_dept AS org, $parent.role AS role"""


def _team(_: Arguments) -> str:
    """Give the members of a team in their order."""
    return f"""SELECT coalesce(m.member ->> 'officer_id', m.member ->> 'officer') AS id,
            {name_of("(m.member ->> 'officer')")} AS name, m.member ->> 'dept' AS org,
            NULL::text AS role, m.place
        FROM jsonb_array_elements($parent.team) WITH ORDINALITY AS m (member, place)"""


STEWARD_TERM = Relation(
    "StewardTerm",
    row={
        "stream": "text",
        "order_key": "text",
        "occurred_on": "text",
        "lead": "text",
        "lead_id": "text",
        "lead_dept": "text",
        "team": "jsonb",
        "role": "text",
        "level": "text",
        "ended_on": "text",
        "in_force": "boolean",
    },
    fields={
        "lead": One("Actor", _lead),
        "team": Many("Actor", _team, "$self.place"),
        "role": Value("$self.role", "text"),
        "level": Value("$self.level", "text"),
        "from": Value("$self.occurred_on", "flexdate"),
        "to": Value("$self.ended_on", "flexdate"),
        "in_force": Value("$self.in_force", "boolean"),
    },
)


def _load(arguments: Arguments) -> str:
    """Count what each officer has to look after; one without an id is known by a pseudonym."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "200"
    here = in_places("t.stream", "t.district", arguments)
    return f"""WITH held AS MATERIALIZED (SELECT t.* FROM ({in_force("IS NOT NULL")}) t
            WHERE {here}),
        people AS (
            SELECT h.stream, true AS leads, h.lead AS officer, h.lead_id AS id, h.lead_dept AS dept
            FROM held h UNION ALL
            SELECT h.stream, false, m.member ->> 'officer', m.member ->> 'officer_id',
                m.member ->> 'dept'
            FROM held h CROSS JOIN LATERAL jsonb_array_elements(h.team) AS m (member)),
        named AS MATERIALIZED (SELECT p.*, {name_of("p.officer")} AS name FROM people p)
        SELECT coalesce(n.id, {pseudonym_of("n.name")}, n.officer) AS officer, max(n.name) AS name,
            max(n.dept) AS dept,
            count(DISTINCT n.stream) FILTER (WHERE n.leads AND {_IS_PROJECT}) AS projects,
            count(DISTINCT n.stream) FILTER (WHERE n.leads AND NOT {_IS_PROJECT}) AS enterprises,
            count(DISTINCT n.stream) FILTER (WHERE NOT n.leads) AS supported
        FROM named n GROUP BY 1 ORDER BY {_MOST_FIRST} LIMIT {first}"""


_IS_PROJECT = "starts_with(n.stream, 'project/')"
_MOST_FIRST = "projects DESC, enterprises DESC, supported DESC, officer"

STEWARD_LOAD = Relation(
    "StewardLoad",
    row={
        "officer": "text",
        "name": "text",
        "dept": "text",
        "projects": "bigint",
        "enterprises": "bigint",
        "supported": "bigint",
    },
    fields={
        "steward": One(
            "Actor",
            lambda _: (
                "SELECT $parent.officer AS id, $parent.name AS name, $parent.dept AS org,"
                " NULL::text AS role"
            ),
        ),
        "projects": Value("$self.projects", "int"),
        "enterprises": Value("$self.enterprises", "int"),
        "supported": Value("$self.supported", "int"),
    },
)

RELATIONS = (STEWARD_TERM, STEWARD_LOAD)
PROJECT_FIELDS: dict[str, Field] = {"stewards": Many("StewardTerm", _of_project, "$self.order_key")}
ROOTS: dict[str, One | Many | Page] = {
    "steward_load": Many(
        "StewardLoad",
        _load,
        "$self.projects DESC, $self.enterprises DESC, $self.supported DESC, $self.officer",
    )
}
