"""Find in SQL the facilities that paid out beyond their quota."""

from projections.terms.seen import believed

FACILITY_RULE = "F01"

_FACILITY_MESSAGE = """CASE $language WHEN 'zh'
    THEN '授信 ' || f.facility_id || ' 放款 ' || f.disbursed || ' 元, 超过额度 ' || f.quota || ' 元'
    ELSE 'Facility ' || f.facility_id || ' paid out ' || f.disbursed
        || ' yuan, beyond its quota of ' || f.quota || ' yuan' END"""


def overdrawn_facilities(scope: str = "scope") -> str:
    """Select one finding a facility of the projects in scope that paid out beyond its quota."""
    return f"""SELECT f.project, '{FACILITY_RULE}' AS rule, 'deviation' AS severity,
            'violated' AS result, NULL::text AS phase_id, {_FACILITY_MESSAGE} AS message,
            NULL::text AS exemption, f.position || f.loans AS positions
        FROM (SELECT l.project, l.facility_id, l.quota, l.position, sum(o.amount) AS disbursed,
                array_agg(o.position ORDER BY o.order_key) AS loans
            FROM (SELECT DISTINCT ON (s.project, k.facility_id) s.project, s.cut, k.facility_id,
                    k.quota, k.position
                FROM {scope} s JOIN read.finance_links k ON k.project = s.project
                WHERE {believed("k")} AND k.day_to <= s.cut
                ORDER BY s.project, k.facility_id, k.order_key DESC) l
            JOIN read.loans o ON o.project = l.project AND o.facility_id = l.facility_id
            WHERE {believed("o")} AND o.day_to <= l.cut
            GROUP BY l.project, l.facility_id, l.quota, l.position) f
        WHERE f.disbursed > f.quota"""
