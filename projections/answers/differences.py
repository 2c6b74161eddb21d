"""What is different about projects between two pairs of clocks, and which events made it so.

Only what changed is read: rows of the read models that are seen at one of the two pairs alone lead
to the projects, and the values of those are compared; colours come from their spans. A project that
is not registered at one of the two was added or removed there, and has no values at it.

Each value has the events that made the difference: those whose rows are seen at one side only and
say something else about it than the rows before them. A colour may also change because time passed;
then it has no event.
"""

from collections.abc import Iterable

from projections.answers.difference_values import (
    CAUSES,
    COLOUR,
    DEVIATION,
    MOVED,
    NODE_COLOUR,
    READ,
    SPANNED,
    TOLD_ROWS,
    TURNED,
    USUAL,
    asked_for,
    values,
)
from projections.answers.project_filter import filtered
from projections.answers.turnable_colours import turnable
from projections.judging.project_scope import registered
from projections.judging.reach import whole
from projections.judging.two_moments import SIDES, Side, at, moved_rows
from projections.terms.relation import Arguments, AsOf, Field, Many, One, Page, Relation, Value


def wanted(arguments: Arguments, usual: Iterable[str] = USUAL) -> str:
    """Give the expression `wanted` of the groups of values to compare."""
    fields = "ARRAY[" + ", ".join(f"'{field}'" for field in usual) + "]"
    if arguments.given("fields"):
        fields = arguments.bind("fields", "text[]")
    return f"wanted AS MATERIALIZED (SELECT {fields} AS fields)"


def _found(arguments: Arguments) -> str:
    """Select the projects that pass the filter at either side."""
    source = filtered(arguments, elsewhere=True)
    return " UNION ".join(f"SELECT f.project FROM ({at(side, source)}) f" for side in SIDES)


_LED = " UNION ALL ".join(
    f"SELECT m.project FROM moved_{table} m WHERE {asked_for(*fields)}"
    for table, fields in READ.items()
)
_RELISTED = f"""SELECT l.project FROM moved_lists p JOIN read.listings l ON l.list_id = p.list_id
    WHERE {asked_for("LISTING")}"""

# Time alone may turn these, so that they are judged for all projects.
_ALL = f"SELECT f.project FROM found f WHERE {asked_for(NODE_COLOUR, DEVIATION)}"


def _standing(side: Side) -> str:
    """Select the projects found that are registered at a side, with their districts."""
    there = at(side, registered("r.project IN (SELECT f.project FROM found f)"))
    return f"standing_{side} AS MATERIALIZED (SELECT r.project, r.district FROM ({there}) r)"


def _coloured(side: Side) -> str:
    """Select the projects registered at a side that may have another colour at the other."""
    return f"""coloured_{side} AS MATERIALIZED (SELECT s.* FROM standing_{side} s
        WHERE s.project IN (SELECT t.project FROM turnable t))"""


_MOVED = ", ".join(f"moved_{table} AS MATERIALIZED ({moved_rows(table)})" for table in MOVED)
VALUES = ", ".join(
    f"""values_{side} AS MATERIALIZED (
        {values(side)})"""
    for side in SIDES
)
COMPARED = """compared AS MATERIALIZED (
    SELECT coalesce(o.project, n.project) AS project, coalesce(o.path, n.path) AS path,
        o.value AS old, n.value AS new
    FROM values_before o FULL JOIN values_after n ON n.project = o.project AND n.path = o.path
    WHERE o.value IS DISTINCT FROM n.value)"""
"""What has another value at the other side."""

_EXPLAINED = f"""explained AS (
    SELECT e.project, e.path, array_agg(e.cause ORDER BY e.is_first DESC, e.order_key DESC,
        e.cause DESC) AS causes
    FROM ({CAUSES}) e GROUP BY e.project, e.path)"""


def differences(arguments: Arguments) -> str:
    """Select one row a project with something different, with all that is different about it.

    Which projects a caller sees is decided at each side by `found` and `standing`.
    """
    return whole(f"""WITH {wanted(arguments)},
        found AS MATERIALIZED ({_found(arguments)}), {_MOVED},
        concerned AS MATERIALIZED (
            SELECT DISTINCT l.project FROM ({_LED} UNION ALL {_RELISTED} UNION ALL {_ALL}) l
            WHERE l.project IN (SELECT f.project FROM found f)),
        {_standing("before")}, {_standing("after")},
        turnable AS MATERIALIZED ({turnable(asked_for(COLOUR))}),
        {_coloured("before")}, {_coloured("after")},
        {SPANNED}, {TOLD_ROWS}, {VALUES}, {COMPARED}, {TURNED}, {_EXPLAINED}
        SELECT d.*, CASE d.kind WHEN 'removed' THEN $known_before ELSE $known_after END AS known,
            CASE d.kind WHEN 'removed' THEN $on_before ELSE $on_after END AS judged_on
        FROM (
            SELECT c.project, CASE WHEN b.project IS NULL THEN 'added'
                    WHEN a.project IS NULL THEN 'removed' ELSE 'changed' END AS kind,
                jsonb_agg(jsonb_build_object('path', c.path, 'old', c.old, 'new', c.new,
                    'causes', coalesce(to_jsonb(x.causes), '[]')) ORDER BY c.path) AS changes
            FROM compared c LEFT JOIN explained x ON x.project = c.project AND x.path = c.path
            LEFT JOIN standing_before b ON b.project = c.project
            LEFT JOIN standing_after a ON a.project = c.project
            GROUP BY c.project, b.project, a.project) d""")


def _sliced(arguments: Arguments) -> str:
    """Select as many rows as are wanted after some project."""
    source = differences(arguments)
    after = limit = ""
    if arguments.given("after"):
        after = f" WHERE d.project > {arguments.bind('after', 'text')}"
    if arguments.given("first"):
        limit = f" LIMIT {arguments.bind('first', 'bigint')}"
    return f"SELECT d.* FROM ({source}) d{after} ORDER BY d.project{limit}"


PROJECT_DIFF = Relation(
    "ProjectDiff",
    row={
        "project": "text",
        "kind": "text",
        "changes": "jsonb",
        "known": "bigint",
        "judged_on": "date",
    },
    fields={
        "project": AsOf(
            "Project",
            lambda _: ("$parent.known", "$parent.judged_on"),
            lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down",
        ),
        "kind": Value("$self.kind", "enum"),
        "changes": Many(
            "FieldChange",
            lambda _: (
                """SELECT c.path, c.old, c.new, c.causes FROM
                jsonb_to_recordset($parent.changes)
                AS c (path text, old jsonb, new jsonb, causes bigint[])"""
            ),
            "$self.path",
        ),
    },
)

FIELD_CHANGE = Relation(
    "FieldChange",
    row={"path": "text", "old": "jsonb", "new": "jsonb", "causes": "bigint[]"},
    fields={
        "path": Value("$self.path", "text"),
        "old": Value("$self.old", "json"),
        "new": Value("$self.new", "json"),
        "cause": One(
            "Event",
            lambda _: "SELECT $parent.causes[1] AS position WHERE $parent.causes[1] IS NOT NULL",
        ),
        "causes": Many(
            "Event",
            lambda _: "SELECT DISTINCT u.position FROM unnest($parent.causes) AS u (position)",
            "$self.position",
        ),
    },
)

RELATIONS = (PROJECT_DIFF, FIELD_CHANGE)
ROOTS: dict[str, Field] = {
    "diff": Many("ProjectDiff", _sliced, "$self.project"),
    "diffs": Page("ProjectDiff", differences, ("project",)),
}
