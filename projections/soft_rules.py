"""Find in SQL what facts of one project say against each other, as `domain.consistency` does."""

from domain.consistency import (
    AFTER_END,
    DUE_BEFORE_SIGNING,
    DUES,
    ENDS,
    OTHER_AREA,
    SOFT_RULES,
    VOID,
    WORKS,
)
from domain.order_rules import Result
from projections.seen import believed, latest_day, quoted

_RULES = ", ".join(
    f"('{r.id}', '{r.severity}', {quoted(r.words.zh)}, {quoted(r.words.en)})" for r in SOFT_RULES
)


def _seen(alias: str) -> str:
    """Give the condition that a row of a project of the scope `s` is seen."""
    return f"{alias}.project = s.project AND {believed(alias)} AND {alias}.day_to <= s.cut"


def _among(kinds: frozenset[str]) -> str:
    return ", ".join(quoted(kind) for kind in sorted(kinds))


def _only(projects: str) -> str:
    """Give the part of the scope that is worth a look, so that few rules look at many projects."""
    return f"(SELECT s.* FROM scope s WHERE s.project IN ({projects})) s"


_ENDED = "SELECT l.project FROM read.lifecycle l WHERE l.mark IN ('terminated', 'withdrawn')"
_AFTER_END = f"""SELECT s.project, '{AFTER_END.id}' AS rule, w.phase_id,
        ARRAY[e.position, w.position] AS positions
    FROM {_only(_ENDED)} CROSS JOIN LATERAL (
        SELECT l.position, l.day_to FROM read.lifecycle l
        WHERE {_seen("l")} AND l.mark IN ('terminated', 'withdrawn') AND l.kind IN ({_among(ENDS)})
        ORDER BY l.order_key LIMIT 1) e
    CROSS JOIN LATERAL (
        SELECT l.position, l.phase_id FROM read.lifecycle l
        WHERE {_seen("l")} AND l.kind IN ({_among(WORKS)}) AND l.day_from > e.day_to
        ORDER BY l.order_key LIMIT 1) w"""

_DUE = " OR ".join(f"{latest_day(f'g.{due}')} < g.day_from" for due in DUES)
_DUE_BEFORE = f"""SELECT s.project, '{DUE_BEFORE_SIGNING.id}', g.phase_id, ARRAY[g.position]
    FROM scope s JOIN read.agreements g ON {_seen("g")} WHERE g.version IS NULL AND ({_DUE})"""

_OTHER_AREA = f"""SELECT s.project, '{OTHER_AREA.id}', c.phase_id, ARRAY[a.position, c.position]
    FROM scope s JOIN read.land c ON {_seen("c")} AND c.act = 'contracted'
    CROSS JOIN LATERAL (
        SELECT l.position, l.area_mu FROM read.land l
        WHERE {_seen("l")} AND l.act = 'awarded' AND l.parcel = c.parcel
        ORDER BY l.order_key DESC LIMIT 1) a
    WHERE 100 * abs(c.area_mu - a.area_mu) > a.area_mu"""

# Of a certificate the last issue before the start counts, and what made it void after that.
_UNDER_VOID = f"""SELECT s.project, '{VOID.id}', b.phase_id, ARRAY[p.last[2]::bigint, b.position]
    FROM {_only("SELECT x.project FROM read.invalidations x")}
    JOIN read.lifecycle b ON {_seen("b")} AND b.mark = 'construction_started'
        AND b.kind = 'ConstructionStarted'
    CROSS JOIN LATERAL (
        SELECT bool_and(v.order_key IS NOT NULL) AS void,
            max(ARRAY[v.order_key, v.position::text]) AS last
        FROM (SELECT DISTINCT ON (i.certificate_no) i.certificate_no, i.phase_id, i.order_key
            FROM read.permits i WHERE {_seen("i")} AND i.status IS NULL
                AND i.permit_kind = 'construction_permit' AND i.order_key < b.order_key
            ORDER BY i.certificate_no, i.order_key DESC) i
        LEFT JOIN LATERAL (
            SELECT x.order_key, x.position, x.day_to FROM read.invalidations x
            WHERE {_seen("x")} AND x.certificate_no = i.certificate_no
                AND x.order_key BETWEEN i.order_key AND b.order_key
            ORDER BY x.order_key DESC LIMIT 1) v ON v.day_to <= b.day_from
        WHERE coalesce(i.phase_id = b.phase_id, true)) p
    WHERE p.void"""

SOFT_FINDINGS = f"""SELECT b.project, r.rule, r.severity, '{Result.VIOLATED}' AS result, b.phase_id,
        CASE $language WHEN 'zh' THEN r.zh ELSE r.en END AS message, NULL::text AS exemption,
        b.positions
    FROM ({_AFTER_END} UNION ALL {_DUE_BEFORE} UNION ALL {_OTHER_AREA}
        UNION ALL {_UNDER_VOID}) b
    JOIN (VALUES {_RULES}) AS r (rule, severity, zh, en) ON r.rule = b.rule"""
"""Selects what the projects of a `scope` do not keep, as deviations."""
