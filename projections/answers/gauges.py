"""Every target of a year as a gauge: what was reached on the day, against what was wanted.

Rates are compared exactly, by their two sides. A measure that the ledger does not have, and a rate
over nothing, show no value and are neither met nor missed; the reason is said.
"""

from domain.measures import MEASURES
from domain.ranking import YI
from projections.judging.measures import contributions
from projections.judging.project_scope import in_regions
from projections.spans.lives import lives_in
from projections.terms.quantities import half_up, ratio
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import seen

_SORTS = ", ".join(f"('{code}', '{measure.sort}')" for code, measure in MEASURES.items())

_UNITS = (
    ("rate", "^(ratio|1|比)", "1", 1),
    ("rate", "(%|percent|pct|百分|％)", "100", 1),
    ("money", "^(yuan|元)$", "1", 1),
    ("money", "(wan|万)", "0.0001", 1),
    ("money", "(yi|亿)", "0.00000001", 1),
    ("land", "(mu|亩)", "1", 1),
    ("land", "^(ha|hectares?|公顷)$", "1", 15),
    ("land", "^(m2|m²|sqm|square.metres?|平方米)$", "2000", 3),
    ("count", "^(?!.*(%|percent|百分|yuan|元|亩|公顷))", "1", 1),
)
"""What turns the sum of a measure into a unit: what it is multiplied with and divided by."""

_UNIT = ", ".join(
    f"({place}, '{sort}', '{unit}', {times}::numeric, {over}::numeric)"
    for place, (sort, unit, times, over) in enumerate(_UNITS)
)
_READ_UNIT = f"""LEFT JOIN LATERAL (SELECT u.times, u.over
    FROM (VALUES {_UNIT}) AS u (place, sort, unit, times, over)
    WHERE u.sort = s.sort AND t.unit ~* u.unit ORDER BY u.place LIMIT 1) u ON true"""

_TARGETS = f"""SELECT DISTINCT ON (g.target_id) g.* FROM read.targets g
    WHERE {seen("g")} ORDER BY g.target_id, g.order_key DESC"""

_METRICS = f"""SELECT t.target_id AS code, t.measure, t.levels, t.min_yi * {YI} AS min_yuan,
        true AS whole_year, t.basis FROM targets t WHERE t.measure IS NOT NULL"""

_AIMED_AT = """EXISTS (SELECT FROM targets t WHERE t.regions = '{{}}' OR EXISTS (
    SELECT FROM unnest(t.regions) AS w (region) WHERE starts_with({}, w.region)))"""
"""The condition that one of the targets is for a district."""

_SUMMED = """SELECT t.target_id, sum(b.numerator) AS numerator, sum(b.denominator) AS denominator
    FROM targets t JOIN ({contributions}) b ON b.code = t.target_id
    WHERE t.regions = '{{}}' OR EXISTS (
        SELECT 1 FROM unnest(t.regions) AS w (region) WHERE starts_with(b.district, w.region))
    GROUP BY t.target_id"""

_REACHED, _WANTED = "(v.top * v.scale)", "(v.threshold * v.bottom)"

_MET = f"""CASE WHEN v.bottom > 0 THEN CASE v.comparator
    WHEN '>=' THEN {_REACHED} >= {_WANTED} WHEN '>' THEN {_REACHED} > {_WANTED}
    WHEN '<=' THEN {_REACHED} <= {_WANTED} WHEN '<' THEN {_REACHED} < {_WANTED}
    ELSE {_REACHED} = {_WANTED} END END"""

_REASON = """CASE WHEN v.measure IS NULL THEN CASE WHEN $language = 'zh'
        THEN '账本不计量此指标' ELSE 'The ledger does not measure this.' END
    WHEN v.until IS NULL THEN CASE WHEN $language = 'zh'
        THEN '该年度尚未开始' ELSE 'The year has not begun on the judged day.' END
    WHEN NOT v.understood THEN CASE WHEN $language = 'zh'
        THEN '目标范围无法识别' ELSE 'The scope names no region or level that is known.' END
    WHEN v.scale IS NULL THEN CASE WHEN $language = 'zh'
        THEN '目标单位与该指标不符' ELSE 'The unit does not fit what is measured.' END
    WHEN v.bottom = 0 THEN CASE WHEN $language = 'zh'
        THEN '分母为零, 不适用' ELSE 'Not applicable: there is nothing to divide by.' END END"""


def _gauges(arguments: Arguments) -> str:
    """Measure the targets that fall due in a year, over the year up to the judged day."""
    year = arguments.bind("year", "integer")
    first, last = f"make_date({year}, 1, 1)", f"make_date({year}, 12, 31)"
    where = "true"
    if arguments.given("region"):
        inside = in_regions("o.region", arguments, "region")
        named = f"EXISTS (SELECT 1 FROM unnest(t.regions) AS o (region) WHERE {inside})"
        where = f"(t.regions = '{{}}' OR {named})"
    lives = lives_in(arguments, _AIMED_AT.format)
    summed = _SUMMED.format(contributions=contributions(lives))
    return f"""WITH targets AS MATERIALIZED (SELECT t.* FROM ({_TARGETS}) t
            WHERE t.due_to BETWEEN {first} AND {last} AND {where}),
        judged AS MATERIALIZED (SELECT '' AS jurisdiction, 'district' AS unit, {first} AS since,
            least({last}, $on) AS until, {year} AS year WHERE {first} <= $on),
        metrics AS MATERIALIZED ({_METRICS}), summed AS MATERIALIZED ({summed}),
        valued AS (SELECT t.*, s.sort, j.until, u.times AS scale, CASE
                WHEN j.until IS NULL OR t.measure IS NULL OR NOT t.understood THEN NULL
                WHEN s.sort = 'rate' THEN coalesce(c.denominator, 0) ELSE u.over END AS bottom,
                coalesce(c.numerator, 0) AS top,
                CASE s.sort WHEN 'rate' THEN coalesce(c.numerator, 0) END AS numerator,
                CASE s.sort WHEN 'rate' THEN coalesce(c.denominator, 0) END AS denominator
            FROM targets t LEFT JOIN judged j ON true
            LEFT JOIN (VALUES {_SORTS}) AS s (code, sort) ON s.code = t.measure
            {_READ_UNIT}
            LEFT JOIN summed c ON c.target_id = t.target_id)
        SELECT v.target_id, v.metric, v.measure, v.scope, v.regions, v.threshold, v.unit,
            v.comparator, v.due, v.due_to, v.position, v.numerator, v.denominator,
            {half_up("(v.top * v.scale)", "v.bottom", "CASE v.scale WHEN 1 THEN 4 ELSE 2 END")}
                AS actual, {_MET} AS met, v.due_to < $on AS past, {_REASON} AS reason
        FROM valued v"""


_COMPARISON = """CASE $self.comparator WHEN '>=' THEN 'at_least' WHEN '>' THEN 'above'
    WHEN '<=' THEN 'at_most' WHEN '<' THEN 'below' ELSE 'equal' END"""

GAUGE = Relation(
    "Gauge",
    row={
        "target_id": "text",
        "metric": "text",
        "measure": "text",
        "scope": "text",
        "regions": "text[]",
        "threshold": "numeric",
        "unit": "text",
        "comparator": "text",
        "due": "text",
        "due_to": "date",
        "position": "bigint",
        "numerator": "numeric",
        "denominator": "numeric",
        "actual": "numeric",
        "met": "boolean",
        "past": "boolean",
        "reason": "text",
    },
    fields={
        "target": Value("$self.target_id", "id"),
        "metric": Value("$self.metric", "text"),
        "measure": Value("$self.measure", "text"),
        "scope": Value("$self.scope", "text"),
        "threshold": Value("trim_scale($self.threshold)", "decimal"),
        "unit": Value("$self.unit", "text"),
        "comparator": Value("$self.comparator", "text"),
        "comparison": Value(_COMPARISON, "enum"),
        "due": Value("$self.due", "flexdate"),
        "past_due": Value("$self.past", "boolean"),
        "actual": Value("trim_scale($self.actual)", "decimal"),
        "met": Value("$self.met", "boolean"),
        "rate": ratio("$parent.numerator", "$parent.denominator"),
        "reason": Value("$self.reason", "text"),
        "set_by": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

RELATIONS = (GAUGE,)
ROOTS: dict[str, One | Many | Page] = {
    "targets": Many("Gauge", _gauges, '$self.due_to, $self.target_id COLLATE "C"')
}
