"""Find in SQL which statutory clocks run against projects, as `domain.alarms` defines them."""

from domain.alarm import AlarmKind
from domain.alarms import (
    APPROVAL_EXTENSION_YEARS,
    APPROVAL_YEARS,
    IDLE_YEARS,
    PERMIT_EXTENSIONS,
    PERMIT_MONTHS,
    RESUMED_YEARS,
    STOPS,
)
from domain.standstill import FINISHED
from domain.stopped_land import AREA_PARTS, INVESTMENT_PARTS, STOPPED_YEARS
from domain.words import Words
from projections.answers.project_filter import filtered_scope
from projections.judging.entries import any_of
from projections.judging.phase_states import one_project
from projections.terms.relation import Arguments, Field, Many, One, Page, Relation, Value
from projections.terms.seen import believed, latest_day, quoted

WORDS = {
    AlarmKind.PERMIT_VOID: Words(
        "施工许可证{subject}核发后未按期开工，{on}后自行废止",
        "construction permit {subject} is void after {on} unless works begin",
    ),
    AlarmKind.APPROVAL_VOID: Words(
        "{subject}在{on}后失效，除非开工或者获准延期",
        "{subject} is void after {on} unless works begin or it is extended",
    ),
    AlarmKind.IDLE_LAND: Words(
        "地块{subject}在{on}后构成闲置，可收取土地闲置费",
        "plot {subject} is idle after {on}, and a fee may be charged",
    ),
    AlarmKind.STOPPED_LAND: Words(
        "地块{subject}建设中止且面积不足三分之一或投资不足百分之二十五，{on}后构成闲置",
        "works on plot {subject} stand still with less than a third of it built on or a quarter of"
        " the investment made; it is idle after {on}",
    ),
    AlarmKind.STOP_REPORT: Words(
        "施工许可证{subject}项下已中止施工，应当在{on}前报告发证机关",
        "works under construction permit {subject} stand still, to be reported by {on}",
    ),
    AlarmKind.PERMIT_REVERIFY: Words(
        "施工许可证{subject}项下中止施工，{on}满一年，恢复施工前应当核验许可证",
        "works under construction permit {subject} stand still; after {on} it has to be verified"
        " again before they go on",
    ),
    AlarmKind.LAND_RESUMED: Words(
        "地块{subject}在{on}后可无偿收回",
        "plot {subject} may be taken back after {on}",
    ),
}


def _within(alias: str) -> str:
    """Give the condition that a row of a project of the scope is seen."""
    return f"{alias}.project = s.project AND {believed(alias)} AND {alias}.day_to <= s.cut"


def _later(day: str, months: str) -> str:
    """Go so many months on, to the last day that can be written at most."""
    on = f"({day} + make_interval(months => ({months})::integer))::date"
    return f"least({on}, date '9999-12-31')"


_PERMIT_LONGEST = PERMIT_MONTHS * (1 + PERMIT_EXTENSIONS)
_PERMITS = f"""issued AS (
    SELECT s.n, s.project, s.cut, p.certificate_no, min(p.order_key) AS first_key,
        (min(ARRAY[p.order_key, p.day_to::text]))[2]::date AS first, count(*) AS issues,
        max(ARRAY[p.order_key, p.valid_until, p.phase_id, p.position::text]) AS last
    FROM running s JOIN read.permits p ON {_within("p")}
    WHERE p.status IS NULL AND p.permit_kind = 'construction_permit'
        AND NOT EXISTS (SELECT FROM read.invalidations i WHERE {_within("i")}
            AND i.certificate_no = p.certificate_no AND i.order_key > p.order_key)
    GROUP BY 1, 2, 3, 4),
permit_clocks AS (
    SELECT i.n, i.project, i.cut, '{AlarmKind.PERMIT_VOID}' AS kind, i.certificate_no AS subject,
        i.last[3] AS phase_id, i.last[4]::bigint AS position,
        least(CASE WHEN i.last[2] IS NULL THEN {_later("i.first", f"{PERMIT_MONTHS} * i.issues")}
            ELSE {latest_day("i.last[2]")} END, {_later("i.first", str(_PERMIT_LONGEST))}) AS day
    FROM issued i)"""

_APPROVAL_LONGEST = 12 * (APPROVAL_YEARS + APPROVAL_EXTENSION_YEARS)
_APPROVALS = f"""decided AS (
    SELECT DISTINCT ON (s.n) s.n, s.project, s.cut, a.doc_no, a.mode, a.valid_until, a.position,
        first_value(a.day_to) OVER (PARTITION BY s.n, a.doc_no ORDER BY a.order_key) AS first
    FROM running s JOIN read.approvals a ON {_within("a")} ORDER BY s.n, a.order_key DESC),
approval_clocks AS (
    SELECT d.n, d.project, d.cut, '{AlarmKind.APPROVAL_VOID}' AS kind, d.doc_no AS subject,
        NULL::text AS phase_id, d.position, CASE WHEN d.mode NOT IN ('verification', 'approval')
            THEN {latest_day("d.valid_until")}
        WHEN d.valid_until IS NULL THEN {_later("d.first", str(12 * APPROVAL_YEARS))}
        ELSE least({latest_day("d.valid_until")},
            {_later("d.first", str(_APPROVAL_LONGEST))}) END AS day
    FROM decided d)"""

_LAND = f"""awarded AS (
    SELECT s.n, s.project, s.cut, w.parcel, (max(ARRAY[w.order_key, w.phase_id]))[2] AS phase_id,
        (max(ARRAY[w.order_key, w.area_mu::text]))[2]::numeric AS area_mu
    FROM running s JOIN read.land w ON {_within("w")}
    WHERE w.act = 'awarded' AND NOT EXISTS (SELECT FROM read.land r WHERE {_within("r")}
        AND r.act IN ('resumed', 'returned') AND r.parcel = w.parcel AND r.order_key > w.order_key)
    GROUP BY 1, 2, 3, 4),
land_clocks AS (
    SELECT s.n, s.project, s.cut, k.kind, s.parcel AS subject, s.phase_id, c.position,
        {_later("c.due", "12 * k.years")} AS day
    FROM awarded s CROSS JOIN LATERAL (
        SELECT c.position, {latest_day("c.start_due")} AS due FROM read.land c
        WHERE {_within("c")} AND c.act = 'contracted' AND coalesce(c.parcel, s.parcel) = s.parcel
        ORDER BY c.order_key DESC LIMIT 1) c
    CROSS JOIN (VALUES ('{AlarmKind.IDLE_LAND}', {IDLE_YEARS}),
        ('{AlarmKind.LAND_RESUMED}', {RESUMED_YEARS})) AS k (kind, years))"""


def _mine(alias: str) -> str:
    """Give the condition that a row is seen and of the phase of an awarded plot `s`."""
    return f"{_within(alias)} AND coalesce({alias}.phase_id = s.phase_id, true)"


_KINDS = ", ".join(quoted(kind) for kind in sorted(FINISHED))
_INVESTED = f"""coalesce(
    (SELECT r.cumulative FROM read.investments r WHERE {_within("r")}
        AND r.cumulative IS NOT NULL ORDER BY r.order_key DESC LIMIT 1),
    (SELECT max(b.made) FROM (SELECT y.basis, sum(y.ytd) AS made FROM (
        SELECT DISTINCT ON (r.basis, r.year) r.basis, r.ytd FROM read.investments r
        WHERE {_within("r")} ORDER BY r.basis, r.year, r.order_key DESC) y GROUP BY y.basis) b))"""
_SIGNED = f"""(SELECT g.total_investment FROM read.signings g WHERE {_within("g")}
    ORDER BY g.order_key DESC LIMIT 1)"""
_DEVELOPED = f"""(SELECT g.developed_mu FROM read.progress_reports g WHERE {_mine("g")}
    AND g.developed_mu IS NOT NULL ORDER BY g.order_key DESC LIMIT 1)"""
_HALT = f"""SELECT l.position, l.day_to FROM read.lifecycle l
        WHERE {_mine("l")} AND l.mark = 'suspended' AND l.order_key > coalesce((
            SELECT max(r.order_key) FROM read.lifecycle r
            WHERE {_mine("r")} AND r.mark = 'resumed'), '')
        ORDER BY l.order_key LIMIT 1"""
_STANDING_STILL = f"""EXISTS (SELECT FROM read.lifecycle b WHERE {_mine("b")}
            AND b.kind = 'ConstructionStarted')
        AND NOT EXISTS (SELECT FROM read.lifecycle f WHERE {_mine("f")} AND f.kind IN ({_KINDS}))"""
_STOPPED = f"""stopped AS (
    SELECT s.n, s.project, s.cut, '{AlarmKind.STOPPED_LAND}' AS kind, s.parcel AS subject,
        s.phase_id, h.position, {_later("h.day_to", str(12 * STOPPED_YEARS))} AS day
    FROM awarded s CROSS JOIN LATERAL ({_HALT}) h
    WHERE {_STANDING_STILL}
        AND ({AREA_PARTS} * {_DEVELOPED} < s.area_mu
            OR {INVESTMENT_PARTS} * {_INVESTED} < {_SIGNED}))"""

_CLOCKS = ", ".join(f"('{kind}', {months})" for kind, months in STOPS.items())
_STOPS = f"""stops AS (
    SELECT s.n, s.project, s.cut, k.kind, s.certificate_no AS subject, s.phase_id, h.position,
        {_later("h.day_to", "k.months")} AS day
    FROM (SELECT i.n, i.project, i.cut, i.certificate_no, i.last[3] AS phase_id FROM issued i) s
    CROSS JOIN LATERAL ({_HALT}) h CROSS JOIN (VALUES {_CLOCKS}) AS k (kind, months)
    WHERE {_STANDING_STILL})"""


def alarms_of(scope: str, where: str = "true") -> str:
    """Select the clocks that run for the projects of a scope; `where` narrows them, as `a`."""
    return f"""WITH scope AS ({scope}),
        running AS (SELECT s.* FROM scope s WHERE NOT EXISTS (SELECT FROM read.lifecycle e
            WHERE {_within("e")} AND e.mark IN ('terminated', 'withdrawn'))),
        {_PERMITS}, {_APPROVALS}, {_LAND}, {_STOPPED}, {_STOPS},
        clocks AS (SELECT *, true AS until_begun FROM (SELECT * FROM permit_clocks UNION ALL
                SELECT * FROM approval_clocks UNION ALL SELECT * FROM land_clocks) w
            UNION ALL SELECT *, false FROM stopped UNION ALL SELECT *, false FROM stops)
        SELECT a.project, a.kind, a.subject, a.phase_id, a.position, a.day FROM clocks a
        WHERE a.day IS NOT NULL AND {where}
            AND NOT (a.until_begun AND EXISTS (SELECT FROM read.lifecycle b
            WHERE b.project = a.project AND {believed("b")} AND b.day_to <= a.cut
                AND b.mark = 'construction_started'
                AND coalesce(b.phase_id = a.phase_id, true)))"""


def project_alarms(_: Arguments) -> str:
    """Select all clocks that run against the parent project."""
    return alarms_of(one_project("$parent.id"))


def _alarms(arguments: Arguments) -> str:
    """Select the clocks of many projects that have run out or will within so many days."""
    within = arguments.bind("within_days", "integer") if arguments.given("within_days") else "90"
    where = f"a.day <= $on + {within} AND {any_of('a.kind', arguments, 'kinds')}"
    return alarms_of(filtered_scope(arguments), where)


def _told() -> str:
    """Say what runs out and when, in the language of the question."""
    cases = ""
    for kind, words in WORDS.items():
        text = f"CASE $language WHEN 'zh' THEN {quoted(words.zh)} ELSE {quoted(words.en)} END"
        text = f"replace(replace({text}, '{{subject}}', $self.subject), '{{on}}', $self.day::text)"
        cases += f" WHEN '{kind}' THEN {text}"
    return f"CASE $self.kind{cases} END"


ALARM = Relation(
    "Alarm",
    row={
        "project": "text",
        "kind": "text",
        "subject": "text",
        "phase_id": "text",
        "position": "bigint",
        "day": "date",
    },
    fields={
        "project": One(
            "Project", lambda _: "SELECT $parent.project AS id, '' AS sort_up, '' AS sort_down"
        ),
        "kind": Value("$self.kind", "enum"),
        "subject": Value("$self.subject", "id"),
        "phase_id": Value("$self.phase_id", "id"),
        "on": Value("$self.day", "date"),
        "passed": Value("$self.day < $on", "boolean"),
        "days_left": Value("$self.day - $on", "int"),
        "message": Value(_told(), "text"),
        "cause": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

ORDER = '$self.day, $self.project, $self.kind, $self.subject COLLATE "C"'
RELATIONS = (ALARM,)
PROJECT_FIELDS: dict[str, Field] = {"alarms": Many("Alarm", project_alarms, ORDER)}
ROOTS: dict[str, One | Many | Page] = {"alarms": Many("Alarm", _alarms, ORDER)}
