"""Say in SQL what questions over many projects need of each: where it lies, how large, how far.

First days hold for all days, see `first_days`. Where a project lies and what it costs can turn, so
lives have days from and to.
"""

from typing import Final

from projections.judging.first_days import firsts_of, told_of
from projections.spans.settled_findings import SEEN_BY
from projections.spans.span_edges import spans_of
from projections.terms.seen import believed, last_seen, seen

LIFE_COLUMNS: Final = (
    *("district", "park", "industry", "total", "submitted"),
    *("firsts", "coarse", "unsteady", "inspected", "seen_by"),
)
"""What is kept of a project: names, the total in yuan, and the first day of its admission.

`seen_by` is the day from which on everything is seen, the others are those of `first_days`.
"""

_STATES = f"""SELECT b.project, b.day, b.next_day, b.rank, r.district, r.park, r.industry,
        coalesce({last_seen("signings", "total_investment", "b.project")}, r.intended_investment)
            AS total,
        (SELECT min(a.day_to) FROM read.admissions a WHERE a.project = b.project
            AND a.act = 'submitted' AND {believed("a")}) AS submitted,
        {told_of("f")}, e.day AS seen_by
    FROM card_days b CROSS JOIN LATERAL (
        SELECT r.district, r.park, r.industry, r.intended_investment FROM read.projects r
        WHERE r.project = b.project AND {seen("r")} ORDER BY r.order_key DESC LIMIT 1) r
    LEFT JOIN life_firsts f ON f.project = b.project
    LEFT JOIN life_seen e ON e.project = b.project"""
LIFE_SPANS: Final = f"""life_firsts AS MATERIALIZED ({firsts_of(believed("m"))}),
life_seen AS MATERIALIZED ({SEEN_BY}),
{spans_of("life", ("project",), LIFE_COLUMNS, _STATES.replace("$on", "b.day"))}"""
"""The spans of the lives of the projects of a page, as `fresh_life`, beside `card_days`."""
