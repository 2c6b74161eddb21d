"""The funnel of assessments: how many of the submitted projects ever got how far.

Every step counts over the same projects, those with a submission, whether or not the steps before
it were recorded. The cohort can be bounded by the day of signing; a project without one counts by
the day on which it was admitted, else by that of its submission. Whether a
start counts that an inspection denies is said by the policy on lists, as for the start rate; so the
rates that starts are part of name it.
"""

from projections.answers.project_filter import filtered_lives
from projections.judging.entries import listed_above_district
from projections.judging.first_days import first_day
from projections.spans.lives import started_of
from projections.terms.quantities import ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.summary_policy import listing_rules

MARKS = {
    "PASSED": "admitted",
    "LAND": "land_awarded",
    "PERMITS": "construction_permit",
    "COMMISSIONED": "commissioned",
}
"""The step that each mark of a life proves; permits are complete with the last of them."""

STEPS = ("SUBMITTED", "PASSED", "LISTED", "LAND", "PERMITS", "STARTED", "COMMISSIONED")

_REACHED = ", ".join(
    f"coalesce({first_day(mark, 'm')} <= $on, false) AS {step}" for step, mark in MARKS.items()
)
_COUNTED = ", ".join(
    f"count(*) FILTER (WHERE {'true' if step == 'SUBMITTED' else f's.{step}'}) AS {step}"
    for step in STEPS
)
_LISTED_STEPS = ", ".join(f"({place}, '{step}', t.{step})" for place, step in enumerate(STEPS))


def _within(arguments: Arguments) -> str:
    """Bound the cohort by the day that its projects count by."""
    signed, admitted = (first_day(mark, "c") for mark in ("signed", "admitted"))
    day = f"CASE WHEN {signed} <= $on THEN {signed} WHEN {admitted} <= $on THEN {admitted}"
    day, bounds = f"{day} ELSE c.submitted END", ["true"]
    if arguments.given("filter.signed_from"):
        bounds.append(f"{day} >= {arguments.bind('filter.signed_from', 'date')}")
    if arguments.given("filter.signed_to"):
        bounds.append(f"{day} <= {arguments.bind('filter.signed_to', 'date')}")
    return " AND ".join(bounds)


def _funnel(arguments: Arguments) -> str:
    """Give one row a step, with the counts of the first step and of the one before."""
    evidence = "(SELECT rules.evidence FROM rules)"
    return f"""WITH cohort AS MATERIALIZED (
            SELECT c.* FROM ({filtered_lives(arguments, signed=False)}) c
            WHERE c.submitted <= $on AND {_within(arguments)}),
        rules AS MATERIALIZED ({listing_rules(arguments, "filter.region")}),
        stages AS (SELECT {_REACHED}, l.project IS NOT NULL AS listed,
                b.project IS NOT NULL AS started
            FROM cohort m
            LEFT JOIN ({started_of("cohort", evidence)}) b ON b.project = m.project
            LEFT JOIN ({listed_above_district()}) l ON l.project = m.project),
        totals AS (SELECT {_COUNTED} FROM stages s)
        SELECT v.place, v.phase, v.entered, lag(v.entered) OVER (ORDER BY v.place) AS previous,
            t.submitted AS first, CASE WHEN v.phase = 'STARTED' THEN r.policy END AS policy,
            CASE WHEN v.phase IN ('STARTED', 'COMMISSIONED') THEN r.policy END AS policy_before
        FROM totals t CROSS JOIN rules r
        CROSS JOIN LATERAL (VALUES {_LISTED_STEPS}) v (place, phase, entered)"""


FUNNEL_STEP = Relation(
    "FunnelStep",
    row={
        "place": "integer",
        "phase": "text",
        "entered": "bigint",
        "previous": "bigint",
        "first": "bigint",
        "policy": "text",
        "policy_before": "text",
    },
    fields={
        "phase": Value("$self.phase", "enum"),
        "entered": Value("$self.entered", "int"),
        "rate_from_previous": ratio("$parent.entered", "$parent.previous", "$parent.policy_before"),
        "rate_from_first": ratio("$parent.entered", "$parent.first", "$parent.policy"),
    },
)

RELATIONS = (FUNNEL_STEP,)
ROOTS: dict[str, One | Many | Page] = {"funnel": Many("FunnelStep", _funnel, "$self.place")}
