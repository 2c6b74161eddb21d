"""What is compared about a project at two pairs of clocks, and the events behind each value.

Texts here are common table expressions or SELECTs beside those that `differences` defines, as
`wanted (fields)`, `concerned (project)` and `standing_<side> (project, district)`. Values are
`(project, path, value)`, causes `(project, path, cause, order_key, is_first)`; of the causes of a
path the last in the order of the fold is the one shown, those with `is_first` before others.
"""

from dataclasses import dataclass
from typing import Final

from domain.milestone_state import COMPLETE
from domain.phase import EVIDENCE, PROJECT_WIDE
from projections.answers.milestone_states import states_of
from projections.judging.entries import entries
from projections.judging.findings import deviations_of
from projections.judging.phase_states import standing_of
from projections.judging.project_colours import colours_of
from projections.judging.reach import whole
from projections.judging.two_moments import CAUSE, SIDES, Side, at, seen_at
from projections.spans.span_days import BY_PROJECT, IS_PACED, OF_PACE
from projections.spans.spans import colours_on_day

PROJECT, PHASE, COLOUR, PLAN, REACHED, AGREED, LISTING, EVALUATION = USUAL = (
    "PROJECT",
    "PHASE",
    "COLOUR",
    "PLAN",
    "REACHED",
    "AGREED",
    "LISTING",
    "EVALUATION",
)
"""The groups of values that are compared if nothing is said."""

PERMIT, INVESTMENT, NODE_COLOUR, DEVIATION = FURTHER = (
    "PERMIT",
    "INVESTMENT",
    "NODE_COLOUR",
    "DEVIATION",
)
"""What every project has much of, and judgements for which all projects are looked at."""
FIELDS = (*USUAL, *FURTHER)


def asked_for(*fields: str) -> str:
    """Give the condition that one of some groups of fields is wanted."""
    named = ", ".join(f"'{field}'" for field in fields)
    return f"(SELECT g.fields && ARRAY[{named}] FROM wanted g)"


def _wan_yuan(column: str) -> str:
    """Give an amount as answers show it by default: 万元, exact, as text."""
    return f"trim_scale(x.{column} * 0.0001)::text"


def _object(**values: str) -> str:
    """Give the SQL of a JSON object of path and value."""
    members = ", ".join(f"'{name}', {sql}" for name, sql in values.items())
    return f"jsonb_build_object({members})"


@dataclass(frozen=True, slots=True)
class Told:
    """Values that the last row of a read model says about a project, or about a key in it.

    `says` gives a JSON object from the row `x`; the path of each value is its name there.
    """

    field: str
    table: str
    says: str
    key: str = "''"


TOLD: Final = (
    Told(
        PROJECT,
        "projects",
        _object(
            title="x.title",
            region="x.district",
            park="x.park",
            industry="x.industry",
            enterprise="x.enterprise",
            intendedInvestment=_wan_yuan("intended_investment"),
        ),
    ),
    Told(PROJECT, "codes", _object(code="x.code")),
    Told(
        PROJECT,
        "signings",
        _object(
            totalInvestment=_wan_yuan("total_investment"),
            fixedAssetInvestment=_wan_yuan("fixed_asset_investment"),
        ),
    ),
    Told(
        PLAN,
        "milestone_forecasts",
        """jsonb_build_object(concat('phases.' || x.phase_id || '.', 'milestones.', upper(x.node),
            '.forecast'), x.forecast)""",
        "concat(x.node, ' ', x.phase_id)",
    ),
    Told(
        AGREED,
        "agreements",
        """(SELECT jsonb_object_agg(concat('agreements.', x.agreement_id, '.', t.name), t.value)
            FROM (SELECT * FROM jsonb_each(x.indicators) UNION ALL VALUES
                ('startDue', to_jsonb(x.start_due)), ('completionDue', to_jsonb(x.completion_due)),
                ('capacityDue', to_jsonb(x.capacity_due))) AS t (name, value))""",
        "x.agreement_id",
    ),
    Told(
        EVALUATION,
        "evaluations",
        """jsonb_build_object(concat('evaluations.', x.checkpoint, '.total'), x.total::text,
            concat('evaluations.', x.checkpoint, '.grade'), x.grade)""",
        "x.checkpoint",
    ),
    Told(
        PERMIT,
        "permits",
        """CASE WHEN x.status IS NULL
            THEN jsonb_build_object(concat('permits.', upper(x.permit_kind), '.issued'),
                x.occurred_on)
            ELSE jsonb_build_object(concat('permits.', upper(x.permit_kind), '.status'),
                x.status) END""",
        "concat(x.permit_kind, ' ', x.case_no, ' ', x.status IS NULL)",
    ),
    Told(
        INVESTMENT,
        "investments",
        f"""jsonb_build_object(concat('investment.', x.month, '.', upper(x.basis)),
            {_wan_yuan("ytd")})""",
        "concat(x.month, ' ', x.basis)",
    ),
)


def _rows(told: Told, side: Side) -> str:
    """Select what the rows of one read model say that are seen at a side."""
    other = SIDES[1 - SIDES.index(side)]
    return f"""SELECT '{side}' AS side, '{told.table}' AS source, x.project, {told.key} AS key,
        {told.says} AS says, x.order_key, NOT {seen_at(other, "x")} AS alone, {CAUSE} AS cause
    FROM read.{told.table} x
    WHERE {seen_at(side, "x")} AND {asked_for(told.field)}
        AND x.project IN (SELECT c.project FROM concerned c)"""


TOLD_ROWS: Final = f"""told AS MATERIALIZED (
    SELECT t.*, lag(t.says) OVER w AS said, lead(t.key) OVER w IS NULL AS is_last
    FROM ({" UNION ALL ".join(_rows(told, side) for told in TOLD for side in SIDES)}) t
    WINDOW w AS (PARTITION BY t.side, t.source, t.project, t.key ORDER BY t.order_key))"""
"""What rows say, and what the row before each of them said, for the projects concerned."""

_TOLD_CAUSES = """SELECT t.project, v.path, t.cause, t.order_key, t.side = 'after' AS is_first
    FROM told t CROSS JOIN LATERAL (
        SELECT coalesce(n.key, o.key) AS path
        FROM jsonb_each(t.says) n FULL JOIN jsonb_each(t.said) o ON o.key = n.key
        WHERE n.value IS DISTINCT FROM o.value) v
    WHERE t.alone"""


def _is_standing(side: Side, alias: str) -> str:
    """Give the condition that a project is registered at a side, as a look-up in a hash."""
    return f"({alias}.project IN (SELECT s.project FROM standing_{side} s)) IS TRUE"


def _told_values(side: Side) -> str:
    return f"""SELECT t.project, v.key AS path, v.value
    FROM told t CROSS JOIN LATERAL jsonb_each(t.says) v
    WHERE t.is_last AND t.side = '{side}' AND v.value <> 'null' AND {_is_standing(side, "t")}"""


_STOPS = ("suspended", "resumed", "withdrawn", "terminated", "post_evaluated")
_PROVING = ", ".join(f"'{mark}'" for mark in (*EVIDENCE, *_STOPS))
_PROVES = ", ".join(f"('{mark}', '{phase}')" for mark, phase in EVIDENCE.items())
_WIDE = ", ".join(f"'{mark}'" for mark in sorted(PROJECT_WIDE))


def _scope(side: Side, where: str) -> str:
    """Give the scope of the projects concerned that are registered at a side."""
    return f"""SELECT row_number() OVER ()::integer AS n, s.project, s.district, $on AS day,
        $on AS cut FROM standing_{side} s
        WHERE s.project IN (SELECT c.project FROM concerned c) AND {where}"""


def _phase_values(side: Side) -> str:
    judged = at(side, whole(standing_of(_scope(side, asked_for(PHASE)))))
    return f"""SELECT p.project, v.path, to_jsonb(upper(v.phase)) AS value FROM ({judged}) p
    CROSS JOIN LATERAL (VALUES ('phase', p.furthest), ('phaseLeast', p.least)) AS v (path, phase)"""


_PHASE_CAUSES = f"""SELECT m.project, v.path, m.cause, m.order_key,
        m.seen_after AND to_jsonb(upper(p.phase)) = n.value AS is_first
    FROM moved_lifecycle m CROSS JOIN (VALUES ('phase'), ('phaseLeast')) AS v (path)
    LEFT JOIN (VALUES {_PROVES}) AS p (mark, phase) ON p.mark = m.mark
    LEFT JOIN values_after n ON n.project = m.project AND n.path = v.path
    WHERE m.mark IN ({_PROVING})
    UNION ALL SELECT m.project, v.path, m.cause, m.order_key, false
    FROM (SELECT r.project, r.cause, r.order_key FROM moved_projects r
            WHERE r.project NOT IN (SELECT s.project FROM standing_before s)
                OR r.project NOT IN (SELECT s.project FROM standing_after s)
        UNION ALL SELECT p.project, p.cause, p.order_key FROM moved_phases p) m
    CROSS JOIN (VALUES ('phase'), ('phaseLeast')) AS v (path)"""

_NODE = """concat(CASE WHEN p.phase_id <> p.first_phase THEN 'phases.' || p.phase_id || '.' END,
        'milestones.', upper(p.node))"""


def _node_values(side: Side) -> str:
    judged = at(side, whole(states_of(_scope(side, asked_for(PLAN, REACHED, NODE_COLOUR)))))
    return f"""SELECT p.project, {_NODE} || v.path AS path, to_jsonb(v.told) AS value
    FROM ({judged}) p CROSS JOIN LATERAL (VALUES
        ('.planned', p.planned, {asked_for(PLAN)}),
        ('.actual', p.actual, {asked_for(REACHED)}),
        ('.colour', upper(p.colour), {asked_for(NODE_COLOUR)})) AS v (path, told, wanted)
    WHERE v.told IS NOT NULL AND v.wanted"""


_NODE_CAUSES = f"""SELECT c.project, c.path, m.cause, m.order_key, m.seen_after AS is_first
    FROM compared c JOIN moved_milestone_plans m ON m.project = c.project
        AND c.path LIKE ANY (ARRAY['%milestones.' || upper(m.node) || '.planned',
            '%milestones.' || upper(m.node) || '.colour'])
        AND (m.phase_id IS NULL OR c.path LIKE 'milestones.%'
            OR c.path LIKE 'phases.' || m.phase_id || '.%')
    UNION ALL SELECT c.project, c.path, m.cause, m.order_key, m.seen_after
    FROM compared c JOIN moved_lifecycle m ON m.project = c.project
        AND c.path SIMILAR TO concat('%milestones.', upper(CASE m.mark
            WHEN 'permit_issued' THEN '{COMPLETE}' ELSE m.mark END), '.(actual|colour)')
        AND (m.phase_id IS NULL OR m.mark IN ({_WIDE}) OR c.path LIKE 'milestones.%'
            OR c.path LIKE 'phases.' || m.phase_id || '.%')"""


def _listing_values(side: Side) -> str:
    listed = at(side, whole(entries(listings="l.project IN (SELECT c.project FROM concerned c)")))
    return f"""SELECT e.project, 'listings.' || e.list_id || v.path AS path, v.value
    FROM ({listed}) e CROSS JOIN LATERAL (VALUES
        ('.level', to_jsonb(upper(e.level))), ('.class', to_jsonb(upper(e.class))),
        ('.annualPlan', to_jsonb(trim_scale(e.annual_plan * 0.0001)::text))) AS v (path, value)
    WHERE {asked_for(LISTING)} AND v.value IS NOT NULL AND {_is_standing(side, "e")}"""


_LISTING_CAUSES = """SELECT c.project, c.path, m.cause, m.order_key, m.seen_after AS is_first
    FROM compared c JOIN moved_listings m ON m.project = c.project
        AND starts_with(c.path, 'listings.' || m.list_id || '.')
    UNION ALL SELECT c.project, c.path, m.cause, m.order_key, false
    FROM compared c JOIN moved_lists m ON starts_with(c.path, 'listings.' || m.list_id || '.')"""


def _deviation_values(side: Side) -> str:
    judged = at(side, whole(deviations_of(_scope(side, asked_for(DEVIATION)))))
    return f"""SELECT d.project, 'deviations.' || d.rule AS path, jsonb_agg(jsonb_build_object(
            'severity', d.severity, 'message', d.message, 'exemption', d.exemption)
            ORDER BY d.phase_id, d.positions) AS value
    FROM ({judged}) d GROUP BY d.project, d.rule"""


# What breaks a rule is a mark, an absent one, or a requirement; a retracted one may heal it.
_DEVIATION_CAUSES = """SELECT c.project, c.path, m.cause, m.order_key, m.seen_after AS is_first
    FROM compared c JOIN (
        SELECT l.project, l.cause, l.order_key, l.seen_after FROM moved_lifecycle l
        UNION ALL SELECT q.project, q.cause, q.order_key, q.seen_after FROM moved_requirements q
    ) m ON m.project = c.project
    WHERE starts_with(c.path, 'deviations.')"""


def _colour_values(side: Side) -> str:
    return f"""SELECT c.project, 'colour' AS path, to_jsonb(upper(c.colour)) AS value
    FROM colours_{side} c"""


_NOT_MOVED = """SELECT row_number() OVER ()::integer AS n, c.project, s.district,
        $on_after AS day, $on_before AS cut
    FROM compared c JOIN standing_before s ON s.project = c.project
    WHERE c.path = 'colour' AND c.old IS NOT NULL AND c.new IS NOT NULL"""

_SPANNED = tuple(at(side, whole(colours_on_day(f"coloured_{side}"))) for side in SIDES)
SPANNED: Final = ", ".join(
    f"colours_{side} AS MATERIALIZED ({text})" for side, text in zip(SIDES, _SPANNED, strict=True)
)
"""The colours at both sides, from spans where they hold; beside `coloured_<side>`, which are
the projects of a side if colours are asked for."""

_JUDGED = tuple(at(side, whole(colours_of(_scope(side, asked_for(COLOUR))))) for side in SIDES)
JUDGED: Final = ", ".join(
    f"colours_{side} AS MATERIALIZED ({text})" for side, text in zip(SIDES, _JUDGED, strict=True)
)
"""The same, judged for the projects concerned alone."""
_HALTING = ", ".join(f"'{mark}'" for mark in _STOPS)
# A node that was never planned has no colour, so a mark of it turns none.
_MARKS_OF_COLOUR = f"""(m.mark IN ({_HALTING})
        OR EXISTS (SELECT FROM read.milestone_plans l WHERE l.project = m.project
            AND l.node = CASE m.mark WHEN 'permit_issued' THEN '{COMPLETE}' ELSE m.mark END
            OFFSET 0))"""
_OF_TURNED = "m.project IN (SELECT t.project FROM turned t)"
_RAISED = " UNION ALL ".join(
    f"""SELECT m.project, m.cause, m.order_key, m.seen_after FROM moved_{table} m
    WHERE {_OF_TURNED} AND {_MARKS_OF_COLOUR if table == "lifecycle" else "true"}"""
    for table in BY_PROJECT
    if table not in OF_PACE
)
_PACED = " UNION ALL ".join(
    f"""SELECT m.project, m.cause, m.order_key, m.seen_after FROM moved_{table} m
    WHERE {IS_PACED} AND {_OF_TURNED}"""
    for table in sorted(OF_PACE)
)
# Pace and policies are named only where nothing else about the project moved, since every project
# reports its investment month by month.
_COLOUR_CAUSES = f"""SELECT c.project, c.path, r.cause, r.order_key, r.seen_after AS is_first
    FROM turned c JOIN ({_RAISED}) r ON r.project = c.project
    UNION ALL SELECT c.project, c.path, p.cause, p.order_key, p.seen_after
    FROM turned c JOIN ({_PACED}) p ON p.project = c.project
    WHERE c.project NOT IN (SELECT r.project FROM ({_RAISED}) r)
    UNION ALL SELECT c.project, c.path, m.cause, m.order_key, false
    FROM turned c JOIN standing_after s ON s.project = c.project
    JOIN moved_policies m ON m.policy_kind = 'colour' AND starts_with(s.district, m.jurisdiction)
    WHERE c.project NOT IN (SELECT r.project FROM ({_RAISED} UNION ALL {_PACED}) r)"""

TURNED: Final = f"""turned AS MATERIALIZED (
    SELECT c.project, c.path FROM compared c WHERE c.path = 'colour' AND c.project NOT IN (
        SELECT u.project FROM ({at("before", whole(colours_of(_NOT_MOVED)))}) u
        JOIN compared d ON d.project = u.project AND d.path = 'colour'
        WHERE to_jsonb(upper(u.colour)) = d.new))"""
"""The projects whose colour would not have changed alike while time passed without new facts."""


def values(side: Side) -> str:
    """Select every value at a side of the projects concerned, and the colours of all."""
    parts = (
        _told_values,
        _phase_values,
        _node_values,
        _listing_values,
        _deviation_values,
        _colour_values,
    )
    return " UNION ALL ".join(part(side) for part in parts)


_EACH_CAUSE = (
    _TOLD_CAUSES,
    _PHASE_CAUSES,
    _NODE_CAUSES,
    _LISTING_CAUSES,
    _DEVIATION_CAUSES,
    _COLOUR_CAUSES,
)
CAUSES: Final = " UNION ALL ".join(_EACH_CAUSE)
"""The events that made each difference, beside everything else."""

READ: Final = {
    "projects": FIELDS,
    **{told.table: (told.field,) for told in TOLD if told.table != "projects"},
    "lifecycle": (PHASE, REACHED),
    "phases": (PHASE, PLAN, REACHED),
    "milestone_plans": (PLAN,),
    "listings": (LISTING,),
}
"""The read models whose moved rows lead to the projects concerned, and for which fields."""

MOVED: Final = tuple(sorted({*READ, *BY_PROJECT, "lists", "policies", "requirements"}))
"""All read models whose moved rows are looked at."""
