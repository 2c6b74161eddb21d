"""Find in SQL land for further phases of projects whose first missed its agreed intensity."""

from domain.order_rules import GATE, GATE_MESSAGE, GATE_SEVERITY, GATED, Result
from projections.terms.seen import believed, quoted


def _value(side: str) -> str:
    return f"v.{side} -> '{GATED}' -> 'value'"


_MESSAGE = f"""replace(replace(CASE $language WHEN 'zh' THEN {quoted(GATE_MESSAGE.zh)}
    ELSE {quoted(GATE_MESSAGE.en)} END, '{{agreed}}', e.agreed), '{{actual}}', e.actual)"""

GATED_AWARDS = f"""SELECT s.project, '{GATE}' AS rule, '{GATE_SEVERITY}' AS severity,
        '{Result.VIOLATED}' AS result, w.phase_id, {_MESSAGE} AS message, NULL::text AS exemption,
        ARRAY[e.position, w.position] AS positions
    FROM placed s JOIN read.land w ON w.project = s.project AND w.act = 'awarded'
        AND w.phase_id <> s.first_phase AND {believed("w")} AND w.day_to <= s.cut
    CROSS JOIN LATERAL (
        SELECT v.position, {_value("agreed")} #>> '{{}}' AS agreed,
            {_value("actual")} #>> '{{}}' AS actual
        FROM read.evaluations v WHERE v.project = s.project AND {believed("v")}
            AND v.day_to <= w.day_from AND jsonb_typeof({_value("agreed")}) = 'string'
            AND jsonb_typeof({_value("actual")}) = 'string'
        ORDER BY v.order_key DESC LIMIT 1) e
    WHERE e.actual::numeric < e.agreed::numeric"""
"""Selects such awards of the projects `placed` of a scope, as deviations."""
