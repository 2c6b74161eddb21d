"""The meetings of departments (联审会办): what they decided, and which of it is overdue.

A meeting lies where it says; else where the projects lie whose issues it decided about.
"""

from projections.answers.issue_states import decisions, issues
from projections.judging.project_scope import in_regions
from projections.judging.service_places import between
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import last_seen, seen
from projections.views.identities import among, kept_projects


def held(arguments: Arguments, wanted: str = "true") -> str:
    """Select the meetings seen in the regions asked about (alias `v`), one row a meeting."""
    if not arguments.given("region"):
        here = "true"
    else:
        about = f"""{kept_projects("SELECT unnest(v.projects)")} UNION
            SELECT i.project FROM read.decisions d JOIN read.issues i ON i.issue_id = d.issue_id
            WHERE d.fact = v.fact AND {seen("d")} AND {seen("i")}
                AND {among("i.project", "v.projects")}"""
        there = in_regions(last_seen("projects", "district", "a.project"), arguments, "region")
        here = f"""(v.district IS NOT NULL AND {in_regions("v.district", arguments, "region")}
            OR v.district IS NULL AND EXISTS (SELECT 1 FROM ({about}) a WHERE {there}))"""
    return f"""SELECT DISTINCT ON (v.stream) v.* FROM read.reviews v
        WHERE {seen("v")} AND {wanted} AND {here} ORDER BY v.stream, v.order_key DESC"""


def _reviews(arguments: Arguments) -> str:
    """Select the meetings of a span of days."""
    wanted = between("v.day_to", arguments)
    if arguments.given("level"):
        wanted += f" AND v.level = {arguments.bind('level', 'text')}"
    return held(arguments, wanted)


def _decided(arguments: Arguments) -> str:
    """Select what the parent meeting decided."""
    overdue = arguments.given("overdue") and arguments.choice("overdue")
    source = decisions("d.fact = $parent.fact")
    return f"SELECT o.* FROM ({source}) o WHERE {'o.overdue' if overdue else 'true'}"


JOINT_REVIEW = Relation(
    "JointReview",
    row={
        "fact": "uuid",
        "meeting_id": "text",
        "occurred_on": "text",
        "order_key": "text",
        "level": "text",
        "cadence": "text",
        "district": "text",
        "decisions": "integer",
    },
    fields={
        "id": Value("$self.meeting_id", "id"),
        "held_on": Value("$self.occurred_on", "flexdate"),
        "level": Value("$self.level", "text"),
        "cadence": Value("replace($self.cadence, '-', '_')", "enum"),
        "region": Value("$self.district", "id"),
        "decisions": Value("$self.decisions", "int"),
        "overdue_decisions": Value(
            f"(SELECT count(*) FROM ({decisions('d.fact = $self.fact')}) o WHERE o.overdue)",
            "int",
        ),
        "decided": Many("ReviewDecision", _decided, "$self.place"),
    },
)

REVIEW_DECISION = Relation(
    "ReviewDecision",
    row={
        "place": "integer",
        "issue_id": "text",
        "project": "text",
        "decision": "text",
        "owner": "text",
        "due": "text",
        "overdue": "boolean",
    },
    fields={
        "issue_id": Value("$self.issue_id", "id"),
        "issue": One(
            "Issue",
            lambda _: (
                f"""SELECT s.* FROM ({issues("i.issue_id = $parent.issue_id")}) s
                WHERE s.project = $parent.project"""
            ),
        ),
        "decision": Value("$self.decision", "text"),
        "owner": Value("$self.owner", "text"),
        "due": Value("$self.due", "flexdate"),
        "overdue": Value("$self.overdue", "boolean"),
    },
)

RELATIONS = (JOINT_REVIEW, REVIEW_DECISION)
ROOTS: dict[str, One | Many | Page] = {
    "reviews": Many("JointReview", _reviews, "$self.order_key"),
}
