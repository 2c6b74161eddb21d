"""The nodes of projects as answers show them: planned, reached, moved, judged and explained."""

from domain.colour_words import Reason
from domain.milestone_state import COMPLETE, NODES
from projections.node_colours import NODES_JUDGED, explained
from projections.node_states import RULES, WIDE, planned, reached
from projections.phase_states import PHASES, halts, one_project
from projections.project_filter import filtered_scope
from projections.relation import Arguments, Many, One, Page, Relation, Value
from projections.seen import believed

_DETAILS = """, (min(ARRAY[m.order_key, m.planned]))[2] AS original,
        count(*) FILTER (WHERE m.replan) AS replans,
        max(ARRAY[m.order_key, m.responsible_unit, m.responsible_person])
            FILTER (WHERE NOT m.replan) AS responsible"""

_ORDER = ", ".join(f"'{node}'" for node in NODES)
_PLACE = f"array_position(ARRAY[{_ORDER}], {{}}::text)"

_TOUCHED = f"""touched AS (
    SELECT r.n, r.phase_key AS phase_id, r.mark AS node, r.first FROM reached r
    WHERE r.phase_key <> ''
    UNION ALL
    SELECT DISTINCT s.n, coalesce(l.phase_id, s.first_phase), l.mark, r.first
    FROM placed s JOIN read.lifecycle l ON l.project = s.project
    JOIN reached r ON r.n = s.n AND r.mark = l.mark AND r.phase_key = ''
    WHERE l.mark IN ({WIDE}) AND {believed("l")} AND l.day_to <= s.cut)"""

ROW = {
    "project": "text",
    "node": "text",
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
    "reason": "text",
    "judged_plan": "text",
    "warned_on": "date",
    "deadline": "date",
}


def _planned_states(where: str) -> str:
    """Select the planned nodes; `where` narrows the judged nodes `j`."""
    return f"""SELECT s.project, j.node, j.phase_id, {_PLACE.format("j.node")} AS place,
            p.current[2] AS planned, p.original, j.actual, j.colour, j.days_late,
            p.replans::integer AS replans, p.responsible[2] AS unit, p.responsible[3] AS person,
            j.policy, j.reason, j.judged_plan, j.warned_on, j.deadline
        FROM judged j JOIN planned p ON p.n = j.n AND p.phase_id = j.phase_id AND p.node = j.node
        JOIN placed s ON s.n = j.n WHERE {where}"""


_UNPLANNED = f"""SELECT r.project, t.node, t.phase_id, {_PLACE.format("t.node")}, NULL, NULL,
        t.first[2], CASE WHEN r.policy IS NULL THEN 'grey' ELSE r.no_plan END, NULL, 0, NULL, NULL,
        r.policy, CASE WHEN r.policy IS NULL THEN '{Reason.NO_POLICY}' ELSE '{Reason.NO_PLAN}' END,
        NULL, NULL, NULL
    FROM touched t JOIN ruled r ON r.n = t.n
    WHERE NOT EXISTS (SELECT 1 FROM planned p
        WHERE p.n = t.n AND p.phase_id = t.phase_id AND p.node = t.node)"""


def _states(scope: str, permits_of: str) -> str:
    """Give the expressions from a scope to the judged nodes with their details."""
    return ", ".join(
        (
            f"WITH scope AS ({scope})",
            PHASES,
            RULES,
            planned(_DETAILS),
            reached(permits_of),
            halts("planned"),
            NODES_JUDGED,
        )
    )


def milestone_states(_: Arguments) -> str:
    """Select every planned or reached node of the parent project."""
    states = _states(one_project("$parent.id"), "SELECT s.n FROM scope s")
    return f"{states}, {_TOUCHED} {_planned_states('true')} UNION ALL {_UNPLANNED}"


def _overdue(arguments: Arguments) -> str:
    """Select the open nodes that lie so many days past their planned date.

    Nodes in a time of grace are among them, in whatever colour their policy gives them.
    """
    late = arguments.bind("min_days_late", "integer") if arguments.given("min_days_late") else "1"
    complete = f"SELECT p.n FROM planned p WHERE p.node = '{COMPLETE}'"
    states = _states(filtered_scope(arguments), complete)
    return f"{states} {_planned_states(f'NOT j.done AND j.days_late >= greatest({late}, 1)')}"


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
        "forecast": Value("NULL::text", "flexdate"),
        "actual": Value("$self.actual", "flexdate"),
        "colour": Value("$self.colour", "enum"),
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
        "explain": Value(explained("$self"), "text"),
    },
)

ORDER = '$self.phase_id COLLATE "C", $self.place'
RELATIONS = (MILESTONE_STATE,)
ROOTS: dict[str, One | Many | Page] = {
    "overdue": Many("MilestoneState", _overdue, f"$self.days_late DESC, $self.project, {ORDER}")
}
