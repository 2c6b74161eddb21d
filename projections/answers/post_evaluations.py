"""Post-evaluations of a project: what was delivered of what was agreed, and under which rules."""

from domain.indicators import UNITS
from projections.judging.scoring import points, scored, total
from projections.terms.quantities import half_up
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed, seen

NAMES = {
    "total_investment": ("总投资", "total investment"),
    "fixed_asset_investment": ("固定资产投资", "fixed-asset investment"),
    "investment_intensity": ("投资强度", "investment intensity"),
    "tax_per_mu": ("亩均税收", "tax per mu"),
    "output_per_mu": ("亩均产出", "output per mu"),
    "far": ("容积率", "floor area ratio"),
    "energy_per_output": ("单位产值能耗", "energy per output"),
}
"""Indicators in both languages; one that a city added is called by its code."""

_NAME = "CASE $self.code {} ELSE $self.code END".format(
    " ".join(
        f"WHEN '{code}' THEN CASE WHEN $language = 'zh' THEN '{zh}' ELSE '{en}' END"
        for code, (zh, en) in NAMES.items()
    )
)
_USUAL_UNIT = "CASE $self.code {} ELSE '' END".format(
    " ".join(f"WHEN '{code}' THEN '{spellings[0]}'" for code, spellings in UNITS.items())
)


def _post_evaluations(_: Arguments) -> str:
    """Select the project's evaluations, each as it was last recorded."""
    return f"""SELECT DISTINCT ON (v.evaluation_id) v.project, v.evaluation_id, v.checkpoint,
            v.day_to AS completed, v.policy, v.agreed, v.actual, v.scores, v.total, v.grade
        FROM read.evaluations v WHERE v.project = $parent.id AND {seen("v")}
        ORDER BY v.evaluation_id, v.order_key DESC"""


def _recomputed(arguments: Arguments) -> str:
    """Judge the same values under another policy; no row where that policy is not known."""
    return f"""SELECT e.*, t.total, t.grade FROM (
            SELECT $parent.project AS project, $parent.evaluation_id AS evaluation_id,
                $parent.checkpoint AS checkpoint, $parent.completed AS completed,
                {arguments.bind("policy", "text")} AS policy, $parent.agreed AS agreed,
                $parent.actual AS actual, '{{}}'::jsonb AS scores) e
        CROSS JOIN LATERAL ({total("e")}) t"""


def _policy(_: Arguments) -> str:
    """Give the policy that an evaluation names, once the ledger knows it."""
    return f"""SELECT $parent.policy AS policy WHERE EXISTS (SELECT 1 FROM read.policies k
        WHERE k.policy = $parent.policy AND {believed("k")})"""


def _indicators(_: Arguments) -> str:
    """Score the indicators; points that were recorded stand, others are computed."""
    return f"""SELECT i.code, i.unit, i.direction, i.agreed, i.low, i.high, i.actual,
            i.attained, i.wanted, i.weight, i.agreed_from,
            coalesce(i.recorded, {points("i", "1")}) AS points,
            $parent.project AS project, $parent.completed AS completed
        FROM ({scored("$parent")}) i"""


def _last_of(table: str, condition: str) -> str:
    """Select the last fact of a read model by the day of the evaluation."""
    return f"""(SELECT f.position FROM read.{table} f WHERE f.project = $parent.project
        AND {believed("f")} AND f.day_to <= $parent.completed AND {condition}
        ORDER BY f.order_key DESC LIMIT 1)"""


def _actual_from(_: Arguments) -> str:
    """Find the facts behind a delivered value: results, reports of investment, land, premises."""
    awards = f"""SELECT w.position FROM read.land w WHERE w.project = $parent.project
        AND w.act = 'awarded' AND {believed("w")} AND w.day_to <= $parent.completed
        AND $parent.code = 'investment_intensity'"""
    invested = "'total_investment', 'fixed_asset_investment', 'investment_intensity'"
    return f"""{_last_of("investments", f"$parent.code IN ({invested})")}
        UNION {_last_of("premises", "$parent.code = 'far'")}
        UNION {_last_of("operating_results", f"$parent.code NOT IN ({invested}, 'far')")}
        UNION {awards}"""


_AGREEMENTS = f"""(SELECT jsonb_agg(jsonb_build_object('agreementId', g.agreement_id,
        'phaseId', g.phase_id, 'signedOn', g.occurred_on, 'startDue', g.start_due,
        'completionDue', g.completion_due, 'capacityDue', g.capacity_due,
        'version', g.version, 'indicators', g.indicators) ORDER BY g.first)
    FROM (SELECT DISTINCT ON (g.agreement_id) g.agreement_id, g.start_due, g.completion_due,
            g.capacity_due, g.version, g.indicators,
            first_value(g.order_key) OVER w AS first,
            first_value(g.phase_id) OVER w AS phase_id,
            first_value(g.occurred_on) OVER w AS occurred_on
        FROM read.agreements g WHERE g.project = $self.id AND {seen("g")}
        WINDOW w AS (PARTITION BY g.agreement_id ORDER BY g.order_key)
        ORDER BY g.agreement_id, g.order_key DESC) g)"""

POST_EVALUATION = Relation(
    "PostEvaluation",
    row={
        "project": "text",
        "evaluation_id": "text",
        "checkpoint": "text",
        "completed": "date",
        "policy": "text",
        "agreed": "jsonb",
        "actual": "jsonb",
        "scores": "jsonb",
        "total": "numeric",
        "grade": "text",
    },
    fields={
        "id": Value("$self.evaluation_id", "id"),
        "checkpoint": Value("$self.checkpoint", "text"),
        "completed_on": Value("$self.completed", "date"),
        "total": Value("trim_scale($self.total)", "decimal"),
        "grade": Value("$self.grade", "text"),
        "policy": One("PolicyRef", _policy),
        "indicators": Many("IndicatorResult", _indicators, '$self.code COLLATE "C"'),
        "recomputed_under": One("PostEvaluation", _recomputed),
    },
)

INDICATOR_RESULT = Relation(
    "IndicatorResult",
    row={
        "code": "text",
        "unit": "text",
        "direction": "text",
        "agreed": "numeric",
        "low": "numeric",
        "high": "numeric",
        "actual": "numeric",
        "attained": "numeric",
        "wanted": "numeric",
        "weight": "numeric",
        "points": "numeric",
        "agreed_from": "bigint",
        "project": "text",
        "completed": "date",
    },
    fields={
        "code": Value("$self.code", "text"),
        "name": Value(_NAME, "text"),
        "unit": Value(f"coalesce($self.unit, {_USUAL_UNIT})", "text"),
        "direction": Value("$self.direction", "code"),
        "agreed": Value("trim_scale($self.agreed)", "decimal"),
        "agreed_min": Value("trim_scale($self.low)", "decimal"),
        "agreed_max": Value("trim_scale($self.high)", "decimal"),
        "actual": Value("trim_scale($self.actual)", "decimal"),
        "attainment": Value(half_up("($self.attained * 100)", "$self.wanted", "1"), "decimal"),
        "weight": Value("trim_scale($self.weight)", "decimal"),
        "points": Value("trim_scale($self.points)", "decimal"),
        "agreed_from": One(
            "Event",
            lambda _: (
                "SELECT $parent.agreed_from AS position WHERE $parent.agreed_from IS NOT NULL"
            ),
        ),
        "actual_from": Many("Event", _actual_from, "$self.position"),
    },
)

RELATIONS = (POST_EVALUATION, INDICATOR_RESULT)
ROOTS: dict[str, One | Many | Page] = {}
PROJECT_FIELDS: dict[str, Value | One | Many | Page] = {
    "post_evaluations": Many(
        "PostEvaluation", _post_evaluations, "$self.completed, $self.evaluation_id"
    ),
    "agreements": Value(_AGREEMENTS, "json"),
}
