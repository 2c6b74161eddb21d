"""What was seen on the site of a project, and what had to be put right after an evaluation."""

from projections.terms.quantities import money
from projections.terms.relation import Arguments, Field, Many, Relation, Value, named
from projections.terms.seen import latest_day, seen


def _progress(_: Arguments) -> str:
    """Select the reports of physical progress of the parent project."""
    return f"""SELECT p.phase_id, p.percent, p.element, p.occurred_on, p.order_key
        FROM read.progress_reports p WHERE p.project = $parent.id AND {seen("p")}"""


def _remedies(_: Arguments) -> str:
    """Select the remedies of the parent project, one row an evaluation.

    The last step that says so gives the day it is due; a closing ends it until more is required.
    """
    return f"""SELECT x.*, x.act <> 'closed' AND {latest_day("x.due")} < $on AS overdue
        FROM (SELECT r.evaluation_id,
                (array_agg(r.act ORDER BY r.order_key DESC)
                    FILTER (WHERE r.act <> 'penalty'))[1] AS act,
                (array_agg(r.items ORDER BY r.order_key DESC))[1] AS items,
                (array_agg(r.due ORDER BY r.order_key DESC)
                    FILTER (WHERE r.due IS NOT NULL))[1] AS due,
                count(*) FILTER (WHERE r.act = 'extended')::integer AS extensions,
                sum(r.amount) FILTER (WHERE r.act = 'penalty')::bigint AS penalty,
                min(r.order_key) AS first
            FROM (SELECT r.evaluation_id, r.act, to_jsonb(r.items) AS items, r.due, r.amount,
                    r.order_key
                FROM read.remedies r WHERE r.project = $parent.id AND {seen("r")}) r
            GROUP BY r.evaluation_id) x"""


SITE_PROGRESS = Relation(
    "SiteProgress",
    row={
        "phase_id": "text",
        "percent": "numeric",
        "element": "text",
        "occurred_on": "text",
        "order_key": "text",
    },
    fields={
        "phase_id": Value("$self.phase_id", "id"),
        "seen_on": Value("$self.occurred_on", "flexdate"),
        "percent": Value("trim_scale($self.percent)", "decimal"),
        "element": Value("$self.element", "text"),
        "part": Value(named("$self.element"), "enum"),
    },
)

REMEDY = Relation(
    "Remedy",
    row={
        "evaluation_id": "text",
        "act": "text",
        "items": "jsonb",
        "due": "text",
        "extensions": "integer",
        "penalty": "bigint",
        "overdue": "boolean",
        "first": "text",
    },
    fields={
        "evaluation_id": Value("$self.evaluation_id", "id"),
        "open": Value("coalesce($self.act, 'required') <> 'closed'", "boolean"),
        "items": Value("ARRAY(SELECT jsonb_array_elements_text($self.items))", "texts"),
        "due": Value("$self.due", "flexdate"),
        "overdue": Value("coalesce($self.overdue, false)", "boolean"),
        "extensions": Value("$self.extensions", "int"),
        "penalty": money("$parent.penalty"),
    },
)

RELATIONS = (SITE_PROGRESS, REMEDY)
PROJECT_FIELDS: dict[str, Field] = {
    "physical_progress": Many("SiteProgress", _progress, "$self.order_key"),
    "remedies": Many("Remedy", _remedies, "$self.first, $self.evaluation_id"),
}
