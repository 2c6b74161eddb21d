"""How a project was scored before landing, criterion by criterion."""

from projections.terms.relation import Arguments, Field, Many, One, Relation, Value
from projections.terms.seen import believed, seen


def _scores(_: Arguments) -> str:
    """Select the scorings of the parent project."""
    return f"""SELECT a.assessment_id, a.policy, a.round, a.scores, a.total, a.panel,
            a.occurred_on, a.order_key
        FROM read.assessment_scores a WHERE a.project = $parent.id AND {seen("a")}"""


def _criteria(_: Arguments) -> str:
    """Give one row a criterion."""
    return """SELECT c.key AS criterion, (c.value ->> 'score')::numeric AS score,
            (c.value ->> 'max')::numeric AS greatest, (c.value ->> 'weight')::numeric AS weight
        FROM jsonb_each($parent.scores) AS c"""


def _policy(_: Arguments) -> str:
    """Give the policy that a scoring names, once the ledger knows it."""
    return f"""SELECT $parent.policy AS policy WHERE EXISTS (SELECT 1 FROM read.policies k
        WHERE k.policy = $parent.policy AND {believed("k")})"""


PRE_ASSESSMENT_SCORE = Relation(
    "PreAssessmentScore",
    row={
        "assessment_id": "text",
        "policy": "text",
        "round": "text",
        "scores": "jsonb",
        "total": "numeric",
        "panel": "text",
        "occurred_on": "text",
        "order_key": "text",
    },
    fields={
        "assessment_id": Value("$self.assessment_id", "id"),
        "round": Value("$self.round", "text"),
        "scored_on": Value("$self.occurred_on", "flexdate"),
        "total": Value("trim_scale($self.total)", "decimal"),
        "panel": Value("$self.panel", "text"),
        "policy_id": Value("$self.policy", "id"),
        "policy": One("PolicyRef", _policy),
        "criteria": Many("CriterionScore", _criteria, '$self.criterion COLLATE "C"'),
    },
)

CRITERION_SCORE = Relation(
    "CriterionScore",
    row={"criterion": "text", "score": "numeric", "greatest": "numeric", "weight": "numeric"},
    fields={
        "criterion": Value("$self.criterion", "text"),
        "score": Value("trim_scale($self.score)", "decimal"),
        "max": Value("trim_scale($self.greatest)", "decimal"),
        "weight": Value("trim_scale($self.weight)", "decimal"),
    },
)

RELATIONS = (PRE_ASSESSMENT_SCORE, CRITERION_SCORE)
PROJECT_FIELDS: dict[str, Field] = {
    "pre_assessment_scores": Many("PreAssessmentScore", _scores, "$self.order_key"),
}
