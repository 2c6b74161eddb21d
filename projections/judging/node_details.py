"""Select the nodes of a scope as they are kept and shown, over the expressions of `node_states`."""

from typing import Final

from projections.judging.node_colours import ENDED, NO_PLAN, NO_POLICY, SEVERITIES, SUSPENDED
from projections.judging.node_states import n_of, name_of, phase_place_of, place_of

NODE_COLUMNS: Final = (
    *("node", "first_phase", "planned", "original", "actual", "colour", "shown", "late_from"),
    *("done_on", "replans", "unit", "person", "policy", "reason", "judged_plan", "warned_on"),
    "deadline",
)
"""What is kept of a node: it is late from `late_from` on until it is done, unless that is null.

`shown` is the colour that somebody decided to show, else the judged one.
"""


_OF_PROJECT = 0xFFFF
"""The part of a key that tells the nodes of one question apart."""


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


def planned_nodes(
    question: str = "j.n", key: str = "j.key", further: str = "", actual: str = "p.actual"
) -> str:
    """Select the planned nodes; `key` gives that of a judged node `j`, beside what `further` joins.

    `question` gives the columns that come first: the number of the question, as a rule.
    """
    return f"""SELECT {question}, p.key & {_OF_PROJECT} AS node_no, {_common("p.key")},
            p.planned, p.original_plan AS original, {actual} AS actual,
            v.colour, CASE WHEN j.has_windows AND j.reason NOT IN ({ENDED}, {SUSPENDED})
                THEN j.due_on END AS late_from, j.done_on, p.replans, p.unit, p.person,
            s.policy, j.reason, p.judged_plan, j.warned_on, j.deadline
        FROM judged j {further} JOIN nodes p ON p.key = {key} {_joined("p.key")}
        JOIN {SEVERITIES} AS v (colour, severity) ON v.severity = j.severity"""


def unplanned_nodes(
    question: str = n_of("p.key"),
    nodes: str = "nodes p",
    unplanned: str = "p.planned IS NULL AND p.own",
) -> str:
    """Select the nodes that were reached without a plan.

    `question` gives the columns that come first, as for planned ones.
    """
    return f"""SELECT {question}, p.key & {_OF_PROJECT}, {_common("p.key")}, NULL, NULL, p.actual,
            CASE WHEN s.policy IS NULL THEN 'grey' ELSE c.no_plan END, NULL, p.done_on, 0,
            NULL, NULL, s.policy,
            CASE WHEN s.policy IS NULL THEN {NO_POLICY} ELSE {NO_PLAN} END, NULL, NULL, NULL
        FROM {nodes} {_joined("p.key")} LEFT JOIN rules c ON c.rule = s.rule
        WHERE {unplanned}"""


EVERY_NODE: Final = f"{planned_nodes()} UNION ALL {unplanned_nodes()}"
"""Every planned or reached node of every question `n`."""

DAYS_LATE: Final = (
    "CASE WHEN s.late_from IS NOT NULL THEN greatest(coalesce(s.done_on, $on) - s.late_from, 0) END"
)
"""How many days a node `s` is late on the judged day, or was when it was reached."""
