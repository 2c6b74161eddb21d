"""The admissions of a year in one card: how many, how much, on how much land, and what came of it.

An assessment belongs to the year of its decision, one without a decision to that of its submission.
All figures but `submitted` are over the projects that passed.
"""

from projections.judging.effective_starts import first_starts
from projections.judging.entries import listed_above_district
from projections.judging.project_scope import lies_in_regions
from projections.terms.quantities import area, cut, half_up, money, ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.terms.summary_policy import listing_rules, summary_policy
from projections.views.admissions import INDICATORS

WAN_YUAN = 10_000
"""Values per mu are in 万元."""


def _cohort(arguments: Arguments) -> str:
    """Select (project, outcome, assessment_id, order_key): the last decision, or none yet."""
    year = arguments.bind("year", "integer")
    within = f"a.day_to BETWEEN make_date({year}, 1, 1) AND make_date({year}, 12, 31)"
    return f"""SELECT DISTINCT ON (a.project) a.project, a.outcome, a.assessment_id, a.order_key
        FROM read.admissions a
        WHERE {within} AND {seen("a")} AND (a.act = 'decided' OR NOT EXISTS (
            SELECT 1 FROM read.admissions d WHERE d.project = a.project AND d.act = 'decided'
                AND d.order_key > a.order_key AND {seen("d")}))
        ORDER BY a.project, a.act = 'decided' DESC, a.order_key DESC"""


_SUBMITTED = f"""SELECT s.* FROM read.admissions s
    WHERE s.project = c.project AND s.act = 'submitted' AND {seen("s")}
    ORDER BY (s.assessment_id = c.assessment_id) IS TRUE DESC, s.order_key <= c.order_key DESC,
        s.order_key DESC LIMIT 1"""
"""The dossier that a decision is about: the one it names, else the last before it."""


def _agreed(code: str) -> str:
    """Select the target last agreed for an indicator."""
    target = f"g.indicators -> '{code}' -> 'target'"
    return f"""SELECT ({target} #>> '{{}}')::numeric FROM read.agreements g
        WHERE g.project = c.project AND jsonb_typeof({target}) = 'string' AND {seen("g")}
        ORDER BY g.order_key DESC LIMIT 1"""


_STARTS = first_starts(
    "(SELECT t.evidence FROM starting t)", "m.project IN (SELECT c.project FROM cohort c)"
)
"""Starts count as for the start rate: whether one does that an inspection denies, a policy says."""


def _passed() -> str:
    """Select one row a project that passed, with what it promised and what came of it."""
    promised = ", ".join(f"coalesce(s.{code}, ({_agreed(code)})) AS {code}" for code in INDICATORS)
    return f"""SELECT c.project, coalesce(s.demand_land_mu, 0) AS land, {promised},
            w.supplied, l.project IS NOT NULL AS listed, b.project IS NOT NULL AS started
        FROM cohort c LEFT JOIN ({_STARTS}) b ON b.project = c.project
        LEFT JOIN LATERAL ({_SUBMITTED}) s ON true
        LEFT JOIN LATERAL (SELECT sum(w.area_mu) AS supplied FROM read.land w
            WHERE w.project = c.project AND w.act = 'awarded' AND {seen("w")}) w ON true
        LEFT JOIN ({listed_above_district()}) l ON l.project = c.project
        WHERE c.outcome IN ('pass', 'conditional')"""


_INVESTED = f"""CASE WHEN coalesce(rules.rules ->> 'basis', 'fixed_asset') = 'total'
    THEN p.total_investment ELSE coalesce(p.fixed_asset_investment,
        p.investment_intensity * {WAN_YUAN} * p.land) END"""
"""What intensity is measured by; where only the intensity was promised it gives the amount."""

_FIGURES = f"""SELECT count(*) AS passed, count(*) FILTER (WHERE p.listed) AS listed,
        coalesce(sum(p.total_investment), 0) AS total, count(p.total_investment) AS totalled,
        coalesce(sum(p.land), 0) AS demanded, coalesce(sum(p.supplied), 0) AS supplied,
        count(p.supplied) AS landed, count(*) FILTER (WHERE p.started) AS started,
        sum(p.invested) AS invested, sum(p.land) FILTER (WHERE p.invested IS NOT NULL) AS on_land,
        sum({cut("p.invested", "nullif(p.land, 0)")}) AS intensities,
        count(p.invested) FILTER (WHERE p.land > 0) AS intense,
        sum(p.tax_per_mu * p.land) AS tax,
        sum(p.land) FILTER (WHERE p.tax_per_mu IS NOT NULL) AS taxed,
        sum(p.output_per_mu * p.land) AS output,
        sum(p.land) FILTER (WHERE p.output_per_mu IS NOT NULL) AS producing
    FROM (SELECT p.*, {_INVESTED} AS invested FROM passed p CROSS JOIN rules) p"""


def _admissions(arguments: Arguments) -> str:
    """Sum everything in one row."""
    # One look-up a project stays cheap however the planner misjudges the number of projects.
    where = lies_in_regions("a.project", arguments, "region")
    return f"""WITH rules AS MATERIALIZED ({summary_policy("intensity", arguments, "region")}),
        starting AS MATERIALIZED ({listing_rules(arguments, "region")}),
        cohort AS MATERIALIZED (SELECT a.* FROM ({_cohort(arguments)}) a WHERE {where}),
        passed AS ({_passed()})
        SELECT (SELECT count(*) FROM cohort) AS submitted, f.*,
            coalesce((SELECT rules.rules ->> 'mean' FROM rules), 'weighted') AS mean
        FROM ({_FIGURES}) f"""


def _per_mu(wan_yuan: str, mu: str) -> Value:
    """Show 万元 over mu with one decimal place at most, as such figures are published."""
    return Value(f"trim_scale({half_up(wan_yuan, mu, '1')})", "decimal")


ADMISSION_SUMMARY = Relation(
    "AdmissionSummary",
    row={
        "submitted": "bigint",
        "passed": "bigint",
        "listed": "bigint",
        "total": "numeric",
        "totalled": "bigint",
        "demanded": "numeric",
        "supplied": "numeric",
        "landed": "bigint",
        "started": "bigint",
        "invested": "numeric",
        "on_land": "numeric",
        "intensities": "numeric",
        "intense": "bigint",
        "tax": "numeric",
        "taxed": "numeric",
        "output": "numeric",
        "producing": "numeric",
        "mean": "text",
    },
    fields={
        "submitted": Value("$self.submitted", "int"),
        "passed": Value("$self.passed", "int"),
        "listed": Value("$self.listed", "int"),
        "conversion": ratio("$parent.listed", "$parent.passed"),
        "total_investment": money("$parent.total"),
        "mean_investment": money(half_up("$parent.total", "$parent.totalled", "0")),
        "demand_land": area("$parent.demanded"),
        "supplied_land": area("$parent.supplied"),
        "land_completed": Value("$self.landed", "int"),
        "started": Value("$self.started", "int"),
        "intensity_weighted": _per_mu("$self.invested", f"($self.on_land * {WAN_YUAN})"),
        "intensity": _per_mu(
            "CASE $self.mean WHEN 'simple' THEN round($self.intensities, 25)"
            " ELSE $self.invested END",
            f"(CASE $self.mean WHEN 'simple' THEN $self.intense::numeric"
            f" ELSE $self.on_land END * {WAN_YUAN})",
        ),
        "intensity_unweighted": _per_mu(
            "round($self.intensities, 25)", f"($self.intense * {WAN_YUAN})"
        ),
        "tax_per_mu": _per_mu("$self.tax", "$self.taxed"),
        "output_per_mu": _per_mu("$self.output", "$self.producing"),
    },
)

RELATIONS = (ADMISSION_SUMMARY,)
ROOTS: dict[str, One | Many | Page] = {"admissions": One("AdmissionSummary", _admissions)}
