"""Pools out of order: overdrawn or with lapsed quotas."""

from projections.judging.pools import balances, effect
from projections.judging.project_scope import in_regions
from projections.terms.relation import Arguments
from projections.terms.seen import seen

POOL_RULE, LAPSED_RULE = "Q01", "Q02"

_POOL_MESSAGE = """CASE $language WHEN 'zh'
    THEN '指标池 ' || m.pool_id || ' 的 ' || m.resource || ' 余额低于零: '
    ELSE 'Pool ' || m.pool_id || ' had less than nothing left of ' || m.resource || ': ' END
    || trim_scale(m.left_over)"""

_LAPSED_MESSAGE = """CASE $language WHEN 'zh'
    THEN '指标池 ' || b.pool_id || ' 的 ' || b.resource || ' 已过有效期, 尚未登记失效: '
    ELSE 'Pool ' || b.pool_id || ' holds ' || b.resource
        || ' whose validity is over, and which was not recorded as expired: ' END
    || trim_scale(b.lapsed + b.lapsed_reserved)"""


def overdrawn_pools(arguments: Arguments) -> str:
    """Select one finding a movement after which less than nothing was left.

    Pools belong to no project, so they are shown where nothing but regions is asked about.
    """
    where = in_regions("m.region", arguments, "filter.region")
    return f"""SELECT NULL::text AS project, '{POOL_RULE}' AS rule, 'violation' AS severity,
            'violated' AS result, NULL::text AS phase_id, {_POOL_MESSAGE} AS message,
            NULL::text AS exemption, ARRAY[m.position] AS positions
        FROM (SELECT q.pool_id, q.resource, q.position,
                max(q.region) OVER (PARTITION BY q.pool_id, q.resource) AS region,
                sum({effect("q")}) OVER (PARTITION BY q.pool_id, q.resource
                    ORDER BY q.order_key, q.position) AS left_over
            FROM read.quota_movements q WHERE {seen("q")}) m
        WHERE m.left_over < 0 AND (m.region IS NULL OR {where})"""


def lapsed_pools(arguments: Arguments) -> str:
    """Select one finding a pool and resource that holds, or sets aside, what is not valid now."""
    where = in_regions("b.region", arguments, "filter.region")
    return f"""SELECT NULL::text AS project, '{LAPSED_RULE}' AS rule, 'deviation' AS severity,
            'violated' AS result, NULL::text AS phase_id, {_LAPSED_MESSAGE} AS message,
            NULL::text AS exemption, b.over_positions AS positions
        FROM ({balances(f"b.region IS NULL OR {where}")}) b
        WHERE b.lapsed + b.lapsed_reserved > 0"""
