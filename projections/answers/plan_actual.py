"""Annual plan against actual investment, over the projects on the lists of a year.

The set is fixed first: the projects that stand on a list of the year, reserve left out. Then plan
and actual are summed over that same set. A project counts once in a group, with one plan; what it
invested is its last report up to the month; a missing report is zero and counted as unreported.
How much of the plan is due by the month is said by one pace policy, or else goes evenly with time.
"""

from projections.answers.project_filter import conditions
from projections.judging.entries import BROADEST_FIRST, any_of, entries, one_each
from projections.terms.pace import UNKNOWN, gap, performance, planned, share_due
from projections.terms.quantities import money, ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.terms.summary_policy import listing_rules, rules_or_defaults, summary_policy
from projections.views.investments import last_report

_RANK = BROADEST_FIRST.format("s.level")

_BY_LEVEL = f"""SELECT DISTINCT ON (s.project, v.level) v.level AS key, s.project, s.annual_plan
    FROM placed s CROSS JOIN rules
    JOIN (SELECT DISTINCT district, level FROM placed) v ON v.district = s.district
        AND {BROADEST_FIRST.format("v.level")} <= {_RANK}
    WHERE rules.nested ORDER BY s.project, v.level, {_RANK}, s.stated DESC, s.list_id"""

_BY_HIGHEST_LEVEL = f"""SELECT DISTINCT ON (s.project) s.level AS key, s.project, s.annual_plan
    FROM placed s CROSS JOIN rules
    WHERE NOT rules.nested ORDER BY s.project, {_RANK} DESC, s.stated DESC, s.list_id"""

_KEYS = {
    "region": "s.district",
    "class": "upper(coalesce(s.class, ''))",
    "industry": "coalesce(s.industry, '')",
}


def _grouped(grouping: str) -> str:
    """Select key, project and annual_plan, each project once a key.

    Under nested levels a project counts on every list of its district from its own level down,
    with the plan of the nearest list that it stands on; else on its highest list alone.
    """
    if grouping == "level":
        levels = f"({_BY_LEVEL}) UNION ALL ({_BY_HIGHEST_LEVEL})"
        return f"SELECT upper(l.key) AS key, l.project, l.annual_plan FROM ({levels}) l"
    once = one_each("SELECT * FROM placed")
    return f"SELECT {_KEYS[grouping]} AS key, s.project, s.annual_plan FROM ({once}) s"


def _months(arguments: Arguments) -> str:
    """Count the months of the year up to the asked one, which lies in it."""
    return f"date_part('month', ({arguments.bind('through', 'text')} || '-01')::date)::integer"


def _plan_actual(arguments: Arguments) -> str:
    """Sum plan and actual of each group, with the months elapsed and the policy beside them."""
    year, months = arguments.bind("year", "integer"), _months(arguments)
    basis = f"lower({arguments.bind('basis', 'text')})"
    classes = "x.class IS DISTINCT FROM 'reserve'"
    if arguments.given("filter.class"):
        classes = any_of("x.class", arguments, "filter.class")
    listed = entries(f"p.year = {year} AND {any_of('p.level', arguments, 'filter.level')}")
    due, whole = share_due("k.rules", year, months)
    return f"""WITH rules AS MATERIALIZED ({listing_rules(arguments, "filter.region")}),
        kept AS MATERIALIZED (SELECT c.policy, {rules_or_defaults("pace", "c.rules")} AS rules
            FROM ({summary_policy("pace", arguments, "filter.region")}) c),
        pace AS MATERIALIZED (SELECT k.policy, ({due})::numeric AS due,
            ({whole})::numeric AS whole FROM kept k),
        placed AS MATERIALIZED (SELECT x.*, d.district, d.industry
            FROM ({listed}) x CROSS JOIN LATERAL (
                SELECT v.district, v.industry FROM read.projects v
                WHERE v.project = x.project AND {seen("v")}
                ORDER BY v.order_key DESC LIMIT 1) d
            WHERE {classes} AND {conditions(arguments, "x.project")}),
        counted AS MATERIALIZED (SELECT g.key, g.annual_plan,
                ({last_report("g.project", year, months, basis)}) AS ytd
            FROM ({_grouped(str(arguments.choice("group_by")).lower())}) g)
        SELECT c.key, count(*) AS projects, coalesce(sum(c.annual_plan), 0) AS plan,
            coalesce(sum(c.ytd), 0) AS actual, count(*) FILTER (WHERE c.ytd IS NULL) AS unreported,
            (SELECT a.due FROM pace a) AS due, (SELECT a.whole FROM pace a) AS whole,
            (SELECT a.policy FROM pace a) AS pace_policy,
            {basis} AS basis, (SELECT rules.policy FROM rules) AS policy
        FROM counted c GROUP BY c.key"""


_PACED = ("$self.actual", "$self.plan", "$self.due", "$self.whole")

PLAN_ACTUAL = Relation(
    "PlanActual",
    row={
        "key": "text",
        "projects": "bigint",
        "plan": "numeric",
        "actual": "numeric",
        "unreported": "bigint",
        "due": "numeric",
        "whole": "numeric",
        "pace_policy": "text",
        "basis": "text",
        "policy": "text",
    },
    fields={
        "key": Value("$self.key", "text"),
        "projects": Value("$self.projects", "int"),
        "unreported": Value("$self.unreported", "int"),
        "plan": money("$parent.plan"),
        "actual": money("$parent.actual"),
        "completion": ratio("$parent.actual", "$parent.plan", "$parent.policy"),
        "plan_to_date": money(planned("$parent.plan", "$parent.due", "$parent.whole")),
        "pace_gap_pp": Value(gap(*_PACED), "decimal"),
        "spi": Value(performance(*_PACED), "decimal"),
        "pace_policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.pace_policy AS policy WHERE $parent.pace_policy IS NOT NULL",
        ),
        "pace_unknown": Value(UNKNOWN.format("$self.due"), "text"),
        "basis": Value("$self.basis", "enum"),
    },
)

RELATIONS = (PLAN_ACTUAL,)
ROOTS: dict[str, One | Many | Page] = {
    "plan_actual": Many("PlanActual", _plan_actual, "$self.key"),
}
