"""Agreed beside delivered for one indicator over many projects: the scatter of post-evaluation."""

from projections.answers.project_filter import filtered
from projections.judging.scoring import ratios
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen


def _pairs(arguments: Arguments) -> str:
    """Take the last evaluation of each project that has both numbers."""
    indicator = arguments.bind("indicator", "text")
    last = f"""SELECT DISTINCT ON (v.project) v.project, v.evaluation_id, v.checkpoint,
            v.day_to AS completed, v.policy, v.agreed, v.actual, v.scores, v.grade
        FROM read.evaluations v WHERE {seen("v")}
            AND v.project IN (SELECT f.project FROM ({filtered(arguments)}) f)
        ORDER BY v.project, v.order_key DESC"""
    return f"""WITH last AS MATERIALIZED ({last})
        SELECT e.project, i.code, i.unit, i.agreed, i.actual, e.grade, e.completed
        FROM last e CROSS JOIN LATERAL ({ratios("e")}) i
        WHERE i.code = {indicator} AND i.agreed IS NOT NULL AND i.actual IS NOT NULL"""


PAIR_POINT = Relation(
    "PairPoint",
    row={
        "project": "text",
        "code": "text",
        "unit": "text",
        "agreed": "numeric",
        "actual": "numeric",
        "grade": "text",
        "completed": "date",
    },
    fields={
        "project": One(
            "Project",
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
        "indicator": Value("$self.code", "text"),
        "unit": Value("$self.unit", "text"),
        "agreed": Value("trim_scale($self.agreed)", "decimal"),
        "actual": Value("trim_scale($self.actual)", "decimal"),
        "grade": Value("$self.grade", "text"),
        "completed_on": Value("$self.completed", "date"),
    },
)

RELATIONS = (PAIR_POINT,)
ROOTS: dict[str, One | Many | Page] = {
    "post_evaluation_pairs": Many("PairPoint", _pairs, '$self.project COLLATE "C"')
}
