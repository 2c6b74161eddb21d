"""Say in SQL on which days a reported start counts, by what inspections found (开工, 开工核验).

Under `reported` the report counts whatever an inspection says; under `inspected` it counts until an
inspection denies it; under `verified` only while the last inspection confirms it. The last one, in
fold order, of those that had been held by a day speaks on that day. An inspection of a phase is
about the starts of that phase and about those that name none. One that found nothing before a start
was reported to have been made does not deny it.
"""

from projections.terms.seen import seen


def start_spans(evidence: str, among: str = "true") -> str:
    """Select (project, day, span): the day of a start and a span of days on which it counts.

    `among` narrows the projects of the marks `m`.
    """
    return f"""WITH starts AS MATERIALIZED (
            SELECT m.fact, m.project, m.phase_id, m.day_to AS day, {evidence} AS evidence
            FROM read.lifecycle m
            WHERE m.mark = 'construction_started' AND {seen("m")} AND {among}),
        verdicts AS MATERIALIZED (
            SELECT s.*, v.detail = 'confirmed' AS confirmed, greatest(v.day_to, s.day) AS since,
                min(v.day_to) OVER (PARTITION BY s.fact ORDER BY v.order_key
                    ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS until
            FROM starts s JOIN read.lifecycle v ON v.project = s.project
                AND v.mark = 'start_verified' AND {seen("v")}
                AND coalesce(v.phase_id = s.phase_id, true)
                AND (v.detail = 'confirmed' OR v.day_to >= s.day)
            WHERE s.evidence <> 'reported')
        SELECT s.project, s.day, daterange(s.day, f.since) AS span
        FROM starts s LEFT JOIN (SELECT v.fact, min(v.since) AS since FROM verdicts v
            GROUP BY v.fact) f ON f.fact = s.fact
        WHERE s.evidence <> 'verified'
        UNION ALL
        SELECT v.project, v.day, daterange(v.since, v.until)
        FROM verdicts v WHERE v.confirmed AND coalesce(v.until > v.since, true)"""


def first_starts(evidence: str, among: str = "true") -> str:
    """Select (project, day): the first day of the starts that count on the judged day."""
    return f"""SELECT s.project, min(s.day) AS day FROM ({start_spans(evidence, among)}) s
        WHERE s.span @> $on GROUP BY s.project"""
