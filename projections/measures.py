"""The measures of `domain.measures` in SQL: what every project adds to a number.

The text stands over two expressions of the question around it: `judged (jurisdiction, unit, since,
until, year)` with one row, and `metrics (code, measure, levels, min_yuan, whole_year, basis)`.
Facts are seen at the end of the window, whatever day the question judges.
"""

from projections.effective_starts import start_spans
from projections.entries import BROADEST_FIRST, entries
from projections.industries import lies_in
from projections.investments import last_report
from projections.policy_choice import chosen
from projections.project_scope import SIZED
from projections.seen import seen
from projections.summary_policy import rules_or_defaults

UNTIL = "(SELECT j.until FROM judged j)"
_YEAR = "(SELECT j.year FROM judged j)"
_MONTHS = "(SELECT date_part('month', j.until)::integer FROM judged j)"
_PLACE = "(SELECT j.jurisdiction FROM judged j)"

MARKS = {
    "starts": "construction_started",
    "enrolments": "statistics_enrolled",
    "completions": "completion_accepted",
    "commissionings": "commissioned",
    "signings": "signed",
    "signed_investment": "signed",
    "park_entry_rate": "signed",
    "manufacturing_share": "signed",
}
"""The mark whose first day in the window makes a project count."""

_LISTING = rules_or_defaults("listing", f"({chosen('listing', _PLACE, UNTIL, 'p.rules')})")
_TARGETS = rules_or_defaults("targets", f"({chosen('targets', _PLACE, UNTIL, 'p.rules')})")
_ENROLMENT = rules_or_defaults("enrolment", f"({chosen('enrolment', _PLACE, UNTIL, 'p.rules')})")

_RULES = f"""ruled AS MATERIALIZED (SELECT {_LISTING} AS listing, {_TARGETS} AS targets,
    {_ENROLMENT} AS enrolment)"""

_PLACED = f"""placed AS MATERIALIZED (
    SELECT r.*, CASE j.unit WHEN 'park' THEN r.park WHEN 'city' THEN left(r.district, 4)
        ELSE r.district END AS unit
    FROM judged j JOIN ({SIZED}) r ON starts_with(r.district, j.jurisdiction))"""

_LISTED = f"""listed AS MATERIALIZED (
    SELECT e.project, e.list_id, e.level, e.class, e.annual_plan, e.stated
    FROM ({entries(f"p.year = {_YEAR}")}) e WHERE e.class IS DISTINCT FROM 'reserve'),
spoken AS MATERIALIZED (
    SELECT DISTINCT l.project, p.level FROM read.lists p JOIN read.listings l USING (list_id)
    WHERE p.year = {_YEAR} AND {seen("p")} AND {seen("l")}),
counted AS (
    SELECT m.code, m.measure, m.basis, l.* FROM metrics m CROSS JOIN ruled q
    JOIN listed l ON m.levels = '{{}}' OR l.level = ANY (m.levels)
        OR (q.listing ->> 'levels_nested')::boolean AND {BROADEST_FIRST.format("l.level")} > (
            SELECT min({BROADEST_FIRST.format("w.level")}) FROM unnest(m.levels) AS w (level))
            AND NOT EXISTS (SELECT 1 FROM spoken o
                WHERE o.project = l.project AND o.level = ANY (m.levels))),
entered AS (
    SELECT DISTINCT ON (l.code, l.project) l.code, l.measure, l.basis, l.project, l.level, l.class,
        l.annual_plan
    FROM counted l
    ORDER BY l.code, l.project, {BROADEST_FIRST.format("l.level")}, l.stated DESC, l.list_id)"""

_OTHER_MARKS = sorted({*MARKS.values()} - {"construction_started"})

_MARKED = f"""marked AS MATERIALIZED (
    SELECT l.project, l.mark, min(l.day_to) AS day FROM read.lifecycle l
    WHERE l.mark IN ({", ".join(f"'{mark}'" for mark in _OTHER_MARKS)})
        AND {seen("l")} GROUP BY l.project, l.mark
    UNION ALL
    SELECT s.project, 'construction_started', min(s.day)
    FROM ({start_spans("(SELECT q.listing ->> 'start_evidence' FROM ruled q)")}) s
    WHERE s.span @> $on GROUP BY s.project)"""

_WINDOWS = """windows AS (
    SELECT m.*, CASE WHEN m.whole_year THEN make_date(j.year, 1, 1) ELSE j.since END AS since
    FROM metrics m CROSS JOIN judged j)"""

_OF_CLASS = """SELECT DISTINCT l.code, l.project FROM counted l
    WHERE l.class = '{}' AND l.measure = '{}'"""


def _ended(measure: str, class_: str, mark: str) -> str:
    """Count how many of the entries of a class bear a mark."""
    return f"""SELECT f.code, f.project, (k.day IS NOT NULL)::integer::numeric, 1::numeric
        FROM ({_OF_CLASS.format(class_, measure)}) f
        LEFT JOIN marked k ON k.project = f.project AND k.mark = '{mark}'"""


def _marked_in(measures: str, mark: str, numerator: str, wanted: str = "true") -> str:
    """Count the projects that got a mark in the window and are large enough."""
    return f"""SELECT w.code, p.project, ({numerator})::numeric, 1::numeric
        FROM windows w JOIN marked k ON k.mark = '{mark}' AND k.day >= w.since
        JOIN placed p ON p.project = k.project
        WHERE w.measure IN ({measures}) AND {wanted}
            AND (w.min_yuan = 0 OR p.total >= w.min_yuan)"""


_MADE = lies_in("p.industry", "'C'")

_BASIS = """CASE e.basis WHEN 'by-level' THEN q.listing ->> (e.level || '_basis')
    ELSE e.basis END"""

_MONEY = f"""SELECT e.code, e.project, CASE e.measure WHEN 'annual_plan' THEN e.annual_plan
        ELSE coalesce(({last_report("e.project", _YEAR, _MONTHS, _BASIS)}), 0) END::numeric,
        CASE e.measure WHEN 'completion_rate' THEN coalesce(e.annual_plan, 0) ELSE 1 END::numeric
    FROM entered e CROSS JOIN ruled q
    WHERE e.measure IN ('completion_rate', 'investment', 'annual_plan')"""

_ENTRIES = """SELECT e.code, e.project, 1::numeric, 1::numeric FROM entered e
    WHERE e.measure = 'continuing_projects' AND e.class = 'continuing'
    UNION ALL
    SELECT DISTINCT m.code, l.project, 1::numeric, 1::numeric FROM metrics m
    JOIN listed l ON l.level = 'provincial' AND m.measure = 'provincial_projects'"""

_DUE_IN_STATISTICS = f"""SELECT m.code, s.project,
        ((n.day IS NOT NULL) = (m.measure = 'enrolment_rate'))::integer::numeric, 1::numeric
    FROM metrics m CROSS JOIN ruled r JOIN marked s ON s.mark = 'construction_started'
        AND s.day + (r.enrolment ->> 'within_days')::integer <= {UNTIL}
    JOIN placed p ON p.project = s.project
    LEFT JOIN marked n ON n.project = s.project AND n.mark = 'statistics_enrolled'
    WHERE m.measure IN ('enrolment_rate', 'late_enrolments') AND (p.total
        < (r.enrolment ->> 'total_wan_yuan_min')::numeric * 10000) IS NOT TRUE"""

_NEW_PROJECTS = """SELECT w.code, p.project, 1::numeric, 1::numeric
    FROM windows w CROSS JOIN ruled r JOIN placed p ON p.total >= CASE WHEN w.min_yuan > 0
        THEN w.min_yuan ELSE (r.targets ->> 'new_project_yi_min')::numeric * 100000000 END
    WHERE w.measure = 'new_projects' AND CASE r.targets ->> 'new_project_event'
        WHEN 'listed' THEN EXISTS (SELECT 1 FROM listed l
            WHERE l.project = p.project AND l.class = 'new')
        ELSE EXISTS (SELECT 1 FROM marked k WHERE k.project = p.project AND k.day >= w.since
            AND k.mark = CASE r.targets ->> 'new_project_event'
                WHEN 'started' THEN 'construction_started' ELSE 'signed' END) END"""

_LAND = f"""SELECT w.code, l.project, l.area_mu, 1::numeric
    FROM windows w JOIN read.land l ON l.day_to >= w.since AND {seen("l")}
    WHERE w.measure = 'land_awarded' AND l.act = 'awarded'
        OR w.measure = 'stock_land' AND l.act IN ('resumed', 'returned')"""

_BRANCHES = (
    _ended("start_rate", "new", "construction_started"),
    _ended("commissioning_rate", "completing", "commissioned"),
    *(
        _marked_in(f"'{measure}'", MARKS[measure], "1")
        for measure in ("starts", "enrolments", "completions", "commissionings", "signings")
    ),
    _marked_in("'signed_investment'", "signed", "coalesce(p.total, 0)"),
    _marked_in("'park_entry_rate'", "signed", "(p.park IS NOT NULL)::integer", _MADE),
    _marked_in("'manufacturing_share'", "signed", f"({_MADE})::integer"),
    _MONEY,
    _ENTRIES,
    _DUE_IN_STATISTICS,
    _NEW_PROJECTS,
    _LAND,
)


def contributions(known: str = "$known") -> str:
    """Select (code, project, unit, district, numerator, denominator) as known at a position.

    A project counts once a metric, with its parts added up, where it lies at the end of the window.
    """
    branches = " UNION ALL ".join(_BRANCHES)
    text = f"""WITH {_RULES}, {_PLACED}, {_LISTED}, {_MARKED}, {_WINDOWS}
        SELECT c.code, p.project, p.unit, p.district, sum(c.numerator) AS numerator,
            sum(c.denominator) AS denominator
        FROM ({branches}) c (code, project, numerator, denominator)
        JOIN placed p ON p.project = c.project
        GROUP BY c.code, p.project, p.unit, p.district"""
    return text.replace("$known", known).replace("$on", UNTIL)


def units(known: str = "$known") -> str:
    """Select the units that have a project in the judged place, as known at a position."""
    text = f"WITH {_PLACED} SELECT DISTINCT p.unit FROM placed p WHERE p.unit IS NOT NULL"
    return text.replace("$known", known).replace("$on", UNTIL)
