"""Say in SQL what is shown first of projects, their cards, and on which days that turns."""

from typing import Final

from projections.judging.project_facts import demanded, invested_total, land_basis, total_money
from projections.spans.span_edges import spans_of
from projections.terms.seen import believed, last_seen

CARD_COLUMNS: Final = (
    *("district", "title", "park", "enterprise", "code", "total", "total_as_reported"),
    *("last_total", "last_fixed", "demanded", "land_basis"),
)
"""What is kept of a project: names, money in yuan, land in mu, and which land counts."""

BY_PROJECT: Final = ("admissions", "codes", "projects", "signings")
"""The read models of projects that cards depend on."""

_VALUES = {
    "district": last_seen("projects", "district", "b.project"),
    "title": last_seen("projects", "title", "b.project"),
    "park": last_seen("projects", "park", "b.project"),
    "enterprise": last_seen("projects", "enterprise", "b.project"),
    "code": last_seen("codes", "code", "b.project"),
    "total": "m.yuan",
    "total_as_reported": "m.as_reported",
    "last_total": invested_total("b.project"),
    "last_fixed": last_seen("signings", "fixed_asset_investment", "b.project"),
    "demanded": demanded("b.project"),
    "land_basis": land_basis("b.project"),
}
_FACTS = " UNION ".join(
    f"""SELECT x.project, x.day_to FROM read.{table} x
        WHERE x.project = ANY ($2::text[]) AND {believed("x")}"""
    for table in BY_PROJECT
)
_STATES = f"""SELECT b.*, {", ".join(f"{_VALUES[name]} AS {name}" for name in CARD_COLUMNS)}
    FROM card_days b LEFT JOIN LATERAL ({total_money("b.project")}) m ON true"""
CARD_SPANS: Final = f"""card_days AS MATERIALIZED (
    SELECT d.project, d.day, row_number() OVER w AS rank,
        lag(d.project) OVER w IS DISTINCT FROM d.project AS is_first,
        coalesce(lead(d.day) OVER (PARTITION BY d.project ORDER BY d.day), 'infinity') AS next_day
    FROM ({_FACTS} UNION SELECT r.project, b.day FROM read.projects r
            JOIN read.policies p ON starts_with(r.district, p.jurisdiction)
            CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
        WHERE r.project = ANY ($2::text[]) AND {believed("r")}
            AND p.policy_kind = 'intensity' AND {believed("p")}) d (project, day)
    WHERE EXISTS (SELECT FROM read.projects r WHERE r.project = d.project AND {believed("r")}
        AND r.day_to <= d.day)
    WINDOW w AS (ORDER BY d.project, d.day)),
{spans_of("card", ("project",), CARD_COLUMNS, _STATES.replace("$on", "b.day"))}"""
"""The spans of the cards of the projects $2, as `fresh_card`."""
