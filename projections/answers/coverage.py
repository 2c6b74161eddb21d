"""Who was due and who was done: assessments (应评尽评) and statistical enrolment (应统尽统)."""

from projections.judging.first_days import first_day
from projections.spans.lives import lives, started_of
from projections.terms.industries import lies_in
from projections.terms.quantities import ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.terms.summary_policy import listing_rules, rules_of_districts

_HALTED = f"""EXISTS (SELECT 1 FROM read.lifecycle h WHERE h.project = p.project
    AND h.mark IN ('terminated', 'withdrawn') AND {seen("h")})"""

_EXEMPT = f"""((r.rules ->> 'exempt_halted')::boolean AND {_HALTED} OR EXISTS (
    SELECT 1 FROM jsonb_array_elements_text(r.rules -> 'exempt_industries') AS x (industry)
    WHERE {lies_in("p.industry", "x.industry")}))"""

_EVALUATED = f"""EXISTS (SELECT 1 FROM read.evaluations e
    WHERE e.project = b.project AND {seen("e")})"""

_ASSESSED = f"""EXISTS (SELECT 1 FROM read.admissions e WHERE e.project = b.project
    AND e.act = 'decided' AND e.outcome <> 'defer' AND {seen("e")})"""

_FIRST_MARKS = f"""SELECT m.project, m.mark, min(m.day_to) AS day FROM read.lifecycle m
    WHERE m.mark = ANY ({{marks}}) AND {seen("m")} GROUP BY m.project, m.mark"""


def _covered(arguments: Arguments, kind: str, due: str, done: str) -> str:
    """Count due and done, and keep the missing ones, those longest due first.

    `due` selects (project, due_on, policy) from `placed` and `ruled`.
    """
    return f"""WITH placed AS MATERIALIZED ({lives(arguments, "region")}),
        ruled AS MATERIALIZED ({rules_of_districts(kind, "placed", arguments)}),
        due AS MATERIALIZED (SELECT b.*, {done} AS done FROM ({due}) b)
        SELECT count(*) AS due, count(*) FILTER (WHERE d.done) AS done,
            ARRAY(SELECT m.project FROM due m WHERE NOT m.done
                ORDER BY m.due_on, m.project) AS missing,
            CASE WHEN min(d.policy) = max(d.policy) THEN max(d.policy) END AS policy
        FROM due d"""


def _post_evaluations(arguments: Arguments) -> str:
    """A project is due once its first checkpoint is; one completed evaluation covers it."""
    afters = """ARRAY(SELECT DISTINCT k.step ->> 'after' FROM ruled r
        CROSS JOIN LATERAL jsonb_array_elements(r.rules -> 'checkpoints') AS k (step))"""
    due_on = "(m.day + make_interval(months => (k.step ->> 'months')::integer))::date"
    due = f"""SELECT p.project, r.policy, min({due_on}) AS due_on
        FROM placed p JOIN ruled r USING (district)
        CROSS JOIN LATERAL jsonb_array_elements(r.rules -> 'checkpoints') AS k (step)
        JOIN ({_FIRST_MARKS.format(marks=afters)}) m
            ON m.project = p.project AND m.mark = k.step ->> 'after'
        WHERE {due_on} <= $on AND NOT {_EXEMPT} GROUP BY p.project, r.policy"""
    return _covered(arguments, "post-evaluation", due, _EVALUATED)


def _pre_assessments(arguments: Arguments) -> str:
    """A project is due once it is awarded land; a decision on its admission covers it."""
    due = f"""SELECT p.project, r.policy, m.day AS due_on
        FROM placed p JOIN ruled r USING (district)
        JOIN ({_FIRST_MARKS.format(marks="ARRAY['land_awarded']")}) m ON m.project = p.project
        WHERE NOT {_EXEMPT}"""
    return _covered(arguments, "post-evaluation", due, _ASSESSED)


def _evaluation_coverage(arguments: Arguments) -> str:
    """Choose by the kind of evaluation that was asked about."""
    if str(arguments.choice("kind")).lower() == "pre_assessment":
        return _pre_assessments(arguments)
    return _post_evaluations(arguments)


def _enrolment_gap(arguments: Arguments) -> str:
    """A started project is due so many days later, unless it is known to be too small.

    A start counts as for the start rate.
    """
    evidence = f"(SELECT t.evidence FROM ({listing_rules(arguments, 'region')}) t)"
    due = f"""SELECT s.* FROM (
            SELECT p.project, r.policy, m.day + (r.rules ->> 'within_days')::integer AS due_on,
                p.total < (r.rules ->> 'total_wan_yuan_min')::numeric * 10000 AS small,
                coalesce({first_day("statistics_enrolled", "p")} <= $on, false) AS enrolled
            FROM placed p JOIN ruled r USING (district)
            JOIN ({started_of("placed", evidence)}) m ON m.project = p.project) s
        WHERE s.due_on <= $on AND s.small IS NOT TRUE"""
    return _covered(arguments, "enrolment", due, "b.enrolled")


def _missing(arguments: Arguments) -> str:
    """Give the missing projects in their order."""
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    return f"""SELECT u.project AS id, '' AS sort_up, '' AS sort_down, u.place
        FROM unnest($parent.missing) WITH ORDINALITY AS u (project, place)
        WHERE u.place <= {first}"""


COVERAGE = Relation(
    "Coverage",
    row={"due": "bigint", "done": "bigint", "missing": "text[]", "policy": "text"},
    fields={
        "due": Value("$self.due", "int"),
        "done": Value("$self.done", "int"),
        "rate": ratio("$parent.done", "$parent.due", "$parent.policy"),
        "missing": Many("Project", _missing, "$self.place"),
    },
)

RELATIONS = (COVERAGE,)
ROOTS: dict[str, One | Many | Page] = {
    "evaluation_coverage": One("Coverage", _evaluation_coverage),
    "enrolment_gap": One("Coverage", _enrolment_gap),
}
