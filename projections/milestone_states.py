"""The nodes of projects as answers show them: planned, reached, moved, judged and explained."""

from projections.issue_states import OLDEST_FIRST, blockers
from projections.node_colours import NO_PLAN, NO_POLICY, NODES_JUDGED, SEVERITIES, explained
from projections.node_states import (
    ANYBODY,
    OTHERS,
    RULES,
    WHO_PLANS,
    detailed_nodes,
    n_of,
    name_of,
    phase_place_of,
    place_of,
)
from projections.override import overrides
from projections.phase_states import PHASES, halts, one_project
from projections.project_filter import filtered_scope
from projections.relation import Arguments, Many, One, Page, Relation, Value
from projections.seen import seen

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


def _common(number: str) -> str:
    """Give the columns that say which node of which phase of which project a key is about."""
    return (
        f"s.project, {name_of(place_of(number))} AS node,"
        " s.first_phase, coalesce(o.phase_id, s.first_phase) AS phase_id,"
        f" {place_of(number)} AS place"
    )


def _joined(number: str) -> str:
    """Join the question and the phase that a key is about."""
    return f"""JOIN ruled s ON s.n = {n_of(number)}
        LEFT JOIN others o ON o.n = s.n AND o.place = {phase_place_of(number)}"""


def _planned_states(where: str) -> str:
    """Select the planned nodes; `where` narrows the judged nodes `j`."""
    return f"""SELECT {_common("j.key")}, p.planned, p.original_plan AS original, p.actual,
            v.colour, j.days_late, p.replans, p.unit, p.person, s.policy, j.reason,
            p.judged_plan, j.warned_on, j.deadline
        FROM judged j JOIN nodes p ON p.key = j.key {_joined("j.key")}
        JOIN {SEVERITIES} AS v (colour, severity) ON v.severity = j.severity WHERE {where}"""


_UNPLANNED = f"""SELECT {_common("p.key")}, NULL, NULL, p.actual,
        CASE WHEN s.policy IS NULL THEN 'grey' ELSE c.no_plan END, NULL, 0, NULL, NULL, s.policy,
        CASE WHEN s.policy IS NULL THEN {NO_POLICY} ELSE {NO_PLAN} END,
        NULL, NULL, NULL
    FROM nodes p {_joined("p.key")} LEFT JOIN rules c ON c.rule = s.rule
    WHERE p.planned IS NULL AND p.own"""


def _states(scope: str, awaiting: str) -> str:
    """Give the expressions from a scope to the judged nodes with their details."""
    every = detailed_nodes(awaiting)
    parts = (PHASES, RULES, OTHERS, every, halts("others"), NODES_JUDGED)
    return f"WITH scope AS ({scope}), {', '.join(parts)}"


def milestone_states(_: Arguments) -> str:
    """Select every planned or reached node of the parent project."""
    return states_of(one_project("$parent.id"))


def states_of(scope: str) -> str:
    """Select every planned or reached node of the projects of a scope."""
    states = _states(scope, ANYBODY)
    return f"{states} {_planned_states('true')} UNION ALL {_UNPLANNED}"


def _overdue(arguments: Arguments) -> str:
    """Select the open nodes that lie so many days past their planned date.

    Nodes in a time of grace are among them, in whatever colour their policy gives them.
    """
    late = arguments.bind("min_days_late", "integer") if arguments.given("min_days_late") else "1"
    overdue = f"j.done_on IS NULL AND j.days_late >= greatest({late}, 1)"
    return f"{_states(filtered_scope(arguments), WHO_PLANS)} {_planned_states(overdue)}"


_FORECAST = f"""(SELECT f.forecast FROM read.milestone_forecasts f
    WHERE f.project = $self.project AND f.node = $self.node AND {seen("f")}
        AND coalesce(f.phase_id, $self.first_phase) = $self.phase_id
    ORDER BY f.order_key DESC LIMIT 1)"""

_OVERRIDE = overrides(
    "o.project = $self.project AND o.node = $self.node"
    " AND coalesce(o.phase_id, $self.phase_id) = $self.phase_id"
)

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
        "colour": Value(f"coalesce((SELECT x.colour FROM ({_OVERRIDE}) x), $self.colour)", "enum"),
        "judged_colour": Value("$self.colour", "enum"),
        "colour_override": One("ColourOverride", lambda _: _OVERRIDE.replace("$self", "$parent")),
        "days_late": Value("$self.days_late", "int"),
        "replans": Value("$self.replans", "int"),
        "responsible_unit": Value("$self.unit", "text"),
        "responsible_person": Value(
            "(SELECT n.value FROM ledger.person_names n WHERE n.commitment = $self.person LIMIT 1)",
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
