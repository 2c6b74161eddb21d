"""Find in SQL what facts of one project say against each other, as `domain.consistency` does."""

from collections.abc import Mapping

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
from domain.contradictions import HELD_TWICE
from domain.order_rules import Result
from domain.said_twice import CODE_SHARED
from domain.words import Words
from projections.judging.contradictions import CONTRADICTED, UNFOUNDED
from projections.judging.parcel_holders import TWO_HOLDERS
from projections.judging.said_twice import CODES_SHARED, REPORTS_AT_ODDS, TWICE_OR_LATE, only
from projections.terms.seen import latest_day, quoted, seen_of


def _rows(rules: Mapping[str, tuple[str, Words]]) -> str:
    """Write rules as rows of values, each with how grave it is and what is told."""
    return ", ".join(
        f"('{rule}', '{severity}', {quoted(words.zh)}, {quoted(words.en)})"
        for rule, (severity, words) in rules.items()
    )


def _among(kinds: frozenset[str]) -> str:
    return ", ".join(quoted(kind) for kind in sorted(kinds))


_ENDED = "SELECT l.project FROM read.lifecycle l WHERE l.mark IN ('terminated', 'withdrawn')"
_AFTER_END = f"""SELECT s.project, '{AFTER_END.id}' AS rule, w.phase_id,
        ARRAY[e.position, w.position] AS positions
    FROM {only(_ENDED)} CROSS JOIN LATERAL (
        SELECT l.position, l.day_to FROM read.lifecycle l
        WHERE {seen_of("l")} AND l.mark IN ('terminated', 'withdrawn')
            AND l.kind IN ({_among(ENDS)})
        ORDER BY l.order_key LIMIT 1) e
    CROSS JOIN LATERAL (
        SELECT l.position, l.phase_id FROM read.lifecycle l
        WHERE {seen_of("l")} AND l.kind IN ({_among(WORKS)}) AND l.day_from > e.day_to
        ORDER BY l.order_key LIMIT 1) w"""

_DUE = " OR ".join(f"{latest_day(f'g.{due}')} < g.day_from" for due in DUES)
_DUE_BEFORE = f"""SELECT s.project, '{DUE_BEFORE_SIGNING.id}', g.phase_id, ARRAY[g.position]
    FROM scope s JOIN read.agreements g ON {seen_of("g")} WHERE g.version IS NULL AND ({_DUE})"""

_OTHER_AREA = f"""SELECT s.project, '{OTHER_AREA.id}', c.phase_id, ARRAY[a.position, c.position]
    FROM scope s JOIN read.land c ON {seen_of("c")} AND c.act = 'contracted'
    CROSS JOIN LATERAL (
        SELECT l.position, l.area_mu FROM read.land l
        WHERE {seen_of("l")} AND l.act = 'awarded' AND l.parcel = c.parcel
        ORDER BY l.order_key DESC LIMIT 1) a
    WHERE 100 * abs(c.area_mu - a.area_mu) > a.area_mu"""

# Of a certificate the last issue before the start counts, and what made it void after that.
_UNDER_VOID = f"""SELECT s.project, '{VOID.id}', b.phase_id, ARRAY[p.last[2]::bigint, b.position]
    FROM {only("SELECT x.project FROM read.invalidations x")}
    JOIN read.lifecycle b ON {seen_of("b")} AND b.mark = 'construction_started'
        AND b.kind = 'ConstructionStarted'
    CROSS JOIN LATERAL (
        SELECT bool_and(v.order_key IS NOT NULL) AS void,
            max(ARRAY[v.order_key, v.position::text]) AS last
        FROM (SELECT DISTINCT ON (i.certificate_no) i.certificate_no, i.phase_id, i.order_key
            FROM read.permits i WHERE {seen_of("i")} AND i.status IS NULL
                AND i.permit_kind = 'construction_permit' AND i.order_key < b.order_key
            ORDER BY i.certificate_no, i.order_key DESC) i
        LEFT JOIN LATERAL (
            SELECT x.order_key, x.position, x.day_to FROM read.invalidations x
            WHERE {seen_of("x")} AND x.certificate_no = i.certificate_no
                AND x.order_key BETWEEN i.order_key AND b.order_key
            ORDER BY x.order_key DESC LIMIT 1) v ON v.day_to <= b.day_from
        WHERE coalesce(i.phase_id = b.phase_id, true)) p
    WHERE p.void"""


def _told(selected: str, rules: str, result: Result) -> str:
    """Tell what was selected, as deviations with one result."""
    return f"""SELECT b.project, r.rule, r.severity, '{result}' AS result, b.phase_id,
        CASE $language WHEN 'zh' THEN r.zh ELSE r.en END AS message, NULL::text AS exemption,
        b.positions
    FROM ({selected}) b (project, rule, phase_id, positions)
    JOIN (VALUES {rules}) AS r (rule, severity, zh, en) ON r.rule = b.rule"""


_BROKEN_ALONE = (
    *(_AFTER_END, _DUE_BEFORE, _OTHER_AREA, _UNDER_VOID),
    *(*CONTRADICTED, *TWICE_OR_LATE),
)
_BROKEN_TOGETHER = (TWO_HOLDERS, CODES_SHARED)
_BETWEEN_PROJECTS = (HELD_TWICE, CODE_SHARED)
_BROKEN_ROWS = _rows(
    {rule.id: (rule.severity, rule.words) for rule in (*SOFT_RULES, *_BETWEEN_PROJECTS)}
)
_MISSING_ROWS = _rows({r.id: (r.severity, r.missing) for r in SOFT_RULES if r.missing})

OWN_FINDINGS = _told(" UNION ALL ".join(_BROKEN_ALONE), _BROKEN_ROWS, Result.VIOLATED)
"""Selects what the projects of a `scope` do not keep by their own facts, as deviations."""

SHARED_FINDINGS = _told(" UNION ALL ".join(_BROKEN_TOGETHER), _BROKEN_ROWS, Result.VIOLATED)
"""Selects what they do not keep by what is told of other projects too, as deviations."""

SOFT_FINDINGS = f"{OWN_FINDINGS} UNION ALL {SHARED_FINDINGS}"
"""Selects what the projects of a `scope` do not keep, as deviations."""

REPORT_FINDINGS = _told(" UNION ALL ".join(REPORTS_AT_ODDS), _BROKEN_ROWS, Result.VIOLATED)
"""Selects what the monthly reports of a `scope` say against each other."""

SOFT_UNFOUNDED = _told(UNFOUNDED, _MISSING_ROWS, Result.MISSING_PREDECESSOR)
"""Selects what is said in a `scope` without a record of what it follows from."""
