"""What a published ranking would be today, where it differs, and which events made it so.

The pinned policy is applied to what is known now and, to find the causes, to what was known when
the ranking was made. Projects that add another number to a metric than they did then are the ones
that moved it; the causes are the events that changed their facts since. Where the ledger does not
know the pinned policy, only raw values of measures that it does know can be compared.
"""

import json
from decimal import Decimal

from domain.measures import MEASURES
from domain.ranking_rules import Metric
from projections.judging.measures import IS_JUDGED, contributions
from projections.judging.ranking_scores import METRICS, scored
from projections.judging.reach import whole
from projections.spans.lives import lives_in
from projections.terms.relation import Arguments, Many, One, Relation, Value
from projections.terms.seen import believed, quoted

THEN = "(SELECT t.size FROM known_then t)"
"""The position up to which facts were known then; `known_then` has it."""

_KNOWN_THEN = """SELECT coalesce((SELECT h.size FROM ledger.heads h
    WHERE h.recorded_at < $parent.as_known_at + CASE
        WHEN date_trunc('second', $parent.as_known_at) = $parent.as_known_at
        THEN INTERVAL '1 second' ELSE INTERVAL '1 microsecond' END
    ORDER BY h.recorded_at DESC, h.size DESC LIMIT 1), 0) AS size"""

_PLAIN = quoted(
    json.dumps(Metric(code="any", measure="starts", points="count").plainly(Decimal(0)))
)
_SORTS = ", ".join(f"('{code}', '{measure.sort}')" for code, measure in MEASURES.items())

_KNOWN_MEASURES = f"""jsonb_build_object('unit', 'district', 'digits', 6, 'metrics', coalesce((
    SELECT jsonb_agg({_PLAIN}::jsonb || jsonb_build_object('code', c.code, 'measure', c.code,
        'points', 'min-max', 'sort', s.sort) ORDER BY c.code)
    FROM codes c JOIN (VALUES {_SORTS}) AS s (code, sort) ON s.code = c.code), '[]'))"""
"""Rules that only take raw values, of the published metrics that are called like a measure."""

_JUDGED = f"""SELECT coalesce(g.rules, {_KNOWN_MEASURES}) AS rules, g.rules IS NOT NULL AS pinned,
        coalesce(g.jurisdiction, '') AS jurisdiction, coalesce(g.rules ->> 'unit', 'district')
            AS unit, $parent.since AS since, least($parent.last, $on) AS until,
        date_part('year', $parent.last)::integer AS year, $parent.period AS period
    FROM (SELECT) one LEFT JOIN (SELECT p.rules, p.jurisdiction FROM read.policies p
        WHERE p.policy = $parent.policy AND p.policy_kind = 'ranking' AND p.rules IS NOT NULL
            AND {believed("p")} ORDER BY p.order_key DESC LIMIT 1) g ON true
    WHERE $parent.position IS NOT NULL"""

_CODES = """SELECT DISTINCT m.code FROM jsonb_each($parent.scores) AS u (unit, scores)
    CROSS JOIN jsonb_object_keys(u.scores) AS m (code)"""

_WHOLE = """SELECT j.pinned AND (SELECT count(*) FROM codes) > 0 AND NOT EXISTS (
        SELECT 1 FROM codes c FULL JOIN metrics m ON m.code = c.code
        WHERE c.code IS NULL OR m.code IS NULL) AS scores,
    j.pinned AS ranks FROM judged j"""
"""Whether scores can be compared, which need the same metrics, and whether ranks can."""

_LINES = """SELECT r.unit, r.rank, r.score, r.metrics
    FROM jsonb_to_recordset($parent.lines) AS r
        (unit text, rank integer, score numeric, metrics jsonb)"""

_CELLS = """SELECT s.unit, x.metric ->> 'code' AS code, (x.metric ->> 'raw')::numeric AS raw,
        (x.metric ->> 'points')::numeric AS points
    FROM {} s CROSS JOIN jsonb_array_elements(s.metrics) AS x (metric)"""

_COMPARED = f"""SELECT o.unit, NULL AS code, 'rank' AS path, o.rank::numeric AS old,
        n.rank::numeric AS new
    FROM old_lines o FULL JOIN new_lines n ON n.unit = o.unit CROSS JOIN whole w WHERE w.ranks
    UNION ALL
    SELECT o.unit, NULL, 'score', o.score, round(n.score, scale(o.score))
    FROM old_lines o LEFT JOIN new_lines n ON n.unit = o.unit CROSS JOIN whole w WHERE w.scores
    UNION ALL
    SELECT o.unit, o.code, 'metrics.' || o.code || '.raw', o.raw, round(n.raw, scale(o.raw))
    FROM ({_CELLS.format("old_lines")}) o
    JOIN ({_CELLS.format("new_lines")}) n ON n.unit = o.unit AND n.code = o.code
    UNION ALL
    SELECT o.unit, o.code, 'metrics.' || o.code || '.points', o.points,
        round(n.points, scale(o.points))
    FROM ({_CELLS.format("old_lines")}) o
    JOIN ({_CELLS.format("new_lines")}) n ON n.unit = o.unit AND n.code = o.code
    CROSS JOIN judged j WHERE j.pinned"""

_LISTED = (
    "start_rate",
    "commissioning_rate",
    "completion_rate",
    "investment",
    "annual_plan",
    "continuing_projects",
    "provincial_projects",
    "new_projects",
)
_SIGNED = ("signings", "signed_investment", "park_entry_rate", "manufacturing_share")
_STARTED = ("start_rate", "starts", "enrolment_rate", "late_enrolments", "new_projects")
_ENROLLED = ("enrolments", "enrolment_rate", "late_enrolments")
_SIZED = ("starts", "enrolments", "completions", "commissionings")
_MARKED = {
    "construction_started": _STARTED,
    "start_verified": _STARTED,
    "statistics_enrolled": _ENROLLED,
    "signed": (*_SIGNED, "new_projects"),
    "completion_accepted": ("completions",),
    "commissioned": ("commissionings", "commissioning_rate"),
}


def _changed(table: str, measures: tuple[str, ...] | None, wanted: str = "true") -> str:
    """Select the events that opened or closed rows of moved projects since."""
    names = ", ".join(f"'{name}'" for name in measures or ())
    about = f"t.measure IN ({names})" if names else "true"
    # Few projects move a number, which the planner cannot know; so they are looked up one by one.
    return f"""SELECT m.code, m.unit, b.position
        FROM moved m JOIN metrics t ON t.code = m.code CROSS JOIN judged j
        CROSS JOIN LATERAL (SELECT x.known_from, x.known_to FROM read.{table} x
            WHERE x.project = m.project AND x.day_to <= j.until AND {wanted} OFFSET 0) x
        CROSS JOIN LATERAL (VALUES (x.known_from), (x.known_to)) AS b (position)
        WHERE {about} AND b.position > {THEN} AND b.position <= $known"""


CAUSED = " UNION ".join(
    (
        _changed("projects", None),
        _changed("signings", (*_SIGNED, "new_projects")),
        _changed("signings", _SIZED, "t.min_yuan > 0"),
        _changed("listings", _LISTED),
        _changed("investments", ("completion_rate", "investment")),
        _changed("land", ("land_awarded", "stock_land")),
        *(
            _changed("lifecycle", measures, f"x.mark = '{mark}'")
            for mark, measures in _MARKED.items()
        ),
    )
)


def moved(then: str, now: str) -> str:
    """Select the projects that add another number to a metric now than then, by code and unit."""
    return f"""SELECT DISTINCT coalesce(n.code, o.code) AS code,
            coalesce(n.project, o.project) AS project, u.unit
        FROM {then} o FULL JOIN {now} n ON n.code = o.code AND n.project = o.project
        CROSS JOIN LATERAL (VALUES (o.unit), (n.unit)) AS u (unit)
        WHERE u.unit IS NOT NULL AND (o.unit, o.numerator, o.denominator)
            IS DISTINCT FROM (n.unit, n.numerator, n.denominator)"""


def _shown(value: str) -> str:
    """Write a rank as a number and everything else exactly, as text."""
    return f"""CASE c.path WHEN 'rank' THEN to_jsonb({value}::integer)
        ELSE to_jsonb(trim_scale({value})::text) END"""


def drifts(arguments: Arguments) -> str:
    """Select one row a value that differs, with the positions of the events behind it."""
    lives = lives_in(arguments, IS_JUDGED.format)
    return f"""WITH known_then AS MATERIALIZED ({_KNOWN_THEN}), codes AS MATERIALIZED ({_CODES}),
        judged AS MATERIALIZED ({_JUDGED}), metrics AS MATERIALIZED ({METRICS}),
        whole AS MATERIALIZED ({_WHOLE}), old_lines AS MATERIALIZED ({_LINES}),
        parts_now AS MATERIALIZED ({whole(contributions(lives))}),
        new_lines AS MATERIALIZED (SELECT n.* FROM (
                {whole(scored(lives, "SELECT * FROM parts_now"))}) n
            WHERE within_reach(n.unit)
                OR EXISTS (SELECT FROM judged j WHERE within_reach(j.jurisdiction))),
        parts_then AS MATERIALIZED ({whole(contributions(lives, THEN))}),
        moved AS MATERIALIZED ({moved("parts_then", "parts_now")}),
        caused AS MATERIALIZED ({CAUSED}),
        compared AS (SELECT c.* FROM ({_COMPARED}) c
            WHERE c.unit IS NOT NULL AND c.old IS DISTINCT FROM c.new)
        SELECT 'rows.' || c.unit || '.' || c.path AS path, {_shown("c.old")} AS old,
            {_shown("c.new")} AS new, coalesce(
                (SELECT array_agg(DISTINCT k.position ORDER BY k.position) FROM caused k
                    WHERE k.unit = c.unit AND k.code = coalesce(c.code, k.code)),
                (SELECT array_agg(DISTINCT k.position ORDER BY k.position) FROM caused k
                    WHERE c.code IS NULL), '{{}}') AS causes
        FROM compared c"""


DRIFT = Relation(
    "Drift",
    row={"path": "text", "old": "jsonb", "new": "jsonb", "causes": "bigint[]"},
    fields={
        "path": Value("$self.path", "text"),
        "old": Value("$self.old", "json"),
        "new": Value("$self.new", "json"),
        "cause": One(
            "Event",
            lambda _: (
                """SELECT u.position FROM unnest($parent.causes) AS u (position)
                ORDER BY u.position DESC LIMIT 1"""
            ),
        ),
        "causes": Many(
            "Event",
            lambda _: "SELECT u.position FROM unnest($parent.causes) AS u (position)",
            "$self.position",
        ),
    },
)

RELATIONS = (DRIFT,)
