"""Whom packages of incentives are for (政企双通道): which projects, under which edition.

A project is a beneficiary by what is known of it on the judged day: its entries on the lists of
that year, its industry, its size and its owner. Nothing is said about what it was granted.
"""

from projections.answers.project_filter import filtered
from projections.judging.entries import entries
from projections.judging.project_scope import sized
from projections.terms.industries import lies_in
from projections.terms.policy_choice import in_force
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import believed, last_seen

_IN_FORCE = in_force("$on")

_LISTED = entries(
    "p.year = date_part('year', $on)::integer", "l.project IN (SELECT f.project FROM found f)"
)

_ANYTHING = "jsonb_array_length(g.item -> '{}') = 0"


def _among(key: str, value: str) -> str:
    """Give the condition that a value is among those of a key, if it names any."""
    return f"({_ANYTHING.format(key)} OR jsonb_exists(g.item -> '{key}', {value}))"


_PATTERN = (
    r"""replace(replace(replace(replace(w.id, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')"""
)
_ENTERED = f"""({" AND ".join(_ANYTHING.format(key) for key in ("levels", "classes", "lists"))}
    OR f.project IN (SELECT e.project FROM listed e) AND EXISTS (
        SELECT FROM listed e WHERE e.project = f.project
        AND {_among("levels", "e.level")} AND {_among("classes", "e.class")}
        AND ({_ANYTHING.format("lists")} OR EXISTS (
            SELECT FROM jsonb_array_elements_text(g.item -> 'lists') AS w (id)
            WHERE e.list_id LIKE {_PATTERN}))))"""
_INDUSTRIAL = f"""({_ANYTHING.format("industries")} OR EXISTS (
    SELECT FROM jsonb_array_elements_text(g.item -> 'industries') AS w (code)
    WHERE {lies_in("f.industry", "w.code")}))"""
_LARGE = """(g.item ->> 'total_yi_min' IS NULL
    OR f.total >= (g.item ->> 'total_yi_min')::numeric * 100000000)"""
_OWNED = f"""(g.item ->> 'is_foreign' IS NULL
    OR {last_seen("signings", "is_foreign", "f.project")} = (g.item ->> 'is_foreign')::boolean)"""


def _groups(chosen: str) -> str:
    """Select (district, policy, measures, place, item): the groups of the editions that judge.

    Of the editions of a package the one of the smallest place decides, of these the latest.
    """
    return f"""SELECT d.district, p.policy, p.rules -> 'measures' AS measures, g.place, g.item
        FROM (SELECT DISTINCT f.district FROM found f) d CROSS JOIN LATERAL (
            SELECT DISTINCT ON (p.rules ->> 'name') p.policy, p.rules FROM read.policies p
            WHERE p.policy_kind = 'incentive' AND p.rules IS NOT NULL AND {believed("p")}
                AND starts_with(d.district, p.jurisdiction) AND {chosen}
            ORDER BY p.rules ->> 'name', length(p.jurisdiction) DESC, p.effective_from DESC,
                p.policy DESC, p.order_key DESC) p
        CROSS JOIN LATERAL jsonb_array_elements(p.rules -> 'beneficiary') WITH ORDINALITY
            AS g (item, place)"""


def _claims(found: str, chosen: str) -> str:
    """Give the expressions of a question: `groups`, and as `claims` who belongs to which."""
    return f"""found AS MATERIALIZED ({found}), groups AS MATERIALIZED ({_groups(chosen)}),
        listed AS MATERIALIZED ({_LISTED}),
        claims AS MATERIALIZED (SELECT g.policy, g.place, f.project
            FROM ({sized("SELECT f.project FROM found f")}) f
            JOIN groups g ON g.district = f.district
            WHERE {_ENTERED} AND {_INDUSTRIAL} AND {_LARGE} AND {_OWNED})"""


def _incentives(arguments: Arguments) -> str:
    """Select the groups of the editions in force, or of one edition, with those who belong."""
    chosen = _IN_FORCE
    if arguments.given("policy"):
        chosen = f"p.policy = {arguments.bind('policy', 'text')}"
    return f"""WITH {_claims(filtered(arguments), chosen)}
        SELECT g.policy, g.place, g.item ->> 'name' AS name, g.measures,
            coalesce((SELECT array_agg(c.project ORDER BY c.project) FROM claims c
                WHERE c.policy = g.policy AND c.place = g.place), '{{}}') AS projects
        FROM (SELECT DISTINCT g.policy, g.place, g.item, g.measures FROM groups g) g"""


def _of_project(_: Arguments) -> str:
    """Select the groups of the editions in force that the parent project belongs to."""
    found = f"SELECT $parent.id AS project, {last_seen('projects', 'district', '$parent.id')}"
    return f"""WITH {_claims(f"{found} AS district", _IN_FORCE)}
        SELECT g.policy, g.place, g.item ->> 'name' AS name, g.measures,
            ARRAY[c.project] AS projects
        FROM claims c JOIN groups g ON g.policy = c.policy AND g.place = c.place"""


def _projects(arguments: Arguments) -> str:
    """Give the projects of a group in their order."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    return f"""SELECT u.project AS id, '' AS sort_up, '' AS sort_down, u.place
        FROM unnest($parent.projects) WITH ORDINALITY AS u (project, place)
        WHERE u.place <= {first}"""


INCENTIVE_GROUP = Relation(
    "IncentiveGroup",
    row={
        "policy": "text",
        "place": "bigint",
        "name": "text",
        "measures": "jsonb",
        "projects": "text[]",
    },
    fields={
        "policy": One("PolicyRef", lambda _: "SELECT $parent.policy AS policy"),
        "name": Value("$self.name", "text"),
        "measures": Value("ARRAY(SELECT jsonb_array_elements_text($self.measures))", "texts"),
        "count": Value("cardinality($self.projects)", "int"),
        "projects": Many("Project", _projects, "$self.place"),
    },
)

RELATIONS = (INCENTIVE_GROUP,)
ORDER = '$self.policy COLLATE "C", $self.place'
PROJECT_FIELDS: dict[str, Field] = {"incentives": Many("IncentiveGroup", _of_project, ORDER)}
ROOTS: dict[str, One | Many | Page] = {"incentives": Many("IncentiveGroup", _incentives, ORDER)}
