"""Say in SQL what is shown first of projects, their cards, and on which days that turns."""

from typing import Final

from projections.judging.project_facts import demanded, invested_total, land_basis, total_money
from projections.spans.span_edges import rank_of, spans_of
from projections.terms.seen import believed, last_seen

CARD_COLUMNS: Final = (
    *("district", "title", "park", "enterprise", "code", "total", "total_as_reported"),
    *("last_total", "last_fixed", "demanded", "land_basis"),
)
"""What is kept of a project: names, money in yuan, land in mu, and which land counts."""

BY_PROJECT: Final = ("admissions", "codes", "projects", "signings")
"""The read models of projects that cards depend on."""

_OF_LAST = {
    "projects": (
        *("district", "title", "park", "enterprise", "intended_land_mu"),
        "intended_investment",
    ),
    "codes": ("code",),
    "signings": ("fixed_asset_investment", "total_investment"),
}
"""The read models of which the last row counts, with the columns that cards take from it."""


def _from_last(expression: str) -> str:
    """Let an expression take columns of last rows from those that were looked up once for all."""
    for table, columns in _OF_LAST.items():
        for column in columns:
            looked_up = last_seen(table, column, "b.project")
            expression = expression.replace(looked_up, f"last_{table}.{column}")
    return expression


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


def _lasting(table: str, columns: tuple[str, ...]) -> str:
    """Say from which day to which day a row of a read model is the last one of its project."""
    return f"""(SELECT l.project, l.day_to AS day, {", ".join(f"l.{name}" for name in columns)},
            coalesce(lead(l.day_to) OVER (PARTITION BY l.project ORDER BY l.day_to),
                'infinity') AS next_day
        FROM (SELECT l.*, max(l.order_key) OVER (PARTITION BY l.project
                ORDER BY l.day_to, l.order_key DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM read.{table} l WHERE {believed("l")}) l
        WHERE l.before IS NULL OR l.order_key > l.before)"""


_LAST = "".join(
    f""" LEFT JOIN {_lasting(table, columns)} last_{table}
        ON last_{table}.project = b.project AND last_{table}.day <= b.day
            AND last_{table}.next_day > b.day"""
    for table, columns in _OF_LAST.items()
)
_FACTS = " UNION ".join(
    f"SELECT x.project, x.day_to FROM read.{table} x WHERE {believed('x')}" for table in BY_PROJECT
)
_STATES = _from_last(
    f"""SELECT b.*, {", ".join(f"{_VALUES[name]} AS {name}" for name in CARD_COLUMNS)}
    FROM card_days b{_LAST} LEFT JOIN LATERAL ({total_money("b.project")}) m ON true"""
)
CARD_SPANS: Final = f"""card_days AS MATERIALIZED (
    SELECT d.project, d.day,
        {rank_of("dense_rank() OVER (ORDER BY d.project)", "d.day")} AS rank,
        coalesce(lead(d.day) OVER (PARTITION BY d.project ORDER BY d.day), 'infinity') AS next_day
    FROM ({_FACTS} UNION SELECT r.project, b.day FROM read.projects r
            JOIN read.policies p ON starts_with(r.district, p.jurisdiction)
            CROSS JOIN LATERAL (VALUES (p.effective_from), (p.effective_to + 1)) AS b (day)
        WHERE {believed("r")} AND p.policy_kind = 'intensity' AND {believed("p")}) d (project, day)
    WHERE EXISTS (SELECT FROM read.projects r WHERE r.project = d.project AND {believed("r")}
        AND r.day_to <= d.day)),
{spans_of("card", ("project",), CARD_COLUMNS, _STATES.replace("$on", "b.day"))}"""
"""The spans of the cards of the projects of a page, as `fresh_card`."""
