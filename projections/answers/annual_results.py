"""The results of a year as they were known when its books were closed, and as they are known now.

Nothing is stored for this: the ledger still knows what it knew on every day, so the result of the
closing day is computed from exactly the facts that were known then. Where the two differ, the
causes are the events recorded since that changed what a project adds.
"""

from domain.measures import MEASURES
from domain.ranking import YI
from projections.answers.ranking_drift import CAUSED, THEN, moved
from projections.judging.measures import contributions
from projections.judging.project_scope import in_regions
from projections.spans.lives import lives
from projections.terms.quantities import half_up, ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.summary_policy import rules_or_defaults, summary_policy

_MEASURES = ", ".join(
    f"({place}, '{code}', '{measure.sort}', '{measure.chinese}', '{measure.english}')"
    for place, (code, measure) in enumerate(MEASURES.items())
)

_METRICS = """SELECT v.place, v.code, v.code AS measure, v.sort, v.chinese, v.english,
        '{}'::text[] AS levels, 0::numeric AS min_yuan, true AS whole_year, 'by-level' AS basis
    FROM measures v"""

_SUMMED = """SELECT b.code, sum(b.numerator) AS numerator, sum(b.denominator) AS denominator
    FROM {} b WHERE"""


def _shown(side: str) -> str:
    """Give the value of a measure on one side: percent, 亿元, mu or a number; null over zero."""
    exact = f"coalesce({side}.numerator, 0)"
    percent = half_up(f"(100 * {exact})", f"coalesce({side}.denominator, 0)", "2")
    return f"""CASE m.sort WHEN 'rate' THEN {percent}
        WHEN 'money' THEN {half_up(exact, str(YI), "8")} ELSE {exact} END"""


def _sides(side: str, name: str) -> str:
    """Give both sides of a rate, null for other measures."""
    return ", ".join(
        f"CASE m.sort WHEN 'rate' THEN coalesce({side}.{part}, 0) END AS {name}_{part}"
        for part in ("numerator", "denominator")
    )


def _annual_results(arguments: Arguments) -> str:
    """Take every measure twice over the same year."""
    year = arguments.bind("year", "integer")
    where = in_regions("b.district", arguments, "region")
    caused = in_regions("k.unit", arguments, "region")
    placed = lives(arguments, "region")
    close_day = f"({rules_or_defaults('reporting', 'c.rules')} ->> 'close_day')"
    return f"""WITH measures (place, code, sort, chinese, english) AS (VALUES {_MEASURES}),
        closing AS MATERIALIZED (SELECT c.policy, ({year} + 1 || '-' || {close_day})::date AS day
            FROM ({summary_policy("reporting", arguments, "region")}) c),
        closed AS MATERIALIZED (SELECT c.policy, c.day, c.day <= $on AS is_past,
                (c.day + 1)::timestamp AT TIME ZONE INTERVAL '+08:00' AS moment FROM closing c),
        known_then AS MATERIALIZED (SELECT least($known, coalesce((SELECT h.size
            FROM ledger.heads h WHERE h.recorded_at < (SELECT c.moment FROM closed c)
            ORDER BY h.recorded_at DESC, h.size DESC LIMIT 1), 0)) AS size),
        judged AS MATERIALIZED (SELECT '' AS jurisdiction, 'district' AS unit,
            make_date({year}, 1, 1) AS since, least(make_date({year}, 12, 31), $on) AS until,
            {year} AS year),
        metrics AS MATERIALIZED ({_METRICS}),
        parts_now AS MATERIALIZED ({contributions(placed)}),
        parts_then AS MATERIALIZED ({contributions(placed, THEN)}),
        later AS ({_SUMMED.format("parts_now")} {where} GROUP BY b.code),
        earlier AS ({_SUMMED.format("parts_then")} {where} GROUP BY b.code),
        moved AS MATERIALIZED ({moved("parts_then", "parts_now")}),
        caused AS MATERIALIZED ({CAUSED})
        SELECT m.place, m.code, m.sort, CASE WHEN $language = 'zh' THEN m.chinese
                ELSE m.english END AS name, c.policy, c.day, c.is_past,
            {_shown("o")} AS then_value, {_sides("o", "then")},
            {_shown("n")} AS now_value, {_sides("n", "now")},
            coalesce((SELECT array_agg(DISTINCT k.position ORDER BY k.position) FROM caused k
                WHERE k.code = m.code AND c.is_past AND {caused}), '{{}}') AS causes
        FROM metrics m CROSS JOIN closed c LEFT JOIN later n ON n.code = m.code
        LEFT JOIN earlier o ON o.code = m.code"""


def _side(name: str) -> One:
    """Link to one side, as it was or as it is."""
    past = " WHERE $parent.is_past" if name == "then" else ""
    return One(
        "MeasuredValue",
        lambda _: (
            f"""SELECT $parent.{name}_value AS value, $parent.{name}_numerator AS numerator,
            $parent.{name}_denominator AS denominator{past}"""
        ),
    )


ANNUAL_RESULT = Relation(
    "AnnualResult",
    row={
        "place": "integer",
        "code": "text",
        "sort": "text",
        "name": "text",
        "policy": "text",
        "day": "date",
        "is_past": "boolean",
        "then_value": "numeric",
        "then_numerator": "numeric",
        "then_denominator": "numeric",
        "now_value": "numeric",
        "now_numerator": "numeric",
        "now_denominator": "numeric",
        "causes": "bigint[]",
    },
    fields={
        "measure": Value("$self.code", "text"),
        "name": Value("$self.name", "text"),
        "closed_on": Value("$self.day", "date"),
        "as_closed": _side("then"),
        "now": _side("now"),
        "drifted": Value(
            "$self.is_past AND ($self.then_value, $self.then_numerator, $self.then_denominator)"
            " IS DISTINCT FROM ($self.now_value, $self.now_numerator, $self.now_denominator)",
            "boolean",
        ),
        "causes": Many(
            "Event",
            lambda _: "SELECT u.position FROM unnest($parent.causes) AS u (position)",
            "$self.position",
        ),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
    },
)

MEASURED_VALUE = Relation(
    "MeasuredValue",
    row={"value": "numeric", "numerator": "numeric", "denominator": "numeric"},
    fields={
        "value": Value("trim_scale($self.value)", "decimal"),
        "rate": ratio("$parent.numerator", "$parent.denominator"),
    },
)

RELATIONS = (ANNUAL_RESULT, MEASURED_VALUE)
ROOTS: dict[str, One | Many | Page] = {
    "annual_results": Many("AnnualResult", _annual_results, "$self.place")
}
