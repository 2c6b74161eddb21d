"""Whether meetings were held as often as the policy wants (联审、调度频次), period by period.

A meeting keeps the period that all of its days lie in. A period without one is missed once it is
over, and open until then. Periods before the policy took effect are not judged, nor the one in
which its first version did, since it asked for nothing when that began.
"""

from projections.answers.joint_reviews import held
from projections.judging.project_scope import in_regions
from projections.judging.service_places import in_places
from projections.terms.periods import periods
from projections.terms.quantities import ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value, named
from projections.terms.seen import believed, seen
from projections.terms.summary_policy import summary_policy

_EFFECTIVE = f"""(SELECT p.effective_from FROM read.policies p WHERE p.policy = r.policy
    AND {believed("p")} ORDER BY p.order_key DESC LIMIT 1)"""
_FOUNDED = f"""(SELECT min(v.effective_from) FROM read.policies p JOIN read.policies v
    ON v.policy_id = p.policy_id AND v.policy_kind = p.policy_kind
    WHERE p.policy = r.policy AND {believed("p")} AND {believed("v")})"""

_HELD = """(SELECT count(*) FROM meetings m WHERE m.event = p.event
    AND (p.level IS NULL OR m.level = p.level) AND (m.cadence IS NULL OR m.cadence = p.every)
    AND m.day_from >= p.first AND m.day_to <= p.last)"""

_STATE = """CASE WHEN c.held > 0 THEN 'kept' WHEN c.last >= $on THEN 'open' ELSE 'missed' END"""


def _calendar(arguments: Arguments) -> str:
    """Select one row a series of the policy, with its periods as JSON."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    visited = f"""SELECT 'site-visit', v.team, NULL::text, v.day_from, v.day_to
        FROM read.visits v WHERE {seen("v")} AND {in_places("v.stream", "v.district", arguments)}"""
    there = in_regions("u.unit", arguments, "region")
    ranked = f"""SELECT 'ranking', NULL::text, NULL::text, k.day_from, k.day_to
        FROM read.publications k WHERE {seen("k")} AND k.published_on <= $on AND EXISTS (
            SELECT 1 FROM jsonb_object_keys(k.ranks) AS u (unit) WHERE {there})"""
    return f"""WITH rules AS MATERIALIZED ({summary_policy("calendar", arguments, "region")}),
        series AS (SELECT e.place, e.item ->> 'name' AS name, e.item ->> 'event' AS event,
                e.item ->> 'level' AS level, e.item ->> 'every' AS every, r.policy,
                {_EFFECTIVE} AS effective, {_FOUNDED} AS founded
            FROM rules r CROSS JOIN LATERAL jsonb_array_elements(r.rules -> 'series')
                WITH ORDINALITY AS e (item, place)),
        meetings AS MATERIALIZED (
            SELECT 'joint-review' AS event, v.level, v.cadence, v.day_from, v.day_to
            FROM ({held(arguments)}) v UNION ALL {visited} UNION ALL {ranked}),
        cut AS (SELECT s.*, p.first, p.last FROM series s
            CROSS JOIN LATERAL ({periods("s.every", first, f"least({last}, $on)")}) p
            WHERE p.last >= s.effective AND p.first >= s.founded),
        counted AS (SELECT p.*, {_HELD} AS held FROM cut p),
        judged AS (SELECT c.*, {_STATE} AS state FROM counted c)
        SELECT s.place, s.name, s.event, s.level, s.every, s.policy,
            count(*) FILTER (WHERE j.state = 'kept') AS kept,
            count(*) FILTER (WHERE j.state = 'missed') AS missed,
            coalesce(jsonb_agg(jsonb_build_object('first', j.first, 'last', j.last,
                'held', j.held, 'state', j.state)) FILTER (WHERE j.state IS NOT NULL), '[]')
                AS periods
        FROM series s LEFT JOIN judged j ON j.place = s.place
        GROUP BY s.place, s.name, s.event, s.level, s.every, s.policy"""


REVIEW_SERIES = Relation(
    "ReviewSeries",
    row={
        "place": "bigint",
        "name": "text",
        "event": "text",
        "level": "text",
        "every": "text",
        "policy": "text",
        "kept": "bigint",
        "missed": "bigint",
        "periods": "jsonb",
    },
    fields={
        "name": Value("$self.name", "text"),
        "event": Value("$self.event", "text"),
        "kept_by": Value(named("$self.event"), "enum"),
        "level": Value("$self.level", "text"),
        "cadence": Value("replace($self.every, '-', '_')", "enum"),
        "kept": ratio("$parent.kept", "$parent.kept + $parent.missed", "$parent.policy"),
        "periods": Many(
            "ReviewPeriod",
            lambda _: (
                "SELECT p.first, p.last, p.held, p.state FROM jsonb_to_recordset($parent.periods)"
                " AS p (first date, last date, held integer, state text)"
            ),
            "$self.first",
        ),
    },
)

REVIEW_PERIOD = Relation(
    "ReviewPeriod",
    row={"first": "date", "last": "date", "held": "integer", "state": "text"},
    fields={
        "from": Value("$self.first", "date"),
        "to": Value("$self.last", "date"),
        "held": Value("$self.held", "int"),
        "state": Value("$self.state", "enum"),
    },
)

RELATIONS = (REVIEW_SERIES, REVIEW_PERIOD)
ROOTS: dict[str, One | Many | Page] = {
    "review_calendar": Many("ReviewSeries", _calendar, "$self.place"),
}
