"""Find in SQL the first day of each mark in the life of a project.

It is the day on which the first fact with the mark is seen. It counts from itself on, so that one
value tells it for all days: a question takes a first day after the judged one for none.

`firsts` are the first days by the numbers of the nodes, from 1. `coarse` and `unsteady` have a bit
for each node: whether the date that comes first is not exact to the day, and whether it is another
one in fold order than on the calendar, so that it has to be looked up. `inspected` tells whether
anybody ever verified a start.
"""

from projections.terms.node_places import PLACES
from projections.views.lifecycle import OF_NODE_OR_INSPECTION

_DAYS = ", ".join(f"min(m.day) FILTER (WHERE m.place = {place})" for place in PLACES.values())
_FIRST_IN_ORDER = "min(ARRAY[m.order_key, m.occurred_on, m.day_to::text])"


def firsts_of(condition: str) -> str:
    """Select (project, firsts, coarse, unsteady, inspected) of the marks `m` of a condition."""
    return f"""SELECT m.project, ARRAY[{_DAYS}] AS firsts,
            coalesce(bit_or(1 << m.place) FILTER (WHERE length(m.first[2]) < 10), 0) AS coarse,
            coalesce(bit_or(1 << m.place) FILTER (WHERE m.first[3]::date <> m.day), 0) AS unsteady,
            bool_or(m.place IS NULL) AS inspected
        FROM (SELECT m.project, m.place, min(m.day_to) AS day, {_FIRST_IN_ORDER} AS first
            FROM read.lifecycle m
            WHERE {OF_NODE_OR_INSPECTION} AND {condition}
            GROUP BY m.project, m.place) m
        GROUP BY m.project"""


def told_of(firsts: str) -> str:
    """Give the columns of `firsts_of`, joined by an alias, also where there are no marks."""
    return (
        f"coalesce({firsts}.firsts, '{{}}') AS firsts, coalesce({firsts}.coarse, 0) AS coarse,"
        f" coalesce({firsts}.unsteady, 0) AS unsteady,"
        f" coalesce({firsts}.inspected, false) AS inspected"
    )


def first_day(mark: str, life: str = "l") -> str:
    """Give the first day of a node's mark in a life; it is null, or after the day, without one."""
    return f"{life}.firsts[{PLACES[mark] + 1}]"


def has_bit(bits: str, mark: str, life: str = "l") -> str:
    """Give the condition that `coarse` or `unsteady` names a node."""
    return f"({life}.{bits} & {1 << PLACES[mark]} <> 0)"
