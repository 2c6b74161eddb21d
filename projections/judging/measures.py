"""The measures of `domain.measures` in SQL: what every project adds to a number.

The text stands over two expressions of the question around it: `judged (jurisdiction, unit, since,
until, year)` with one row, and `metrics (code, measure, levels, min_yuan, whole_year, basis)`.
Facts are seen at the end of the window, whatever day the question judges.

Everything about a project is first gathered into one row by a single aggregate, since the planner
cannot know how many rows such expressions have, and would join them project by project.
"""

from collections.abc import Iterable

from projections.judging.effective_starts import start_spans
from projections.judging.entries import BROADEST_FIRST, entries
from projections.judging.first_days import first_day
from projections.terms.industries import lies_in
from projections.terms.policy_choice import chosen
from projections.terms.seen import seen
from projections.terms.summary_policy import rules_or_defaults
from projections.views.investments import last_report

UNTIL = "(SELECT j.until FROM judged j)"
_YEAR = "(SELECT j.year FROM judged j)"
_MONTHS = "(SELECT date_part('month', j.until)::integer FROM judged j)"
_PLACE = "(SELECT j.jurisdiction FROM judged j)"

MARKS = {
    "signed": "signed",
    "construction_started": "started",
    "statistics_enrolled": "enrolled",
    "completion_accepted": "completed",
    "commissioned": "commissioned",
}
"""The marks whose first days are looked at, and what they are called in a profile."""


def _rules(kind: str) -> str:
    """Give the rules of a kind in the judged place at the end of the window, or the usual ones."""
    return rules_or_defaults(kind, f"({chosen(kind, _PLACE, UNTIL, 'p.rules')})")


_EVIDENCE = "(SELECT q.listing ->> 'start_evidence' FROM ruled q)"
_RULED = f"""ruled AS MATERIALIZED (SELECT {_rules("listing")} AS listing,
    {_rules("targets")} AS targets, {_rules("enrolment")} AS enrolment)"""

IS_JUDGED = f"starts_with({{}}, {_PLACE})"
"""The condition that a district lies in the judged place."""

# A start that nobody inspected counts unless only verified ones do; others are looked up.
_STARTED = f"""CASE WHEN NOT l.inspected AND {_EVIDENCE} <> 'verified'
    THEN {first_day("construction_started")} END"""


_UNIT = """CASE j.unit WHEN 'park' THEN l.park WHEN 'city' THEN left(l.district, 4)
    ELSE l.district END"""


def _placed(lives: str) -> str:
    """Give the projects of the judged place, with their units and first days up to the end."""
    days = {name: first_day(mark) for mark, name in MARKS.items()} | {"started": _STARTED}
    firsts = ", ".join(
        f"CASE WHEN {day} <= $on THEN {day} END AS {name}" for name, day in days.items()
    )
    return f"""placed AS MATERIALIZED (
        SELECT l.project, l.district, l.park, l.industry, l.total, l.inspected, {firsts},
            {_UNIT} AS unit
        FROM judged j CROSS JOIN ({lives}) l)"""


_LISTS = (
    *("start_rate", "commissioning_rate", "completion_rate", "investment", "annual_plan"),
    *("continuing_projects", "provincial_projects", "new_projects"),
)
"""The measures that look at entries of lists."""

_OF_STARTS = ("start_rate", "starts", "enrolment_rate", "late_enrolments", "new_projects")
"""The measures that look at starts."""


def _asked(measures: tuple[str, ...]) -> str:
    """Give the condition, decided once, that one of the measures is asked for at all."""
    names = ", ".join(f"'{name}'" for name in measures)
    return f"(SELECT count(*) > 0 FROM metrics m WHERE m.measure IN ({names}))"


_TYPES = {
    **dict.fromkeys(("unit", "district", "park", "industry"), "text"),
    "total": "numeric",
    **dict.fromkeys(MARKS.values(), "date"),
    "entry": "jsonb",
    "spoken": "text",
    "land": "jsonb",
}
"""What is told of projects, beside `project` and whether it is placed."""
_COLUMNS = f"project, placed, {', '.join(_TYPES)}"


def _told(project: str, source: str, **columns: str) -> str:
    """Select what is told of projects, with nothing in the columns that are not named."""
    values = [columns.get(name, "NULL") + f"::{type_}" for name, type_ in _TYPES.items()]
    placed = columns.get("placed", "false")
    return f"SELECT {project}, {placed}, {', '.join(values)} FROM {source}"


_INSPECTED = "m.project IN (SELECT p.project FROM placed p WHERE p.inspected)"
_TOLD = " UNION ALL ".join(
    (
        _told(
            "p.project",
            "placed p",
            placed="true",
            **{name: f"p.{name}" for name in _TYPES if name not in {"entry", "spoken", "land"}},
        ),
        _told(
            "s.project",
            f"""({start_spans(_EVIDENCE, _INSPECTED)}) s
                WHERE {_asked(_OF_STARTS)} AND s.span @> $on""",
            started="s.day",
        ),
        _told(
            "e.project",
            f"({entries(f'p.year = {_YEAR}', removed=True)}) e"
            f" WHERE {_asked(_LISTS)} AND e.class IS DISTINCT FROM 'reserve'",
            entry="""jsonb_build_object('level', e.level, 'class', e.class,
                'plan', e.annual_plan, 'stated', e.stated, 'list', e.list_id,
                'removed', e.removed)""",
        ),
        _told(
            "l.project",
            f"""read.lists p JOIN read.listings l ON l.list_id = p.list_id
                    AND coalesce(l.only_year, p.year) = p.year
                WHERE {_asked(_LISTS)} AND p.year = {_YEAR} AND {seen("p")} AND {seen("l")}""",
            spoken="p.level",
        ),
        _told(
            "l.project",
            f"""read.land l WHERE {_asked(("land_awarded", "stock_land"))}
                AND l.act IN ('awarded', 'resumed', 'returned') AND {seen("l")}
                AND l.day_to >= make_date({_YEAR}, 1, 1)""",
            land="jsonb_build_object('act', l.act, 'day', l.day_to, 'mu', l.area_mu)",
        ),
    )
)

_FIRST_DAYS = ", ".join(f"min(t.{name}) AS {name}" for name in MARKS.values())

_PROFILES = f"""profiles AS MATERIALIZED (
    SELECT t.project, max(t.unit) AS unit, max(t.district) AS district, max(t.park) AS park,
        max(t.industry) AS industry, max(t.total) AS total, {_FIRST_DAYS},
        jsonb_agg(t.entry) FILTER (WHERE t.entry IS NOT NULL) AS entries,
        array_agg(t.spoken) FILTER (WHERE t.spoken IS NOT NULL) AS spoken,
        jsonb_agg(t.land) FILTER (WHERE t.land IS NOT NULL) AS lands
    FROM ({_TOLD}) t ({_COLUMNS}) GROUP BY t.project HAVING bool_or(t.placed))"""

_WINDOWS = """windows AS MATERIALIZED (
    SELECT m.*, CASE WHEN m.whole_year THEN make_date(j.year, 1, 1) ELSE j.since END AS since
    FROM metrics m CROSS JOIN judged j)"""

_WIDEST = BROADEST_FIRST.format("x.level")
_ORDER = f"ORDER BY {_WIDEST}, x.stated DESC, x.list"

_ENTERED = f"""SELECT bool_or(x.class = 'new') AS is_new,
        bool_or(x.class = 'completing') AS is_completing, count(*) > 0 AS is_listed,
        (array_agg(x.level {_ORDER}))[1] AS level, (array_agg(x.class {_ORDER}))[1] AS class,
        (array_agg(x.plan {_ORDER}))[1] AS plan
    FROM jsonb_to_recordset(p.entries)
        AS x (level text, class text, plan numeric, stated text, list text, removed boolean)
    WHERE p.entries IS NOT NULL
        AND (NOT x.removed OR w.measure = 'start_rate' AND q.listing ->> 'removed' = 'stay')
        AND (w.levels = '{{}}' OR x.level = ANY (w.levels)
        OR (q.listing ->> 'levels_nested')::boolean AND NOT p.spoken && w.levels
            AND {_WIDEST} > (SELECT min({BROADEST_FIRST.format("o.level")})
                FROM unnest(w.levels) AS o (level)))"""
"""The entries of a project that a metric counts: those that stand, and in start rates those taken
off a list where the policy lets them stay; of these those on its levels and, where levels are
nested and the lists of these levels never spoke of the project, those on higher ones."""

_LARGE = "(w.min_yuan = 0 OR p.total >= w.min_yuan)"
_MADE = lies_in("p.industry", "'C'")
_SIGNED = f"p.signed >= w.since AND {_LARGE}"
_DUE = f"""p.started + (q.enrolment ->> 'within_days')::integer <= {UNTIL} AND (p.total
    < (q.enrolment ->> 'total_wan_yuan_min')::numeric * 10000) IS NOT TRUE"""
_BASIS = """CASE w.basis WHEN 'by-level' THEN q.listing ->> (e.level || '_basis')
    ELSE w.basis END"""
_YTD = f"coalesce(({last_report('p.project', _YEAR, _MONTHS, _BASIS)}), 0)"

_NEW = """p.total >= CASE WHEN w.min_yuan > 0 THEN w.min_yuan
        ELSE (q.targets ->> 'new_project_yi_min')::numeric * 100000000 END
    AND CASE q.targets ->> 'new_project_event' WHEN 'listed' THEN e.is_new
        WHEN 'started' THEN p.started >= w.since ELSE p.signed >= w.since END"""

_LISTED_PROVINCIALLY = (
    """jsonb_path_exists(p.entries, '$[*] ? (@.level == "provincial" && @.removed == false)')"""
)


def _land(acts: str) -> str:
    """Add up the land of some acts in the window."""
    return f"""(SELECT sum(a.mu) FROM jsonb_to_recordset(p.lands) AS a (act text, day date,
        mu numeric) WHERE a.act IN ({acts}) AND a.day >= w.since)"""


_ADDED = {
    "start_rate": ("e.is_new", "(p.started IS NOT NULL)::integer"),
    "commissioning_rate": ("e.is_completing", "(p.commissioned IS NOT NULL)::integer"),
    "completion_rate": ("e.is_listed", _YTD),
    "investment": ("e.is_listed", _YTD),
    "annual_plan": ("e.is_listed", "coalesce(e.plan, 0)"),
    "continuing_projects": ("e.class = 'continuing'", "1"),
    "provincial_projects": (_LISTED_PROVINCIALLY, "1"),
    "signings": (_SIGNED, "1"),
    "signed_investment": (_SIGNED, "coalesce(p.total, 0)"),
    "park_entry_rate": (f"{_SIGNED} AND {_MADE}", "(p.park IS NOT NULL)::integer"),
    "manufacturing_share": (_SIGNED, f"({_MADE})::integer"),
    "new_projects": (_NEW, "1"),
    "starts": (f"p.started >= w.since AND {_LARGE}", "1"),
    "enrolments": (f"p.enrolled >= w.since AND {_LARGE}", "1"),
    "completions": (f"p.completed >= w.since AND {_LARGE}", "1"),
    "commissionings": (f"p.commissioned >= w.since AND {_LARGE}", "1"),
    "enrolment_rate": (_DUE, "(p.enrolled IS NOT NULL)::integer"),
    "late_enrolments": (_DUE, "(p.enrolled IS NULL)::integer"),
    "land_awarded": ("p.lands IS NOT NULL", _land("'awarded'")),
    "stock_land": ("p.lands IS NOT NULL", _land("'resumed', 'returned'")),
}
"""Of every measure, which projects count and what each of them adds."""

_BY_ENTRY = {name for name, (counts, _) in _ADDED.items() if counts.startswith("e.")}
_BY_ENTRY.add("new_projects")
"""The measures that look at the entry of a project which they count."""


def _numerator(measures: Iterable[str]) -> str:
    """Give what a project adds to the measure of a window, null where it does not count."""
    cases = " ".join(
        f"WHEN '{name}' THEN CASE WHEN {_ADDED[name][0]} THEN ({_ADDED[name][1]})::numeric END"
        for name in measures
    )
    return f"SELECT CASE w.measure {cases} END AS numerator OFFSET 0"


def _among(measures: Iterable[str]) -> str:
    names = ", ".join(f"'{name}'" for name in measures)
    return f"w.measure IN ({names})"


_COUNTED_BY_ENTRY = [name for name in _ADDED if name in _BY_ENTRY]
_COUNTED_AT_ONCE = [name for name in _ADDED if name not in _BY_ENTRY]
_COLUMNS_OF_PART = "w.code, p.project, p.unit, p.district, v.numerator"
_PARTS = f"""SELECT {_COLUMNS_OF_PART},
        CASE w.measure WHEN 'completion_rate' THEN coalesce(e.plan, 0) ELSE 1 END::numeric
            AS denominator
    FROM windows w CROSS JOIN ruled q
    JOIN profiles p ON p.entries IS NOT NULL OR w.measure = 'new_projects'
    CROSS JOIN LATERAL ({_ENTERED}) e
    CROSS JOIN LATERAL ({_numerator(_COUNTED_BY_ENTRY)}) v
    WHERE {_among(_COUNTED_BY_ENTRY)} AND v.numerator IS NOT NULL
    UNION ALL SELECT {_COLUMNS_OF_PART}, 1::numeric
    FROM windows w CROSS JOIN ruled q CROSS JOIN profiles p
    CROSS JOIN LATERAL ({_numerator(_COUNTED_AT_ONCE)}) v
    WHERE {_among(_COUNTED_AT_ONCE)} AND v.numerator IS NOT NULL"""
"""Selects what every project adds to every metric. Entries are gone through only where they count:
that is by far the dearest part."""


def contributions(lives: str, known: str = "$known") -> str:
    """Select (code, project, unit, district, numerator, denominator) as known at a position.

    `lives` selects the lives of the projects of the judged place. A project counts once a metric,
    where it lies at the end of the window.
    """
    text = f"""WITH {_RULED}, {_placed(lives)}, {_PROFILES}, {_WINDOWS}
        {_PARTS}"""
    return text.replace("$known", known).replace("$on", UNTIL)


def units(lives: str) -> str:
    """Select the units that have a project in the judged place."""
    text = f"""SELECT DISTINCT p.unit FROM (SELECT {_UNIT} AS unit
        FROM judged j CROSS JOIN ({lives}) l) p WHERE p.unit IS NOT NULL"""
    return text.replace("$on", UNTIL)
