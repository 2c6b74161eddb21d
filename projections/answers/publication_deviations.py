"""What was published twice though it is published once: a version of a list, a round of a ranking.

Whoever publishes again gives a new version: a list another label, a round a later day. The last
one counts in any case.
"""

from projections.judging.project_scope import in_regions
from projections.terms.relation import Arguments
from projections.terms.seen import seen

LIST_RULE, ROUND_RULE = "G01", "G02"

_LIST_MESSAGE = """CASE $language WHEN 'zh'
    THEN '清单 ' || p.list_id || ' 以同一版本再次发布, 或者年度、级别与前次不同'
    ELSE 'List ' || p.list_id || ' was published again under the same version, or for another'
        || ' year or level' END"""

_ROUND_MESSAGE = """CASE $language WHEN 'zh'
    THEN '轮次 ' || p.round_id || ' 同日再次发布, 结果不同'
    ELSE 'Round ' || p.round_id || ' was published twice on one day, with different results' END"""

_AGAIN = """SELECT p.*, lag(p.position) OVER w AS before, {before}
    FROM {table} p WHERE {seen} WINDOW w AS (PARTITION BY p.{name} ORDER BY {order})"""

_LISTS = _AGAIN.format(
    table="read.lists",
    seen=seen("p"),
    name="list_id",
    order="p.order_key",
    before="lag(p.version_label) OVER w AS last_label, lag(p.year) OVER w AS last_year,"
    " lag(p.level) OVER w AS last_level",
)
_ROUNDS = _AGAIN.format(
    table="read.publications",
    seen=seen("p"),
    name="round_id",
    order="p.published_on, p.order_key",
    before="lag(p.published_on) OVER w AS last_day, lag(p.ranks) OVER w AS last_ranks,"
    " lag(p.scores) OVER w AS last_scores",
)


def published_twice(arguments: Arguments) -> str:
    """Select one finding for each publication that is no new version; none is of a project.

    Where regions are asked about, a list is theirs by its projects and a round by its districts.
    """
    lies = in_regions("d.district", arguments, "filter.region")
    ranked = in_regions("u.unit", arguments, "filter.region")
    of_list = f"""EXISTS (SELECT FROM read.listings l JOIN read.projects d ON d.project = l.project
        WHERE l.list_id = p.list_id AND {lies})"""
    of_round = f"EXISTS (SELECT FROM jsonb_object_keys(p.ranks) AS u (unit) WHERE {ranked})"
    if not arguments.given("filter.region"):
        of_list = of_round = "true"
    same_list = "p.version_label = p.last_label OR (p.year, p.level) <> (p.last_year, p.last_level)"
    same_day = """p.published_on = p.last_day
        AND (p.ranks, p.scores) IS DISTINCT FROM (p.last_ranks, p.last_scores)"""
    lists = _told(LIST_RULE, _LIST_MESSAGE, _LISTS, f"({same_list}) AND {of_list}")
    rounds = _told(ROUND_RULE, _ROUND_MESSAGE, _ROUNDS, f"({same_day}) AND {of_round}")
    return f"{lists} UNION ALL {rounds}"


def _told(rule: str, message: str, source: str, where: str) -> str:
    """Select the publications that a condition finds, with the one before."""
    return f"""SELECT NULL::text AS project, '{rule}' AS rule, 'deviation' AS severity,
            'violated' AS result, NULL::text AS phase_id, {message} AS message,
            NULL::text AS exemption, ARRAY[p.before, p.position] AS positions
        FROM ({source}) p WHERE p.before IS NOT NULL AND ({where})"""
