"""Find in SQL what is said twice and what comes out of turn.

As `domain.said_twice` and `domain.out_of_turn` do. Each text selects (project, rule, phase_id,
positions) for the projects of a `scope`.
"""

from typing import Final

from domain.out_of_turn import (
    BEGINNINGS,
    CONFIRMED,
    CONTINUED,
    DENIED,
    ENDINGS,
    FALLEN,
    LATE_REPLAN,
    LATE_WITHDRAWAL,
)
from domain.said_twice import CODE_SHARED, CONTESTED, FINAL, REDECIDED, REDEFINED
from projections.terms.seen import believed, quoted, seen_of


def only(projects: str) -> str:
    """Give the part of the scope that is worth a look, so that few rules look at many projects."""
    return f"(SELECT s.* FROM scope s WHERE s.project IN ({projects})) s"


_FINAL = ", ".join(quoted(outcome) for outcome in sorted(FINAL))
_DECIDED_AGAIN = """SELECT a.project FROM read.admissions a
    JOIN read.admissions o ON o.project = a.project AND o.fact <> a.fact
    WHERE a.act = 'decided' AND o.act = 'decided'"""
_REDECIDED = f"""SELECT s.project, '{REDECIDED.id}', NULL::text, ARRAY[b.position, d.position]
    FROM {only(_DECIDED_AGAIN)} JOIN read.admissions d ON {seen_of("d")} AND d.act = 'decided'
    CROSS JOIN LATERAL (
        SELECT b.position FROM read.admissions b
        WHERE {seen_of("b")} AND b.act = 'decided' AND b.outcome IN ({_FINAL})
            AND coalesce(b.assessment_id = d.assessment_id, true) AND b.order_key < d.order_key
            AND NOT EXISTS (SELECT FROM read.admissions u WHERE {seen_of("u")}
                AND u.act = 'submitted' AND coalesce(u.assessment_id = d.assessment_id, true)
                AND u.order_key BETWEEN b.order_key AND d.order_key)
        ORDER BY b.order_key DESC LIMIT 1) b"""

_DEFINED_AGAIN = """SELECT p.project FROM read.phases p
    JOIN read.phases o ON o.project = p.project AND o.phase_id = p.phase_id AND o.fact <> p.fact"""
_REDEFINED = f"""SELECT s.project, '{REDEFINED.id}', p.phase_id, ARRAY[p.before, p.position]
    FROM {only(_DEFINED_AGAIN)} CROSS JOIN LATERAL (
        SELECT p.phase_id, p.position,
            lag(p.position) OVER (PARTITION BY p.phase_id ORDER BY p.order_key) AS before
        FROM read.phases p WHERE {seen_of("p")}) p
    WHERE p.before IS NOT NULL"""

_UNCONFIRMED = f"""SELECT v.project FROM read.lifecycle v
    WHERE v.mark = 'start_verified' AND v.detail <> '{CONFIRMED}'"""
_DENIED = f"""SELECT s.project, '{DENIED.id}', b.phase_id, ARRAY[b.position, v.position]
    FROM {only(_UNCONFIRMED)} JOIN read.lifecycle b ON {seen_of("b")}
        AND b.mark = 'construction_started' AND b.kind = 'ConstructionStarted'
    CROSS JOIN LATERAL (
        SELECT v.position, v.detail FROM read.lifecycle v
        WHERE {seen_of("v")} AND v.mark = 'start_verified'
            AND coalesce(v.phase_id = b.phase_id, true)
            AND (v.detail = '{CONFIRMED}' OR v.day_to >= b.day_to)
        ORDER BY v.order_key DESC LIMIT 1) v
    WHERE v.detail <> '{CONFIRMED}'"""

_TURNS = ", ".join(map(str, sorted({*ENDINGS, *BEGINNINGS})))
_ENDED = " OR ".join(
    f"t.turn[1] = '{status}' AND t.status NOT IN ({', '.join(map(str, sorted(after)))})"
    for status, after in ENDINGS.items()
)
_CONTINUED = f"""SELECT s.project, '{CONTINUED.id}', t.phase_id,
        ARRAY[t.turn[2]::bigint, t.position]
    FROM {only("SELECT t.project FROM read.permits t WHERE t.status IS NOT NULL")}
    CROSS JOIN LATERAL (
        SELECT t.phase_id, t.position, t.status, t.day_from,
            (max(ARRAY[t.order_key, t.status::text, t.position::text, t.day_to::text])
                FILTER (WHERE t.status IN ({_TURNS})) OVER (PARTITION BY t.case_no
                ORDER BY t.order_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))[2:4] AS turn
        FROM read.permits t
        WHERE {seen_of("t")} AND t.status IS NOT NULL AND NOT t.simulated) t
    WHERE t.status NOT IN ({", ".join(map(str, sorted(BEGINNINGS)))}) AND ({_ENDED})
        AND t.day_from > t.turn[3]::date"""

_LATE_REPLAN = f"""SELECT s.project, '{LATE_REPLAN.id}', r.phase_id, ARRAY[p.position, r.position]
    FROM {only("SELECT r.project FROM read.milestone_plans r WHERE r.replan")}
    JOIN read.milestone_plans r ON {seen_of("r")} AND r.replan
    CROSS JOIN LATERAL (
        SELECT p.position, p.planned_to FROM read.milestone_plans p
        WHERE {seen_of("p")} AND p.plan_id = r.plan_id AND p.node = r.node
            AND p.order_key < r.order_key AND p.day_to <= r.day_to
        ORDER BY p.order_key DESC LIMIT 1) p
    WHERE r.day_from > p.planned_to"""

_WITHDRAWN = "SELECT l.project FROM read.lifecycle l WHERE l.mark = 'withdrawn'"
_LATE_WITHDRAWAL = f"""SELECT s.project, '{LATE_WITHDRAWAL.id}', NULL,
        ARRAY[b.position, w.position]
    FROM {only(_WITHDRAWN)} CROSS JOIN LATERAL (
        SELECT w.position, w.day_from FROM read.lifecycle w
        WHERE {seen_of("w")} AND w.mark = 'withdrawn' ORDER BY w.order_key LIMIT 1) w
    CROSS JOIN LATERAL (
        SELECT b.position, b.day_to FROM read.lifecycle b
        WHERE {seen_of("b")} AND b.mark = 'construction_started'
            AND b.kind = 'ConstructionStarted' ORDER BY b.order_key LIMIT 1) b
    WHERE w.day_from > b.day_to"""

SHARED_CODES: Final = """SELECT c.project FROM read.codes c
    JOIN read.codes o ON o.code = c.code AND o.project <> c.project"""
"""Selects the projects of which another one ever had a code."""
CODES_SHARED: Final = f"""SELECT s.project, '{CODE_SHARED.id}', NULL, ARRAY[o.position, c.position]
    FROM {only(SHARED_CODES)} JOIN read.codes c ON {seen_of("c")}
    CROSS JOIN LATERAL (
        SELECT o.position FROM read.codes o
        WHERE o.code = c.code AND o.project <> c.project AND {believed("o")} AND o.day_to <= s.cut
            AND (o.order_key, o.position) < (c.order_key, c.position)
        ORDER BY o.order_key, o.position LIMIT 1) o"""

_CONTESTED = f"""SELECT s.project, '{CONTESTED.id}' AS rule, NULL::text AS phase_id,
        ARRAY[r.before, r.position] AS positions
    FROM scope s CROSS JOIN LATERAL (
        SELECT r.position, r.ytd, lag(r.position) OVER matter AS before,
            lag(r.ytd) OVER matter AS told
        FROM read.investments r WHERE {seen_of("r")} AND NOT r.passed
        WINDOW matter AS (PARTITION BY r.basis, r.month, r.ten_day ORDER BY r.order_key)) r
    WHERE r.told <> r.ytd"""

# Of a project that was split or merged a part of what was invested went with it.
_FALLEN = f"""SELECT s.project, '{FALLEN.id}', NULL, ARRAY[m.most[3], m.position]
    FROM scope s CROSS JOIN LATERAL (
        SELECT m.position, m.ytd, max(ARRAY[m.ytd, - m.month_no, m.position]) OVER (
            PARTITION BY m.basis, m.year ORDER BY m.month_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS most
        FROM (SELECT DISTINCT ON (r.basis, r.month) r.* FROM read.investments r
            WHERE {seen_of("r")} ORDER BY r.basis, r.month, r.order_key DESC) m
        WHERE NOT EXISTS (SELECT FROM read.investments r WHERE {seen_of("r")} AND r.passed)) m
    WHERE m.most[1] > m.ytd"""

TWICE_OR_LATE = (
    *(_REDECIDED, _REDEFINED),
    *(_DENIED, _CONTINUED, _LATE_REPLAN, _LATE_WITHDRAWAL),
)
"""What is decided or defined twice, or comes out of turn."""

REPORTS_AT_ODDS = (_CONTESTED, _FALLEN)
"""What monthly reports say against each other. There are so many of them that nobody should look at
those of all projects unasked."""
