"""The nodes of projects as answers show them: planned, reached, moved, judged and explained."""

from projections.answers.issue_states import OLDEST_FIRST, blockers
from projections.answers.project_filter import filtered
from projections.judging.node_colours import NODES_JUDGED, explained
from projections.judging.node_details import DAYS_LATE, EVERY_NODE, planned_nodes
from projections.judging.node_states import ANYBODY, OTHERS, RULES, WHO_PLANS, detailed_nodes
from projections.judging.override import overrides
from projections.judging.phase_states import PHASES, halts, one_project
from projections.judging.project_scope import numbered
from projections.spans.spans import (
    ANY_MUST_BE_JUDGED,
    MUST_BE_JUDGED,
    in_span,
    settled,
    spanned,
    untouched,
)
from projections.terms.persons import name_of
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed_at, seen

ROW = {
    "project": "text",
    "node": "text",
    "first_phase": "text",
    "phase_id": "text",
    "place": "integer",
    "planned": "text",
    "original": "text",
    "actual": "text",
    "colour": "text",
    "shown": "text",
    "days_late": "integer",
    "replans": "integer",
    "unit": "text",
    "person": "text",
    "policy": "text",
    "reason": "integer",
    "judged_plan": "text",
    "warned_on": "date",
    "deadline": "date",
}


def _states(scope: str, awaiting: str) -> str:
    """Give the expressions from a scope to the judged nodes with their details."""
    every = detailed_nodes(awaiting)
    parts = (PHASES, RULES, OTHERS, every, halts("others"), NODES_JUDGED)
    return f"WITH scope AS ({scope}), {', '.join(parts)}"


_JUDGED_COLUMNS = ", ".join(
    {"shown": "NULL::text AS shown", "days_late": f"{DAYS_LATE} AS days_late"}.get(
        name, f"s.{name}"
    )
    for name in ROW
)
_KEPT_COLUMNS = _JUDGED_COLUMNS.replace("NULL::text AS shown", "s.shown")


def milestone_states(arguments: Arguments) -> str:
    """Select every planned or reached node of the parent project."""
    if arguments.may_read_spans():
        return (
            f"SELECT {_KEPT_COLUMNS} FROM read.node_spans s"
            f" WHERE s.project = $parent.id AND {spanned('s')}"
        )
    return states_of(one_project("$parent.id"))


def states_of(scope: str) -> str:
    """Select every planned or reached node of the projects of a scope."""
    return f"SELECT {_JUDGED_COLUMNS} FROM ({_states(scope, ANYBODY)} {EVERY_NODE}) s"


def unknown_states(arguments: Arguments) -> str | None:
    """Say when the spans do not tell the nodes of the parent project."""
    return f"NOT {untouched('$parent.id')}" if arguments.may_read_spans() else None


def _overdue(arguments: Arguments) -> str:
    """Select the open nodes that lie so many days past their planned date.

    Nodes in a time of grace are among them, in whatever colour their policy gives them.
    """
    late = arguments.bind("min_days_late", "integer") if arguments.given("min_days_late") else "1"
    overdue = f"s.done_on IS NULL AND s.late_from + greatest({late}, 1) <= $on"
    scope = numbered(
        f"SELECT f.project, f.district FROM found f"
        f" WHERE {ANY_MUST_BE_JUDGED} AND {MUST_BE_JUDGED.format('f.project')}"
    )
    return f"""WITH found AS MATERIALIZED ({filtered(arguments)}), {settled()}
        SELECT {_JUDGED_COLUMNS}
        FROM ({_states(scope, WHO_PLANS)} {planned_nodes()}) s WHERE {overdue}
        UNION ALL
        SELECT {_KEPT_COLUMNS} FROM settled e
        JOIN read.node_spans s ON {believed_at("s", "e.position")} AND {in_span("s")}
        JOIN found f ON f.project = s.project
        WHERE {overdue} AND s.project NOT IN (SELECT u.project FROM unsettled u)"""


_FORECAST = f"""(SELECT f.forecast FROM read.milestone_forecasts f
    WHERE f.project = $self.project AND f.node = $self.node AND {seen("f")}
        AND coalesce(f.phase_id, $self.first_phase) = $self.phase_id
    ORDER BY f.order_key DESC LIMIT 1)"""

_OVERRIDE = overrides(
    "o.project = $self.project AND o.node = $self.node"
    " AND coalesce(o.phase_id, $self.phase_id) = $self.phase_id"
)


def _shown(arguments: Arguments) -> str:
    """Give the colour that somebody decided to show, else the judged one."""
    if arguments.may_read_spans():
        return "$self.shown"
    return f"coalesce($self.shown, (SELECT x.colour FROM ({_OVERRIDE}) x), $self.colour)"


MILESTONE_STATE = Relation(
    "MilestoneState",
    row=ROW,
    fields={
        "project": One(
            "Project",
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
        "node": Value("$self.node", "enum"),
        "phase_id": Value("$self.phase_id", "id"),
        "planned": Value("$self.planned", "flexdate"),
        "original_planned": Value("$self.original", "flexdate"),
        "forecast": Value(_FORECAST, "flexdate"),
        "actual": Value("$self.actual", "flexdate"),
        "colour": Value(_shown, "enum"),
        "judged_colour": Value("$self.colour", "enum"),
        "colour_override": One("ColourOverride", lambda _: _OVERRIDE.replace("$self", "$parent")),
        "days_late": Value("$self.days_late", "int"),
        "replans": Value("$self.replans", "int"),
        "responsible_unit": Value("$self.unit", "text"),
        "responsible_person": Value(
            name_of("$self.person"),
            "text",
        ),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
        "blockers": Many("Issue", blockers, OLDEST_FIRST.format("$self")),
        "explain": Value(explained("$self"), "text"),
    },
)

ORDER = '$self.phase_id COLLATE "C", $self.place'
RELATIONS = (MILESTONE_STATE,)
ROOTS: dict[str, One | Many | Page] = {
    "overdue": Many("MilestoneState", _overdue, f"$self.days_late DESC, $self.project, {ORDER}")
}
