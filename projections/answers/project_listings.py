"""The places of one project on annual lists, and its investment month by month."""

from projections.judging.entries import BROADEST_FIRST, entries
from projections.terms.pace import UNKNOWN, gap, performance, planned, share_due
from projections.terms.policy_choice import chosen
from projections.terms.quantities import money, ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import last_seen, seen
from projections.terms.summary_policy import rules_or_defaults
from projections.views.investments import of_year


def _listings(_: Arguments) -> str:
    """Select the entries of the project that stand."""
    listed = entries(listings="l.project = $parent.id")
    return f"SELECT s.*, {BROADEST_FIRST.format('s.level')} AS breadth FROM ({listed}) s"


def _plan_of_year(year: str) -> str:
    """Select the one plan a project has in a year: that of the widest list, reserve left out."""
    listed = entries(f"p.year = {year}", "l.project = $parent.id")
    return (
        f"SELECT s.annual_plan FROM ({listed}) s WHERE s.class IS DISTINCT FROM 'reserve'"
        f" ORDER BY {BROADEST_FIRST.format('s.level')}, s.stated DESC, s.list_id LIMIT 1"
    )


def _investment(arguments: Arguments) -> str:
    """Select one row a month that was reported, with the plan of the year beside it."""
    year = arguments.bind("year", "integer")
    basis = "'statistical'"
    if arguments.given("basis"):
        basis = f"lower({arguments.bind('basis', 'text')})"
    district = last_seen("projects", "district", "$parent.id")
    pace = chosen("pace", district, "$on", "p.policy, p.rules")
    due, whole = share_due("k.rules", year, "m.month_no")
    return f"""SELECT m.*, $parent.id AS project, k.policy AS pace_policy,
            ({due})::numeric AS due, ({whole})::numeric AS whole, coalesce(m.ytd < max(m.ytd) OVER (
            ORDER BY m.period ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS fell
        FROM (SELECT DISTINCT ON (r.month) r.month AS period, r.month_no, r.ytd, r.ytd_as_reported,
            r.basis, y.annual_plan
        FROM read.investments r LEFT JOIN ({_plan_of_year(year)}) y ON true
        WHERE {of_year("$parent.id", year)} AND r.basis = {basis} AND {seen("r")}
        ORDER BY r.month, r.order_key DESC) m
        CROSS JOIN (SELECT c.policy, {rules_or_defaults("pace", "c.rules")} AS rules
            FROM (SELECT) one LEFT JOIN LATERAL ({pace}) c ON true) k"""


def _reports(_: Arguments) -> str:
    """Select all reports of the month, whichever of them counts."""
    return f"""SELECT r.position, r.order_key FROM read.investments r
        WHERE r.project = $parent.project AND r.month = $parent.period AND r.basis = $parent.basis
            AND {seen("r")} AND NOT r.passed"""


_PACED = ("$self.ytd", "$self.annual_plan", "$self.due", "$self.whole")

LISTING = Relation(
    "Listing",
    row={
        "list_id": "text",
        "year": "integer",
        "level": "text",
        "breadth": "integer",
        "version_label": "text",
        "class": "text",
        "annual_plan": "bigint",
        "plan_as_reported": "text",
    },
    fields={
        "list_id": Value("$self.list_id", "id"),
        "year": Value("$self.year", "int"),
        "level": Value("$self.level", "enum"),
        "class": Value("$self.class", "enum"),
        "annual_plan": money("$parent.annual_plan", "$parent.plan_as_reported"),
        "list_version": Value("$self.version_label", "text"),
    },
)

INVESTMENT_POINT = Relation(
    "InvestmentPoint",
    row={
        "project": "text",
        "period": "text",
        "ytd": "bigint",
        "ytd_as_reported": "text",
        "basis": "text",
        "annual_plan": "bigint",
        "fell": "boolean",
        "due": "numeric",
        "whole": "numeric",
        "pace_policy": "text",
    },
    fields={
        "period": Value("$self.period", "text"),
        "ytd": money("$parent.ytd", "$parent.ytd_as_reported"),
        "fell": Value("$self.fell", "boolean"),
        "plan_to_date": money(planned("$parent.annual_plan", "$parent.due", "$parent.whole")),
        "completion": ratio("$parent.ytd", "$parent.annual_plan"),
        "pace_gap_pp": Value(gap(*_PACED), "decimal"),
        "spi": Value(performance(*_PACED), "decimal"),
        "pace_policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.pace_policy AS policy WHERE $parent.pace_policy IS NOT NULL",
        ),
        "pace_unknown": Value(UNKNOWN.format("$self.due"), "text"),
        "basis": Value("$self.basis", "enum"),
        "reports": Many("Event", _reports, "$self.order_key DESC"),
    },
)

RELATIONS = (LISTING, INVESTMENT_POINT)
ROOTS: dict[str, One | Many | Page] = {}
PROJECT_FIELDS: dict[str, Value | One | Many | Page] = {
    "listings": Many("Listing", _listings, "$self.year, $self.breadth DESC, $self.list_id"),
    "investment": Many("InvestmentPoint", _investment, "$self.period"),
}
