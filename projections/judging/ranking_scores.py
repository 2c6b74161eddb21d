"""Score and rank districts in SQL, exactly as `domain.ranking` defines it.

The text stands over `judged (jurisdiction, unit, since, until, year, rules, period)`, one row or
none, and gives one row a unit with its metrics as JSON.
"""

from domain.ranking import YI
from projections.judging.measures import contributions, units
from projections.terms.quantities import cut, half_up

_WEIGHT = """(CASE substr(j.period, 6, 1)
    WHEN 'Q' THEN x.metric -> 'weights' ->> (right(j.period, 1)::integer - 1)
    ELSE x.metric ->> 'weight' END)::numeric"""

METRICS = f"""SELECT x.place, x.metric, x.metric ->> 'code' AS code,
        x.metric ->> 'measure' AS measure, x.metric ->> 'sort' AS sort,
        ARRAY(SELECT jsonb_array_elements_text(x.metric -> 'levels')) AS levels,
        (x.metric ->> 'min_yi')::numeric * {YI} AS min_yuan,
        x.metric ->> 'window' = 'year' AS whole_year, x.metric ->> 'basis' AS basis,
        {_WEIGHT} AS weight, (j.rules ->> 'digits')::integer AS digits
    FROM judged j CROSS JOIN jsonb_array_elements(j.rules -> 'metrics')
        WITH ORDINALITY AS x (metric, place)
    WHERE {_WEIGHT} > 0"""
"""The metrics that weigh something in the period, in the order of the policy."""

_SUMMED = """SELECT u.unit, m.*, CASE m.sort WHEN 'rate' THEN 100 ELSE 1 END
            * coalesce(c.numerator, 0) AS top,
        CASE m.sort WHEN 'rate' THEN coalesce(c.denominator, 0) WHEN 'money' THEN {yi} ELSE 1 END
            AS bottom, c.numerator, c.denominator
    FROM ({units}) u CROSS JOIN metrics m
    LEFT JOIN (SELECT b.unit, b.code, sum(b.numerator) AS numerator,
            sum(b.denominator) AS denominator
        FROM ({contributions}) b GROUP BY b.unit, b.code) c
        ON c.unit = u.unit AND c.code = m.code"""

_VALUED = f"""SELECT s.*, s.value - min(s.value) OVER w AS above,
        max(s.value) OVER w - min(s.value) OVER w AS spread
    FROM (SELECT s.*, {cut("s.top", "nullif(s.bottom, 0)")} AS value FROM summed s) s
    WINDOW w AS (PARTITION BY s.code)"""

_NEUTRAL = "(v.metric ->> 'neutral')::numeric"
_CAPPED = "v.top > (v.metric ->> 'cap')::numeric * (v.metric ->> 'target')::numeric * v.bottom"
_EACH = "v.top * (v.metric ->> 'each')::numeric"
_MOST = "(v.metric ->> 'max_points')::numeric * v.bottom"

_UPPER = f"""CASE v.metric ->> 'points'
    WHEN 'ratio' THEN CASE WHEN v.bottom = 0 THEN {_NEUTRAL}
        WHEN {_CAPPED} THEN (v.metric ->> 'cap')::numeric ELSE greatest(v.top, 0) END
    WHEN 'min-max' THEN CASE WHEN v.value IS NULL OR v.spread = 0 THEN {_NEUTRAL}
        ELSE round(v.above / v.spread, 20) END
    WHEN 'bands' THEN CASE WHEN v.bottom = 0
        THEN {_NEUTRAL} * (v.metric -> 'bands' -> 0 ->> 'points')::numeric
        ELSE coalesce((SELECT (b.step ->> 'points')::numeric
            FROM jsonb_array_elements(v.metric -> 'bands') WITH ORDINALITY AS b (step, place)
            WHERE v.top >= (b.step ->> 'at_least')::numeric * v.bottom
            ORDER BY b.place LIMIT 1), 0) END
    WHEN 'malus' THEN - least({_EACH}, {_MOST}) ELSE least({_EACH}, {_MOST}) END"""

_UNDER = f"""CASE WHEN v.metric ->> 'points' IN ('count', 'bonus', 'malus') THEN v.bottom
    WHEN v.metric ->> 'points' = 'ratio' AND v.bottom > 0 AND NOT {_CAPPED}
    THEN v.bottom * (v.metric ->> 'target')::numeric ELSE 1 END"""

_POINTED = f"""SELECT v.*, {half_up("v.top", "v.bottom", "v.digits")} AS raw,
        {half_up("(v.weight * p.upper)", "p.under", "v.digits")} AS points
    FROM valued v CROSS JOIN LATERAL (SELECT {_UPPER} AS upper, {_UNDER} AS under OFFSET 0) p"""

_SCORED = """SELECT p.unit, sum(p.points) AS score, jsonb_agg(jsonb_build_object('code', p.code,
        'raw', trim_scale(p.raw), 'points', trim_scale(p.points), 'weight', p.weight,
        'numerator', CASE p.sort WHEN 'rate' THEN coalesce(p.numerator, 0) END,
        'denominator', CASE p.sort WHEN 'rate' THEN coalesce(p.denominator, 0) END)
        ORDER BY p.place) AS metrics
    FROM pointed p GROUP BY p.unit"""


def scored(lives: str, parts: str | None = None) -> str:
    """Select (unit, rank, score, metrics) of the judged question.

    `lives` selects the lives of the projects of the judged place, `parts` what they contribute.
    """
    told = {"units": units(lives), "contributions": parts or contributions(lives)}
    summed = _SUMMED.format(yi=YI, **told)
    return f"""WITH metrics AS MATERIALIZED ({METRICS}), summed AS MATERIALIZED ({summed}),
        valued AS MATERIALIZED ({_VALUED}), pointed AS ({_POINTED}), scores AS ({_SCORED})
        SELECT s.unit, rank() OVER (ORDER BY s.score DESC) AS rank, s.score, s.metrics
        FROM scores s"""
