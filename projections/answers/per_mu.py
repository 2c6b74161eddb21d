"""Grade projects by the yields of a year in SQL, as `domain.per_mu` does (亩均论英雄)."""

from domain.per_mu_rules import YIELDS
from projections.judging.project_scope import in_regions, sized
from projections.judging.reach import whole
from projections.terms.industries import lies_in
from projections.terms.quantities import cut, half_up
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import last_seen, seen
from projections.terms.summary_policy import rules_or_defaults, summary_policy

_LAND = f"""CASE j.rules ->> 'land' WHEN 'contract' THEN w.area WHEN 'agreed' THEN coalesce(
        (SELECT a.demand_land_mu FROM read.admissions a WHERE a.project = p.project
            AND a.act = 'submitted' AND {seen("a")} ORDER BY a.order_key DESC LIMIT 1),
        {last_seen("projects", "intended_land_mu", "p.project")})
    ELSE coalesce(o.land, w.area) END"""

# Where kinds of tax are wanted, one report that does not tell them apart leaves the sum unknown.
_TAX = """CASE WHEN (SELECT j.rules -> 'tax_kinds' FROM judged j) = '[]' THEN sum(r.tax)
    WHEN bool_and(r.taxes IS NOT NULL) THEN sum((SELECT coalesce(sum(x.value::numeric), 0)
        FROM jsonb_each_text(r.taxes) x
        WHERE (SELECT j.rules -> 'tax_kinds' FROM judged j) ? x.key))
    END"""
_RESULTS = f"""SELECT r.project, {_TAX} AS tax, sum(r.output) AS output,
        sum(r.revenue) AS revenue, sum(r.research) AS research, sum(r.energy_tce) AS energy,
        sum(r.staff) AS staff, sum(r.land_occupied_mu) AS land
    FROM (SELECT DISTINCT ON (o.project, o.phase_id) o.* FROM read.operating_results o
        WHERE o.year = (SELECT j.year FROM judged j) AND {seen("o")}
        ORDER BY o.project, o.phase_id, o.order_key DESC) r GROUP BY r.project"""

_EXEMPT = f"""CASE WHEN EXISTS (SELECT 1
        FROM jsonb_array_elements_text(j.rules -> 'exempt_industries') AS x (industry)
        WHERE {lies_in("p.industry", "x.industry")}) THEN 'industry'
    WHEN coalesce(c.day + make_interval(months =>
        (j.rules ->> 'commissioned_months_min')::integer) > make_date(j.year, 12, 31), true)
    THEN 'young' END"""

_REPORTED = """SELECT o.project FROM read.operating_results o
    WHERE o.year = (SELECT j.year FROM judged j)"""
"""Selects the projects with results of the year, which are few of all: only they are looked at."""

_PLACED = f"""SELECT p.project, p.district, o.tax::numeric, o.output::numeric,
        o.revenue::numeric, o.research::numeric, o.energy, o.staff::numeric, {_LAND} AS land,
        {_EXEMPT} AS exempt
    FROM judged j JOIN ({sized(_REPORTED)}) p ON starts_with(p.district, j.jurisdiction)
    JOIN ({_RESULTS}) o ON o.project = p.project
    LEFT JOIN (SELECT l.project, sum(l.area_mu) AS area FROM read.land l
        WHERE l.act = 'awarded' AND {seen("l")} AND l.project IN ({_REPORTED})
        GROUP BY l.project) w ON w.project = p.project
    LEFT JOIN (SELECT m.project, min(m.day_to) AS day FROM read.lifecycle m
        WHERE m.mark = 'commissioned' AND {seen("m")} AND m.project IN ({_REPORTED})
        GROUP BY m.project) c
        ON c.project = p.project"""

_TOP = "CASE m.code {} END".format(
    " ".join(
        f"WHEN '{code}' THEN {100 if scale == 1 else 1} * p.{upper}"
        for code, (upper, _, scale) in YIELDS.items()
    )
)
_BOTTOM = "CASE m.code {} END".format(
    " ".join(
        f"WHEN '{code}' THEN {scale} * p.{under}" for code, (_, under, scale) in YIELDS.items()
    )
)

_VALUED = f"""SELECT v.*, coalesce(v.given, v.times * avg(v.value) OVER (PARTITION BY v.code))
        AS baseline
    FROM (SELECT p.project, m.place, m.code, m.weight, m.cap, m.given, m.times,
            CASE WHEN b.bottom > 0 THEN {cut("b.top", "b.bottom")} END AS value
        FROM placed p CROSS JOIN (SELECT x.place, x.metric ->> 'code' AS code,
                (x.metric ->> 'weight')::numeric AS weight, (x.metric ->> 'cap')::numeric AS cap,
                (x.metric ->> 'baseline')::numeric AS given,
                (x.metric ->> 'times_mean')::numeric AS times
            FROM judged j CROSS JOIN jsonb_array_elements(j.rules -> 'metrics')
                WITH ORDINALITY AS x (metric, place)) m
        CROSS JOIN LATERAL (SELECT {_TOP} AS top, {_BOTTOM} AS bottom) b
        WHERE p.exempt IS NULL) v"""

_REACHED = "round(greatest(least(v.value / v.baseline, v.cap), 0), 20)"

_POINTED = f"""SELECT v.*, CASE WHEN v.baseline > 0 AND v.value IS NOT NULL
        THEN {half_up(f"(v.weight * {_REACHED})", "1", "j.digits")} END AS given_points, j.digits,
        j.rules ->> 'missing' AS missing
    FROM valued v CROSS JOIN judged j"""

_FILLED = f"""SELECT p.*, CASE WHEN p.given_points IS NOT NULL THEN p.given_points
        WHEN p.missing = 'zero' THEN 0 WHEN p.missing = 'peer-mean' THEN coalesce(
            {half_up("(sum(p.given_points) OVER w)", "(count(p.given_points) OVER w)", "p.digits")},
            0) END AS points
    FROM pointed p WINDOW w AS (PARTITION BY p.code)"""

_SCORED = f"""SELECT f.project, coalesce({
    half_up(
        "(sum(f.points) * sum(f.weight))",
        "(sum(f.weight) FILTER (WHERE f.points IS NOT NULL))",
        "min(f.digits)",
    )
}, 0) AS score, jsonb_agg(jsonb_build_object('code', f.code, 'value', f.value,
        'baseline', f.baseline, 'weight', f.weight, 'points', f.points,
        'imputed', f.given_points IS NULL) ORDER BY f.place) AS metrics
    FROM filled f GROUP BY f.project"""

_RANKED = """SELECT s.*, rank() OVER (ORDER BY s.score DESC) AS rank, count(*) OVER () AS graded
    FROM scored s"""


def _per_mu(arguments: Arguments) -> str:
    """Grade all projects of the policy's place and show those of the regions asked about."""
    year = arguments.bind("year", "integer")
    first = arguments.bind("first", "integer") if arguments.given("first") else "1000"
    return whole(f"""WITH judged AS MATERIALIZED (SELECT c.policy, r.rules,
                (r.rules ->> 'digits')::integer AS digits, {year} AS year, coalesce((
                    SELECT p.jurisdiction FROM read.policies p WHERE p.policy = c.policy LIMIT 1),
                    '') AS jurisdiction
            FROM ({summary_policy("per-mu", arguments, "region")}) c
            CROSS JOIN LATERAL (SELECT {rules_or_defaults("per-mu", "c.rules")} AS rules) r),
        placed AS MATERIALIZED ({_PLACED}), valued AS MATERIALIZED ({_VALUED}),
        pointed AS MATERIALIZED ({_POINTED}), filled AS MATERIALIZED ({_FILLED}),
        scored AS ({_SCORED}), ranked AS ({_RANKED})
        SELECT p.project, p.exempt, k.score, k.rank, k.metrics, j.policy, CASE
                WHEN p.exempt IS NOT NULL THEN j.rules ->> 'exempt_grade'
                ELSE (SELECT g.step ->> 'grade' FROM jsonb_array_elements(j.rules -> 'grades')
                    WITH ORDINALITY AS g (step, place)
                    WHERE 100 * k.rank <= (g.step ->> 'up_to_percent')::numeric * k.graded
                    ORDER BY g.place LIMIT 1) END AS grade
        FROM judged j CROSS JOIN placed p LEFT JOIN ranked k ON k.project = p.project
        WHERE {in_regions("p.district", arguments, "region")} AND within_reach(p.district)
        ORDER BY k.rank NULLS LAST, p.project LIMIT {first}""")


def _metrics(_: Arguments) -> str:
    """Select the yields of a project in their order."""
    names = ("value", "baseline", "weight", "points")
    values = ", ".join(f"(x.metric ->> '{name}')::numeric AS {name}" for name in names)
    return f"""SELECT x.place, x.metric ->> 'code' AS code, {values},
            (x.metric ->> 'imputed')::boolean AS imputed
        FROM jsonb_array_elements($parent.metrics) WITH ORDINALITY AS x (metric, place)"""


def _rounded(column: str) -> Value:
    """Show a yield with two places at most."""
    return Value(f"trim_scale(round($self.{column}, 2))", "decimal")


PER_MU_GRADE = Relation(
    "PerMuGrade",
    row={
        "project": "text",
        "exempt": "text",
        "score": "numeric",
        "rank": "bigint",
        "metrics": "jsonb",
        "policy": "text",
        "grade": "text",
    },
    fields={
        "project": One(
            "Project",
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
        "grade": Value("$self.grade", "text"),
        "exempt": Value("$self.exempt", "code"),
        "rank": Value("$self.rank", "int"),
        "score": Value("trim_scale($self.score)", "decimal"),
        "metrics": Many("YieldScore", _metrics, "$self.place"),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
    },
)

YIELD_SCORE = Relation(
    "YieldScore",
    row={
        "place": "bigint",
        "code": "text",
        "value": "numeric",
        "baseline": "numeric",
        "weight": "numeric",
        "points": "numeric",
        "imputed": "boolean",
    },
    fields={
        "code": Value("$self.code", "text"),
        "value": _rounded("value"),
        "baseline": _rounded("baseline"),
        "weight": Value("trim_scale($self.weight)", "decimal"),
        "points": Value("trim_scale($self.points)", "decimal"),
        "imputed": Value("$self.imputed", "boolean"),
    },
)

RELATIONS = (PER_MU_GRADE, YIELD_SCORE)
ROOTS: dict[str, One | Many | Page] = {
    "per_mu_grades": Many("PerMuGrade", _per_mu, '$self.rank NULLS LAST, $self.project COLLATE "C"')
}
