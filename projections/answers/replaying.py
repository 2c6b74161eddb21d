"""The life of a project step by step: what each recorded event changed, under two clocks.

A step is an event that is about the project, or a policy or list that judges it. Before it, known
is what was recorded up to the position before; after it, its own position too. Both are judged on
the same day, so that whatever differs comes from the event alone.
"""

from projections.answers.difference_values import FIELDS, JUDGED, TOLD_ROWS
from projections.answers.differences import COMPARED, VALUES, wanted
from projections.answers.events import project_events, recorded_between
from projections.judging.project_scope import registered
from projections.judging.reach import whole
from projections.judging.two_moments import SIDES, at
from projections.terms.relation import Arguments, AsOf, Many, One, Page, Relation, Value
from projections.terms.seen import believed, day_of

_JUDGING = f"""SELECT j.position FROM (
        SELECT p.known_from AS position FROM read.projects r JOIN read.policies p
            ON p.policy_kind = 'colour' AND starts_with(r.district, p.jurisdiction)
        WHERE r.project = $parent.id AND {believed("r")}
        UNION SELECT p.known_from FROM read.listings l JOIN read.lists p ON p.list_id = l.list_id
        WHERE l.project = $parent.id AND {believed("l")}) j
    WHERE j.position <= $known AND j.position > (
        SELECT min(r.known_from) FROM read.projects r WHERE r.project = $parent.id)"""
"""Policies and lists that came while the project was there, and judge it."""


def _steps(arguments: Arguments) -> str:
    """Select the events of the parent project with the day that each step is judged on."""
    between = recorded_between(arguments, "e", "recorded_from", "recorded_to")
    day = "$on"
    if arguments.given("each_day") and arguments.choice("each_day"):
        day = day_of("e.recorded_at")
    return f"""SELECT e.position, {day} AS judged_on, $parent.id AS project
        FROM ({project_events(arguments)} UNION {_JUDGING}) s (position)
        JOIN ledger.events e ON e.position = s.position
        WHERE {" AND ".join(["e.position <= $known", *between])}"""


_SIDES = {
    "$known_before": "($parent.position - 1)",
    "$known_after": "$parent.position",
    "$on_before": "$parent.judged_on",
    "$on_after": "$parent.judged_on",
}


def _changes(arguments: Arguments) -> str:
    """Select what the event of the parent step changed."""
    standing = ", ".join(
        f"""standing_{side} AS MATERIALIZED (SELECT r.project, r.district
            FROM ({at(side, whole(registered("r.project = $parent.project")))}) r
            WHERE within_reach(r.district))"""
        for side in SIDES
    )
    text = whole(f"""SELECT c.path, c.old, c.new, ARRAY[$parent.position] AS causes FROM (
        WITH {wanted(arguments, FIELDS)},
            concerned AS MATERIALIZED (SELECT $parent.project AS project),
            {standing}, {JUDGED}, {TOLD_ROWS}, {VALUES}, {COMPARED}
        SELECT * FROM compared) c""")
    for token, place in _SIDES.items():
        text = text.replace(token, place)
    return text


def _state(known: str) -> AsOf:
    """Link to the project of a step as known at a position."""
    return AsOf(
        "Project",
        lambda _: (known, "$parent.judged_on"),
        lambda _: (
            "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down WHERE EXISTS (SELECT 1"
            f" FROM read.projects p WHERE p.project = $parent.project AND {believed('p')}"
            " AND p.day_to <= $on)"
        ),
    )


REPLAY_STEP = Relation(
    "ReplayStep",
    row={"position": "bigint", "judged_on": "date", "project": "text"},
    fields={
        "event": One("Event", lambda _: "SELECT $parent.position AS position"),
        "judged_on": Value("$self.judged_on", "date"),
        "before": _state("($parent.position - 1)"),
        "after": _state("$parent.position"),
        "changes": Many("FieldChange", _changes, "$self.path"),
    },
)

RELATIONS = (REPLAY_STEP,)
PROJECT_FIELDS: dict[str, Page] = {"replay": Page("ReplayStep", _steps, ("position",))}
