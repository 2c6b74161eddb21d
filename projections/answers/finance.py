"""Project finance: who was linked to a bank, what was paid out, carried over or new."""

from projections.judging.entries import entries, one_each
from projections.judging.project_scope import lies_in_regions
from projections.terms.quantities import money
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import seen
from projections.terms.summary_policy import summary_policy

_CARRIED = """CASE WHEN rules.rules ->> 'carried_rule' = 'as-reported' THEN l.class = 'carried'
    WHEN e.class = 'continuing' THEN true WHEN e.class = 'new' THEN false
    WHEN s.project IS NOT NULL THEN true ELSE l.class = 'carried' END"""
"""Whether a loan is carried over: by the project's class in the year, else by its start before the
year, else as the bank said; or at once as the bank said, where the policy wants that."""


def _within(arguments: Arguments, fact: str) -> str:
    """Give the condition that the project of a fact lies in the regions asked about."""
    return lies_in_regions(f"{fact}.project", arguments, "region")


def _finance(arguments: Arguments) -> str:
    """Sum up the loans of the year; projects linked in earlier years are linked still."""
    year = arguments.bind("year", "integer")
    first, last = f"make_date({year}, 1, 1)", f"make_date({year}, 12, 31)"
    listed = one_each(entries(f"p.year = {year}"))
    return f"""WITH rules AS MATERIALIZED ({summary_policy("finance", arguments, "region")}),
        lent AS MATERIALIZED (SELECT o.project, o.amount, o.class FROM read.loans o
            WHERE {seen("o")} AND o.day_to BETWEEN {first} AND {last}
                AND {_within(arguments, "o")}),
        classed AS (SELECT l.project, l.amount, {_CARRIED} AS carried
            FROM lent l CROSS JOIN rules
            LEFT JOIN ({listed}) e ON e.project = l.project
            LEFT JOIN (SELECT DISTINCT m.project FROM read.lifecycle m
                WHERE m.mark = 'construction_started' AND {seen("m")} AND m.day_to < {first}) s
                ON s.project = l.project)
        SELECT (SELECT count(DISTINCT f.project) FROM read.finance_links f
                WHERE {seen("f")} AND f.day_to <= {last} AND {_within(arguments, "f")}) AS linked,
            count(DISTINCT c.project) AS borrowers,
            count(DISTINCT c.project) FILTER (WHERE c.carried) AS carrying,
            count(DISTINCT c.project) FILTER (WHERE NOT c.carried) AS renewing,
            coalesce(sum(c.amount), 0) AS total,
            coalesce(sum(c.amount) FILTER (WHERE c.carried), 0) AS carried,
            coalesce(sum(c.amount) FILTER (WHERE NOT c.carried), 0) AS new,
            (SELECT rules.policy FROM rules) AS policy
        FROM classed c"""


def _loans(_: Arguments) -> str:
    """Select what was paid out to the project, with the bank of the facility."""
    return f"""SELECT l.facility_id, l.amount, l.amount_as_reported, l.occurred_on, l.class,
            l.term_months, l.order_key, ({_bank("l.facility_id")}) AS bank
        FROM read.loans l WHERE l.project = $parent.id AND {seen("l")}"""


def _bank(facility: str) -> str:
    """Select the bank that was last linked under a facility."""
    return f"""SELECT f.bank FROM read.finance_links f WHERE f.project = $parent.id
        AND f.facility_id = {facility} AND {seen("f")} ORDER BY f.order_key DESC LIMIT 1"""


def _facilities(_: Arguments) -> str:
    """Select the facilities of the project with what was paid out of each."""
    return f"""SELECT DISTINCT ON (f.facility_id) f.facility_id, f.bank, f.need, f.quota,
            f.rate_bp, f.occurred_on, (SELECT coalesce(sum(l.amount), 0) FROM read.loans l
                WHERE l.project = f.project AND l.facility_id = f.facility_id
                    AND {seen("l")}) AS disbursed
        FROM read.finance_links f WHERE f.project = $parent.id AND {seen("f")}
        ORDER BY f.facility_id, f.order_key DESC"""


FINANCE_SUMMARY = Relation(
    "FinanceSummary",
    row={
        "linked": "bigint",
        "borrowers": "bigint",
        "carrying": "bigint",
        "renewing": "bigint",
        "total": "numeric",
        "carried": "numeric",
        "new": "numeric",
        "policy": "text",
    },
    fields={
        "projects_linked": Value("$self.linked", "int"),
        "borrowers": Value("$self.borrowers", "int"),
        "carried_projects": Value("$self.carrying", "int"),
        "new_projects": Value("$self.renewing", "int"),
        "total": money("$parent.total"),
        "carried": money("$parent.carried"),
        "new": money("$parent.new"),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
    },
)

LOAN_LINE = Relation(
    "LoanLine",
    row={
        "facility_id": "text",
        "bank": "text",
        "amount": "bigint",
        "amount_as_reported": "text",
        "occurred_on": "text",
        "class": "text",
        "term_months": "integer",
    },
    fields={
        "facility": Value("$self.facility_id", "id"),
        "bank": Value("$self.bank", "text"),
        "amount": money("$parent.amount", "$parent.amount_as_reported"),
        "on": Value("$self.occurred_on", "flexdate"),
        "class": Value("$self.class", "code"),
        "term_months": Value("$self.term_months", "int"),
    },
)

FACILITY = Relation(
    "Facility",
    row={
        "facility_id": "text",
        "bank": "text",
        "need": "bigint",
        "quota": "bigint",
        "rate_bp": "integer",
        "occurred_on": "text",
        "disbursed": "numeric",
    },
    fields={
        "id": Value("$self.facility_id", "id"),
        "bank": Value("$self.bank", "text"),
        "linked_on": Value("$self.occurred_on", "flexdate"),
        "need": money("$parent.need"),
        "quota": money("$parent.quota"),
        "rate_bp": Value("$self.rate_bp", "int"),
        "disbursed": money("$parent.disbursed"),
        "overdrawn": Value("$self.disbursed > $self.quota", "boolean"),
    },
)

RELATIONS = (FINANCE_SUMMARY, LOAN_LINE, FACILITY)
ROOTS: dict[str, One | Many | Page] = {"finance": One("FinanceSummary", _finance)}
PROJECT_FIELDS: dict[str, Field] = {
    "loans": Many("LoanLine", _loans, "$self.order_key"),
    "facilities": Many("Facility", _facilities, "$self.facility_id"),
}
