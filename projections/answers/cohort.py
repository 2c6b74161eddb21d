"""How much of a year's new starts is built out (建成度), by projects and by money."""

from projections.judging.entries import BROADEST_FIRST, any_of, entries
from projections.judging.project_scope import lies_in_regions
from projections.terms.quantities import ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import last_seen, seen
from projections.terms.summary_policy import rules_or_defaults, summary_policy

_PREFERRED = """CASE WHEN EXISTS (SELECT 1 FROM read.investments i WHERE i.project = n.project
        AND i.basis = 'statistical' AND {seen}) THEN 'statistical' ELSE 'reported' END"""


def new_starts(arguments: Arguments, year: str) -> str:
    """Select the projects that stand as new starts on lists of a year at the levels asked about.

    Under nested levels a project of a higher list counts too, unless the lists of the levels asked
    about ever spoke of it. The expression `rules` must say whether levels are `nested`.
    """
    entered = entries(f"p.year = {year}")
    if not arguments.given("levels"):
        return f"SELECT DISTINCT e.project FROM ({entered}) e WHERE e.class = 'new'"
    levels = arguments.bind("levels", "text[]")
    asked = any_of("e.level", arguments, "levels")
    rank = BROADEST_FIRST.format("lower(w.level)")
    widest = f"(SELECT min({rank}) FROM unnest({levels}) AS w (level))"
    own = f"""EXISTS (SELECT 1 FROM read.listings l JOIN read.lists e ON e.list_id = l.list_id
        WHERE l.project = x.project AND e.year = {year} AND {asked}
            AND {seen("l")} AND {seen("e")})"""
    return f"""SELECT DISTINCT x.project FROM (SELECT e.project, {asked} AS asked,
                {BROADEST_FIRST.format("e.level")} > {widest} AS above
            FROM ({entered}) e WHERE e.class = 'new') x CROSS JOIN rules
        WHERE x.asked OR rules.nested AND x.above AND NOT {own}"""


def _reached(mark: str) -> str:
    """Give whether a project of the cohort bears a mark."""
    return (
        "EXISTS (SELECT 1 FROM read.lifecycle m WHERE m.project = n.project"
        f" AND m.mark = '{mark}' AND {seen('m')})"
    )


_CUMULATIVE = f"""coalesce((SELECT r.cumulative FROM read.investments r
        WHERE r.project = n.project AND r.cumulative IS NOT NULL AND {seen("r")}
        ORDER BY r.basis = 'statistical' DESC, r.order_key DESC LIMIT 1),
    (SELECT sum(y.ytd) FROM (SELECT DISTINCT ON (r.year) r.ytd FROM read.investments r
        WHERE r.project = n.project AND {seen("r")}
            AND r.basis = {_PREFERRED.format(seen=seen("i"))}
        ORDER BY r.year, r.order_key DESC) y))"""
"""What a project has invested so far: as its last report says, else the years added up."""

_TOTAL = f"""coalesce({last_seen("signings", "total_investment", "n.project")},
    {last_seen("projects", "intended_investment", "n.project")})"""


def _cohort(arguments: Arguments) -> str:
    """Count one row: the cohort, what of it is done, and what was spent of what was promised."""
    year = arguments.bind("year", "integer")
    where = lies_in_regions("n.project", arguments, "region")
    return f"""WITH listing AS MATERIALIZED ({summary_policy("listing", arguments, "region")}),
        built AS MATERIALIZED ({summary_policy("built-out", arguments, "region")}),
        rules AS MATERIALIZED (SELECT built.policy,
                {rules_or_defaults("built-out", "built.rules")} ->> 'metric' AS metric,
                coalesce((listing.rules ->> 'levels_nested')::boolean, true) AS nested
            FROM built CROSS JOIN listing),
        cohort AS MATERIALIZED (SELECT n.project, {_reached("completion_accepted")} AS completed,
                {_reached("commissioned")} AS commissioned,
                {_CUMULATIVE} AS spent, {_TOTAL} AS total
            FROM ({new_starts(arguments, year)}) n WHERE {where})
        SELECT {year} AS year, rules.policy, rules.metric, c.* FROM rules CROSS JOIN (
            SELECT count(*) AS projects, count(*) FILTER (WHERE n.completed) AS completed,
                count(*) FILTER (WHERE n.commissioned) AS commissioned,
                coalesce(sum(n.spent) FILTER (WHERE n.total IS NOT NULL), 0) AS spent,
                coalesce(sum(n.total), 0) AS total
            FROM cohort n) c"""


COHORT_BUILD = Relation(
    "CohortBuild",
    row={
        "year": "integer",
        "policy": "text",
        "metric": "text",
        "projects": "bigint",
        "completed": "bigint",
        "commissioned": "bigint",
        "spent": "numeric",
        "total": "numeric",
    },
    fields={
        "cohort_year": Value("$self.year", "int"),
        "projects": Value("$self.projects", "int"),
        "completed": Value("$self.completed", "int"),
        "commissioned": Value("$self.commissioned", "int"),
        "metric": Value("$self.metric", "code"),
        "built_out": ratio(
            "CASE $parent.metric WHEN 'investment' THEN $parent.spent"
            " WHEN 'accepted' THEN $parent.completed ELSE $parent.commissioned END",
            "CASE $parent.metric WHEN 'investment' THEN $parent.total ELSE $parent.projects END",
            "$parent.policy",
        ),
        "built_out_by_investment": ratio("$parent.spent", "$parent.total"),
    },
)

RELATIONS = (COHORT_BUILD,)
ROOTS: dict[str, One | Many | Page] = {"cohort": One("CohortBuild", _cohort)}
