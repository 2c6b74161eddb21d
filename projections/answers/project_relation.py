"""The project, where everything known about it comes together."""

from collections.abc import Callable

from domain.errors import Refused
from domain.identity import LINK
from projections.answers import (
    alarms,
    assessments,
    finance,
    incentives,
    issue_states,
    land_service_list,
    post_evaluations,
    premises_change,
    project_listings,
    replaying,
    request_measures,
    site_records,
    steward_terms,
    visit_log,
)
from projections.answers.deviations import ORDER as DEVIATION_ORDER
from projections.answers.deviations import project_deviations
from projections.answers.events import project_events, project_evidence
from projections.answers.first_projects import first_projects
from projections.answers.lead_times import lead_time
from projections.answers.milestone_states import ORDER as MILESTONE_ORDER
from projections.answers.milestone_states import milestone_states, unknown_states
from projections.answers.permit_bursts import permit_burst
from projections.answers.permit_cases import permit_states
from projections.answers.project_filter import by_spans, filtered, is_by_spans
from projections.judging.other_clocks import moved
from projections.judging.override import overrides
from projections.judging.phase_states import name_of, one_project, phase_states, standing_of
from projections.judging.project_colours import coloured, colours_of
from projections.judging.project_facts import (
    demanded,
    invested_total,
    land_basis,
    occupied,
    signed_money,
    supplied,
    total_money,
)
from projections.spans.spans import CARRIED, LOOKUPS, SPAN_COLUMNS
from projections.terms.quantities import area, half_up
from projections.terms.relation import Arguments, AsOf, Field, Many, One, Page, Relation, Value
from projections.terms.seen import believed, last_seen, seen
from projections.views import capacities
from projections.views.identities import called, kept_projects

PAGED = ("sort_up", "-sort_down", "id")
"""How pages of projects are ordered; one of the two sort columns is empty everywhere."""

WAN_YUAN = 10_000


class UnknownOrder(Refused):
    """Projects cannot be ordered by {value}."""

    code = "unknown_order"
    field = "orderBy"
    cure = "Order by title, code, region, enterprise, totalInvestment, registeredOn or signedOn."


def _last(table: str, column: str, project: str = "$self.id") -> str:
    """Give the value of a column in the last row of the project."""
    return last_seen(table, column, project)


def _kept(column: str, otherwise: str) -> Callable[[Arguments], str]:
    """Give what a project's card says, where it may be read."""

    def sql(arguments: Arguments) -> str:
        return f"$self_card.{column}" if arguments.may_read_spans() else otherwise

    return sql


def _intensity(arguments: Arguments) -> str:
    """Divide investment by land, in 万元 a mu; the policy of the day says which land counts."""
    fixed, total, basis, agreed = (
        _kept(column, otherwise)(arguments)
        for column, otherwise in (
            ("last_fixed", _last("signings", "fixed_asset_investment")),
            ("last_total", invested_total("$self.id")),
            ("land_basis", land_basis("$self.id")),
            ("demanded", demanded("$self.id")),
        )
    )
    invested = fixed
    if arguments.given("basis"):
        wanted = arguments.bind("basis", "text")
        invested = f"CASE {wanted} WHEN 'total' THEN {total} ELSE {fixed} END"
    mu = (
        f"CASE {basis} WHEN 'contract' THEN {supplied('$self.id')}"
        f" WHEN 'occupied' THEN {occupied('$self.id')} ELSE {agreed} END"
    )
    shown = half_up("i.invested", f"(i.mu * {WAN_YUAN})", "1")
    return f"(SELECT trim_scale({shown}) FROM (SELECT {invested} AS invested, {mu} AS mu) i)"


def _signed_money(column: str, words: str) -> One:
    """Link to an amount of the last signing that states it, in the words of its source."""
    return One("Money", lambda _: signed_money(column, words, "$parent.id"))


def _total_investment(arguments: Arguments) -> str:
    """Select the total of the last signing that states it, else what was intended."""
    if arguments.may_read_spans():
        return """SELECT $parent_card.total AS yuan, $parent_card.total_as_reported AS as_reported
            WHERE $parent_card.total IS NOT NULL"""
    return total_money("$parent.id")


def _demand_land(arguments: Arguments) -> str:
    """Select the land demanded."""
    mu = "$parent_card.demanded" if arguments.may_read_spans() else demanded("$parent.id")
    return f"SELECT {mu}::numeric AS mu WHERE {mu} IS NOT NULL"


def _project(arguments: Arguments) -> str:
    """Find one project by its id, its stream or an alias, or by any code it ever had."""
    wanted = ["false"] if not (arguments.given("id") or arguments.given("code")) else []
    if arguments.given("id"):
        name = arguments.bind("id", "text")
        candidates = (
            f"SELECT {name}"
            f" UNION ALL SELECT substr({name}, 9) WHERE starts_with({name}, 'project/')"
            " UNION ALL SELECT substr(a.stream, 9) FROM ledger.aliases a"
            f" WHERE a.alias = {name} AND starts_with({name}, 'source:') AND a.position <= $known"
            # What a link gives away is looked up in the identities, while the link is believed.
            " AND NOT EXISTS (SELECT FROM ledger.events e"
            f" WHERE e.id = a.event AND e.kind = '{LINK}')"
            f" UNION ALL SELECT c.project FROM read.codes c WHERE c.code = substr({name}, 6)"
            f" AND starts_with({name}, 'code:') AND {believed('c')}"
        )
        wanted.append(f"p.project IN ({kept_projects(candidates)})")
    if arguments.given("code"):
        code = arguments.bind("code", "text")
        candidates = (
            f"SELECT 'code:' || {code} UNION ALL SELECT c.project FROM read.codes c"
            f" WHERE c.code = {code} AND {believed('c')}"
        )
        wanted.append(f"p.project IN ({kept_projects(candidates)})")
    return (
        "SELECT p.project AS id, '' AS sort_up, '' AS sort_down FROM read.projects p"
        f" WHERE {' AND '.join(wanted)} AND {seen('p')} LIMIT 1"
    )


def _first_day(table: str) -> str:
    """Give the day of the first row of a project, as text that sorts."""
    return (
        f"(SELECT l.day_to::text FROM read.{table} l WHERE l.project = f.project AND {seen('l')}"
        " ORDER BY l.order_key LIMIT 1)"
    )


ORDERS = {
    "id": "''",
    "title": _last("projects", "title", "f.project"),
    "code": _last("codes", "code", "f.project"),
    "region": "f.district",
    "enterprise": _last("projects", "enterprise", "f.project"),
    "totalInvestment": f"lpad({invested_total('f.project')}::text, 20, '0')",
    "registeredOn": _first_day("projects"),
    "signedOn": _first_day("signings"),
}
"""What projects can be ordered by, as text that sorts."""


def _projects(arguments: Arguments) -> str:
    """Select the projects of a filter with what they are ordered by."""
    name = str(arguments.choice("order_by")) if arguments.given("order_by") else "id"
    order = ORDERS.get(name.removeprefix("-"))
    if order is None:
        raise UnknownOrder(value=name)
    sort = f"coalesce({order}, '') COLLATE \"C\""
    up, down = ("''", sort) if name.startswith("-") else (sort, "''")
    sorts = f"SELECT f.project AS id, {up} AS sort_up, {down} AS sort_down"
    if not is_by_spans(arguments) or not arguments.is_settled():
        return f"{sorts} FROM ({filtered(arguments)}) f"
    arguments.carry("span")
    carried = ", ".join(f"f.{name} AS span_{name}" for name in SPAN_COLUMNS)
    return f"{sorts}, {carried} FROM ({by_spans(arguments)}) f"


_SCOPE = one_project("$self.id")
_ENTERPRISE = _kept("enterprise", _last("projects", "enterprise"))


def _phase(arguments: Arguments, which: str) -> str:
    """Give the furthest or the least phase of a project by its name."""
    if arguments.may_read_spans():
        return name_of(f"$self_span.{which}")
    return f"(SELECT o.{which} FROM ({standing_of(_SCOPE)}) o)"


def _colour(arguments: Arguments, which: str) -> str:
    """Give the colour of a project, or the judged one beneath what somebody decided to show."""
    if arguments.given("policy"):
        return f"(SELECT o.{which} FROM ({colours_of(_SCOPE, coloured(arguments))}) o)"
    if arguments.may_read_spans():
        return f"$self_span.{which}"
    return f"(SELECT o.{which} FROM ({colours_of(_SCOPE)}) o)"


_FIELDS: dict[str, Field] = {
    "id": Value("$self.id", "id"),
    "as_of": AsOf(
        "Project",
        moved,
        lambda _: (
            "SELECT $parent.id AS id, '' AS sort_up, '' AS sort_down WHERE EXISTS (SELECT 1"
            f" FROM read.projects p WHERE p.project = $parent.id AND {seen('p')})"
        ),
    ),
    "code": Value(_kept("code", _last("codes", "code")), "text"),
    "title": Value(_kept("title", _last("projects", "title")), "text"),
    "region": Value(_kept("district", _last("projects", "district")), "id"),
    "park": Value(_kept("park", _last("projects", "park")), "text"),
    "enterprise": Value(
        lambda arguments: called(_ENTERPRISE(arguments), "enterprise"),
        "text",
    ),
    "phase": Value(lambda arguments: _phase(arguments, "furthest"), "enum"),
    "phase_least": Value(lambda arguments: _phase(arguments, "least"), "enum"),
    "colour": Value(lambda arguments: _colour(arguments, "colour"), "enum"),
    "judged_colour": Value(lambda arguments: _colour(arguments, "judged"), "enum"),
    "colour_override": One(
        "ColourOverride", lambda _: overrides("o.project = $parent.id AND o.node IS NULL")
    ),
    "total_investment": One("Money", _total_investment),
    "fixed_asset_investment": _signed_money("fixed_asset_investment", "fixed_as_reported"),
    "demand_land": One("Area", _demand_land),
    "supplied_land": area(supplied("$parent.id")),
    "phases": Many("PhaseState", phase_states, "$self.place"),
    "milestones": Many("MilestoneState", milestone_states, MILESTONE_ORDER, unknown_states),
    "permits": Many("PermitState", permit_states, "$self.first, $self.case_no"),
    "permit_burst": One("PermitBurst", permit_burst),
    "lead_time": One("LeadTime", lead_time),
    "intensity": Value(_intensity, "decimal"),
    "deviations": Many("Deviation", project_deviations, DEVIATION_ORDER),
    "events": Page("Event", project_events, ("position",)),
    "evidence": Many("Evidence", project_evidence, "$self.number"),
}

_FURTHER = (
    _FIELDS,
    project_listings.PROJECT_FIELDS,
    post_evaluations.PROJECT_FIELDS,
    land_service_list.PROJECT_FIELDS,
    alarms.PROJECT_FIELDS,
    assessments.PROJECT_FIELDS,
    site_records.PROJECT_FIELDS,
    capacities.PROJECT_FIELDS,
    incentives.PROJECT_FIELDS,
    finance.PROJECT_FIELDS,
    request_measures.PROJECT_FIELDS,
    steward_terms.PROJECT_FIELDS,
    visit_log.PROJECT_FIELDS,
    issue_states.PROJECT_FIELDS,
    premises_change.PROJECT_FIELDS,
    replaying.PROJECT_FIELDS,
)

PROJECT = Relation(
    "Project",
    row={"id": "text", "sort_up": "text", "sort_down": "text"},
    fields={name: field for fields in _FURTHER for name, field in fields.items()},
    lookups=LOOKUPS,
    carried=CARRIED,
)

RELATIONS = (PROJECT,)
ROOTS: dict[str, One | Many | Page] = {
    "project": One("Project", _project),
    "projects": Page("Project", _projects, PAGED, first_projects),
}
