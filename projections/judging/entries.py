"""Say in SQL which projects stand on which annual lists, and under which class and plan.

An entry is folded from its listing and the amendments of it. Each of its parts is what the last
fact that speaks of it says: a replan changes the plan and leaves the class, a removal ends the
entry until it is listed or added anew. An entry counts once its list is published.
"""

from projections.terms.relation import Arguments
from projections.terms.seen import seen

MEMBERSHIP = "('listed', 'add', 'remove')"
"""The acts that decide whether an entry stands; the others leave that as it was."""

BROADEST_FIRST = "array_position(ARRAY['district', 'municipal', 'prefecture', 'provincial'], {})"
"""Orders levels from the widest list to the most select one."""

_PUBLISHED = f"""SELECT DISTINCT ON (p.list_id) p.list_id, p.year, p.level, p.version_label
    FROM read.lists p WHERE {seen("p")} ORDER BY p.list_id, p.order_key DESC"""


def _last(column: str) -> str:
    """Give the value of a column in the last fact of the group that states it."""
    return f"(max(ARRAY[l.order_key, l.{column}::text]) FILTER (WHERE l.{column} IS NOT NULL))[2]"


def entries(lists: str = "true", listings: str = "true", *, removed: bool = False) -> str:
    """Select the entries in force: project, list_id, year, level, version_label, class, plan.

    The conditions narrow the lists (alias `p`) and the facts about entries (alias `l`); the latter
    may only choose projects, since an entry needs all of its facts. With `removed` those that were
    taken off a list are there too, and told apart in a column of that name.
    """
    standing = "true" if removed else "e.act <> 'remove'"
    return f"""SELECT e.project, e.list_id, e.year, e.level, e.version_label, e.class,
        e.annual_plan::bigint AS annual_plan, e.plan_as_reported, e.stated,
        e.act = 'remove' AS removed
    FROM (SELECT l.project, p.list_id, p.year, p.level, p.version_label,
            (max(ARRAY[l.order_key, l.act]) FILTER (WHERE l.act IN {MEMBERSHIP}))[2] AS act,
            {_last("class")} AS class, {_last("annual_plan")} AS annual_plan,
            (max(ARRAY[l.order_key, l.plan_as_reported])
                FILTER (WHERE l.annual_plan IS NOT NULL))[2] AS plan_as_reported,
            max(l.order_key) AS stated
        FROM ({_PUBLISHED}) p JOIN read.listings l ON l.list_id = p.list_id
            AND coalesce(l.only_year, p.year) = p.year
        WHERE {lists} AND {seen("l")} AND {listings}
        GROUP BY l.project, p.list_id, p.year, p.level, p.version_label) e
    WHERE {standing}"""


def one_each(source: str, columns: str = "s.project") -> str:
    """Keep one entry for each value of the columns: on the widest list, the last one stated."""
    order = BROADEST_FIRST.format("s.level")
    return (
        f"SELECT DISTINCT ON ({columns}) s.* FROM ({source}) s"
        f" ORDER BY {columns}, {order}, s.stated DESC, s.list_id"
    )


def listed_above_district() -> str:
    """Select the projects ever put on a published list of municipal or higher level."""
    return f"""SELECT DISTINCT l.project FROM ({_PUBLISHED}) p
        JOIN read.listings l ON l.list_id = p.list_id AND coalesce(l.only_year, p.year) = p.year
        WHERE p.level <> 'district' AND l.act IN ('listed', 'add') AND {seen("l")}"""


def any_of(column: str, arguments: Arguments, name: str) -> str:
    """Give the condition that a stored lower-case name is among the given ones, if any are."""
    if not arguments.given(name):
        return "true"
    # Enum values are upper case in questions and lower case in facts.
    return f"{column} = ANY (lower({arguments.bind(name, 'text[]')}::text)::text[])"
