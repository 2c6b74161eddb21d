"""The ranking of districts in a period: as it was published, or else as the facts have it now."""

from projections.answers.ranking_drift import drifts
from projections.judging.measures import IS_JUDGED
from projections.judging.project_scope import in_regions
from projections.judging.ranking_scores import scored
from projections.judging.reach import whole
from projections.spans.lives import lives_in
from projections.terms.named_periods import first_day, months, ordinal
from projections.terms.policy_choice import in_force
from projections.terms.quantities import ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value, named
from projections.terms.seen import believed, latest_day, seen

_LAST_OF_ROUND = "v.round_id, v.published_on DESC, v.order_key DESC"

_OUT = f"{seen('v')} AND v.published_on <= $on"
"""A publication is there from the day it was published on, which comes after its period."""

_WEIGHT = """coalesce((m.result ->> 'weight')::numeric, (CASE substr(v.occurred_on, 6, 1)
    WHEN 'Q' THEN k.metric -> 'weights' ->> (right(v.occurred_on, 1)::integer - 1)
    ELSE k.metric ->> 'weight' END)::numeric)"""

_PUBLISHED_METRICS = f"""SELECT sum((m.result ->> 'points')::numeric) AS score,
        jsonb_agg(jsonb_build_object('code', m.code, 'raw', (m.result ->> 'raw')::numeric,
            'points', (m.result ->> 'points')::numeric, 'weight', {_WEIGHT},
            'numerator', (m.result ->> 'numerator')::numeric,
            'denominator', (m.result ->> 'denominator')::numeric)
            ORDER BY k.place NULLS LAST, m.code COLLATE "C") AS metrics
    FROM jsonb_each(v.scores -> u.unit) AS m (code, result)
    LEFT JOIN LATERAL (SELECT p.rules FROM read.policies p WHERE p.policy = v.policy
        AND {believed("p")} ORDER BY p.order_key DESC LIMIT 1) p ON true
    LEFT JOIN LATERAL jsonb_array_elements(p.rules -> 'metrics') WITH ORDINALITY
        AS k (metric, place) ON k.metric ->> 'code' = m.code"""

_PUBLISHED_LINES = f"""SELECT jsonb_agg(jsonb_build_object('unit', u.unit,
        'rank', u.rank::integer, 'score', t.score, 'metrics', coalesce(t.metrics, '[]')))
    FROM jsonb_each_text(v.ranks) AS u (unit, rank)
    CROSS JOIN LATERAL ({_PUBLISHED_METRICS}) t"""

_REASON = """CASE WHEN a.since > $on THEN CASE WHEN $language = 'zh'
        THEN '该期尚未开始' ELSE 'The period has not begun on the judged day.' END
    WHEN g.policy IS NULL AND v.policy IS NULL THEN CASE WHEN $language = 'zh'
        THEN '{zh}' ELSE '{en}' END END"""
_UNCOVERED = _REASON.format(zh="没有适用的排名政策", en="No ranking policy covers the period.")
_UNKNOWN = _REASON.format(
    zh="台账中没有这一排名政策", en="The ledger knows no ranking policy of this name."
)


def _concerns(arguments: Arguments) -> str:
    """Give the condition that a publication `v` ranks one of the districts asked about.

    Parks are called by names of their own; then the place of the policy tells where they lie.
    """
    if not arguments.given("region"):
        return "true"
    inside = in_regions("k.unit", arguments, "region")
    around = in_regions("p.jurisdiction", arguments, "region")
    regions = arguments.bind("region", "text[]")
    return f"""(EXISTS (SELECT 1 FROM jsonb_object_keys(v.ranks) AS k (unit) WHERE {inside})
        OR EXISTS (SELECT 1 FROM read.policies p WHERE p.policy = v.policy AND p.jurisdiction <> ''
            AND {believed("p")} AND ({around} OR EXISTS (SELECT 1 FROM unnest({regions})
                AS o (region) WHERE starts_with(o.region, p.jurisdiction)))))"""


def _published(arguments: Arguments) -> str:
    """Select the last version of the round of a period, of several the one over most districts.

    Whoever names a policy wants to know what it would give and not what was published.
    """
    if arguments.given("policy"):
        return "SELECT v.* FROM read.publications v WHERE false"
    return f"""SELECT r.* FROM (
            SELECT DISTINCT ON (v.round_id) v.* FROM read.publications v JOIN asked a
                ON v.occurred_on = a.period
            WHERE {_OUT} AND {_concerns(arguments)}
            ORDER BY {_LAST_OF_ROUND}) r
        ORDER BY (SELECT count(*) FROM jsonb_object_keys(r.ranks)) DESC, r.round_id LIMIT 1"""


def _judging(arguments: Arguments) -> str:
    """Select the policy to judge by: the named one, else the one in force at the period's end.

    It is that of the smallest place with all the regions asked about, without any the widest one.
    """
    wanted = [in_force("a.until")]
    place = "length(p.jurisdiction)"
    if arguments.given("policy"):
        wanted = [f"p.policy = {arguments.bind('policy', 'text')}"]
    elif arguments.given("region"):
        regions = arguments.bind("region", "text[]")
        wanted.append(
            f"NOT EXISTS (SELECT 1 FROM unnest({regions}) AS w (region)"
            " WHERE NOT starts_with(w.region, p.jurisdiction))"
        )
        place += " DESC"
    return f"""SELECT p.policy, p.rules, p.jurisdiction FROM read.policies p CROSS JOIN asked a
        WHERE p.policy_kind = 'ranking' AND p.rules IS NOT NULL AND {believed("p")}
            AND {" AND ".join(wanted)}
        ORDER BY {place}, p.effective_from DESC, p.policy DESC, p.order_key DESC LIMIT 1"""


def _ranking(arguments: Arguments) -> str:
    """Give the published lines if there are any, else those that the facts give."""
    period = arguments.bind("period", "text")
    last = latest_day(period)
    lives = lives_in(arguments, IS_JUDGED.format)
    return f"""WITH asked AS MATERIALIZED (SELECT {period} AS period, {first_day(period)} AS since,
                {last} AS last, least({last}, $on) AS until, {months(period)} AS months),
        published AS MATERIALIZED ({_published(arguments)}),
        judging AS MATERIALIZED ({_judging(arguments)}),
        judged AS MATERIALIZED (SELECT g.rules, g.jurisdiction, g.rules ->> 'unit' AS unit,
                a.since, a.until, date_part('year', a.last)::integer AS year, a.period
            FROM asked a CROSS JOIN judging g
            WHERE a.since <= $on AND NOT EXISTS (SELECT 1 FROM published)),
        shown AS (SELECT jsonb_agg(to_jsonb(s)) AS lines FROM ({whole(scored(lives))}) s
            WHERE within_reach(s.unit) OR EXISTS (
                SELECT FROM judged j WHERE within_reach(j.jurisdiction)))
        SELECT a.period, a.since, a.last, a.months, coalesce(v.policy, g.policy) AS policy,
            v.round_id, v.position, v.published_on, v.as_known_at, v.scores, v.ranks,
            CASE WHEN v.position IS NULL THEN s.lines ELSE ({_PUBLISHED_LINES}) END AS lines,
            {_UNKNOWN if arguments.given("policy") else _UNCOVERED} AS reason
        FROM asked a LEFT JOIN published v ON true LEFT JOIN judging g ON true CROSS JOIN shown s"""


def _rows(_: Arguments) -> str:
    """Select the lines, with what is needed to look back at earlier periods."""
    return """SELECT r.unit, r.rank, r.score, r.metrics, $parent.since AS since,
            $parent.last AS last, $parent.months AS months
        FROM jsonb_to_recordset($parent.lines) AS r
            (unit text, rank integer, score numeric, metrics jsonb)"""


def _metrics(_: Arguments) -> str:
    """Select the metrics of a line in their order."""
    names = ("raw", "points", "weight", "numerator", "denominator")
    values = ", ".join(f"(x.metric ->> '{name}')::numeric AS {name}" for name in names)
    return f"""SELECT x.place, x.metric ->> 'code' AS code, {values}
        FROM jsonb_array_elements($parent.metrics) WITH ORDINALITY AS x (metric, place)"""


def _publications(_: Arguments) -> str:
    """Select every publication of the round, whatever replaced it."""
    return f"""SELECT v.position, v.published_on, v.order_key FROM read.publications v
        WHERE v.round_id = $parent.round_id AND {_OUT}"""


def _banners(arguments: Arguments) -> str:
    """Select what was awarded or asked for in some days."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    return f"""SELECT b.district, b.banner, b.round_id, b.occurred_on, b.position, b.order_key
        FROM read.banners b WHERE b.day_to BETWEEN {first} AND {last} AND {seen("b")}
            AND ({in_regions("b.district", arguments, "region")} OR EXISTS (
                SELECT 1 FROM read.publications v WHERE v.round_id = b.round_id AND {seen("v")}
                    AND jsonb_exists(v.ranks, b.district) AND {_concerns(arguments)}))"""


def _ranked(columns: str) -> str:
    """Select the published ranks of the unit of a line in periods as long as the line's."""
    return f"""SELECT DISTINCT ON (v.day_to) {columns}
        FROM read.publications v
        WHERE {months("v.occurred_on")} = $self.months AND {_OUT}
            AND jsonb_exists(v.ranks, $self.unit)
        ORDER BY v.day_to DESC, v.published_on DESC, v.order_key DESC"""


_RANK = "(v.ranks ->> $self.unit)::integer AS rank"
_PLACE = ordinal("v.day_to", "$self.months")

_MOVEMENT = f"""(SELECT b.rank - $self.rank
    FROM ({_ranked(f"v.day_to, {_RANK}")}) b WHERE b.day_to = $self.since - 1)"""

_CONSECUTIVE = f"""(SELECT count(*) FROM (
        SELECT f.place, row_number() OVER (ORDER BY f.place DESC) AS number
        FROM ({_ranked(f"{_PLACE} AS place, {_RANK}")}) f
        WHERE f.rank = 1 AND f.place <= {ordinal("$self.last", "$self.months")}) n
    WHERE n.place + n.number - 1 = {ordinal("$self.last", "$self.months")})"""

RANKING = Relation(
    "Ranking",
    row={
        "period": "text",
        "since": "date",
        "last": "date",
        "months": "integer",
        "policy": "text",
        "round_id": "text",
        "position": "bigint",
        "published_on": "date",
        "as_known_at": "timestamptz",
        "scores": "jsonb",
        "ranks": "jsonb",
        "lines": "jsonb",
        "reason": "text",
    },
    fields={
        "period": Value("$self.period", "text"),
        "published": Value("($self.position IS NOT NULL)", "boolean"),
        "published_at": Value(
            "($self.published_on + TIME '12:00') AT TIME ZONE INTERVAL '+08:00'", "datetime"
        ),
        "as_known_at": Value("$self.as_known_at", "datetime"),
        "round": Value("$self.round_id", "id"),
        "policy": One(
            "PolicyRef",
            lambda _: (
                f"""SELECT $parent.policy AS policy WHERE EXISTS (
                SELECT 1 FROM read.policies k WHERE k.policy = $parent.policy
                    AND {believed("k")})"""
            ),
        ),
        "reason": Value("$self.reason", "text"),
        "publication": One(
            "Event",
            lambda _: "SELECT $parent.position AS position WHERE $parent.position IS NOT NULL",
        ),
        "publications": Many(
            "Event", _publications, "$self.published_on DESC, $self.order_key DESC"
        ),
        "rows": Many("RankingRow", _rows, '$self.rank, $self.unit COLLATE "C"'),
        "drift": Many("Drift", drifts, '$self.path COLLATE "C"'),
        "banners": Many(
            "Banner",
            lambda _: (
                f"""SELECT b.district, b.banner, b.round_id, b.occurred_on,
                    b.position, b.order_key
                FROM read.banners b WHERE b.round_id = $parent.round_id AND {seen("b")}"""
            ),
            "$self.order_key, $self.position",
        ),
    },
)

RANKING_ROW = Relation(
    "RankingRow",
    row={
        "unit": "text",
        "rank": "integer",
        "score": "numeric",
        "metrics": "jsonb",
        "since": "date",
        "last": "date",
        "months": "integer",
    },
    fields={
        "rank": Value("$self.rank", "int"),
        "region": Value("$self.unit", "id"),
        "score": Value("trim_scale($self.score)", "decimal"),
        "movement": Value(_MOVEMENT, "int"),
        "consecutive_first": Value(_CONSECUTIVE, "int"),
        "metrics": Many("MetricScore", _metrics, "$self.place"),
    },
)

METRIC_SCORE = Relation(
    "MetricScore",
    row={
        "place": "bigint",
        "code": "text",
        "raw": "numeric",
        "points": "numeric",
        "weight": "numeric",
        "numerator": "numeric",
        "denominator": "numeric",
    },
    fields={
        "code": Value("$self.code", "text"),
        "raw": Value("trim_scale($self.raw)", "decimal"),
        "points": Value("trim_scale($self.points)", "decimal"),
        "weight": Value("trim_scale($self.weight)", "decimal"),
        "rate": ratio("$parent.numerator", "$parent.denominator"),
    },
)

BANNER = Relation(
    "Banner",
    row={
        "district": "text",
        "banner": "text",
        "round_id": "text",
        "occurred_on": "text",
        "position": "bigint",
    },
    fields={
        "round": Value("$self.round_id", "id"),
        "region": Value("$self.district", "id"),
        "kind": Value("$self.banner", "text"),
        "award": Value(named("$self.banner"), "enum"),
        "on": Value("$self.occurred_on", "flexdate"),
        "event": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

RELATIONS = (RANKING, RANKING_ROW, METRIC_SCORE, BANNER)
ROOTS: dict[str, One | Many | Page] = {
    "ranking": One("Ranking", _ranking),
    "banners": Many("Banner", _banners, "$self.order_key, $self.position"),
}
