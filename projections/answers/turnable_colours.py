"""Which projects may have another colour at two pairs of clocks, so that only these are judged.

A colour can only turn when a fact comes or goes, at the beginning of a warning or the end of a
deadline, when a decided colour or a policy begins or ends, and at the end of a month where pace
counts. Facts that come or go are moved rows. Of projects without any the plans are alike at both
sides, so the days of one side are those of the other; days too many do no harm.

The texts stand beside those of `differences`: the moved rows and `standing_before`.
"""

from projections.judging.reach import whole
from projections.judging.two_moments import at
from projections.spans.span_days import BY_PROJECT, IS_PACED, OF_PACE, planned_days
from projections.terms.seen import believed


def _passed(day: str) -> str:
    """Give the condition that a day came between the two judged days."""
    return f"({day} > b.first AND {day} <= b.last)"


_FIRST, _LAST = "least($on_before, $on_after)", "greatest($on_before, $on_after)"
_BETWEEN = f"(SELECT {_FIRST} AS first, {_LAST} AS last) b"
_PLACED = "starts_with(s.district, p.jurisdiction)"

_BY_FACTS = " UNION ALL ".join(
    f"SELECT m.project FROM moved_{table} m WHERE {IS_PACED if table in OF_PACE else 'true'}"
    for table in BY_PROJECT
)
_BY_LISTS = """SELECT l.project FROM moved_lists p
    JOIN read.listings l ON l.list_id = p.list_id"""
_BY_RULES = """SELECT s.project FROM standing_before s JOIN moved_policies p
    ON p.policy_kind IN ('colour', 'permit-set') AND starts_with(s.district, p.jurisdiction)"""

_BY_TIME = f"""WITH {planned_days("(SELECT * FROM standing_before WHERE {})", (_FIRST, _LAST))}
    SELECT w.project FROM windowed w CROSS JOIN {_BETWEEN}
    WHERE {_passed("w.warned_on")} OR {_passed("(w.deadline + 1)")}
    UNION ALL
    SELECT o.project FROM read.colour_overrides o CROSS JOIN {_BETWEEN}
    WHERE {believed("o")} AND {_passed("(o.until_to + 1)")}
    UNION ALL
    SELECT s.project FROM standing_before s JOIN policies p ON {_PLACED} CROSS JOIN {_BETWEEN}
    WHERE {_passed("p.effective_from")} OR {_passed("(p.effective_to + 1)")}
    UNION ALL
    SELECT s.project FROM standing_before s
    JOIN policies p ON {_PLACED} AND (p.rules #>> '{{{{pace,enabled}}}}')::boolean
    JOIN read.listings l ON l.project = s.project CROSS JOIN {_BETWEEN}
    WHERE date_trunc('month', b.first) <> date_trunc('month', b.last)
        OR date_trunc('month', b.first + 1) <> date_trunc('month', b.last + 1)"""


def turnable(wanted: str) -> str:
    """Select the projects whose colour may differ, if a condition holds that is decided once."""
    by_time = at("before", whole(_BY_TIME.format(wanted)))
    return f"""SELECT t.project FROM (
        {_BY_FACTS} UNION ALL {_BY_LISTS} UNION ALL {_BY_RULES}
        UNION ALL SELECT t.project FROM ({by_time}) t) t WHERE {wanted}"""
