"""Read the lives of many projects: of what was settled, and anew for what was touched since."""

from collections.abc import Callable

from projections.judging.effective_starts import first_starts
from projections.judging.first_days import first_day, firsts_of, told_of
from projections.judging.project_scope import in_regions, sized
from projections.spans.board_days import DISTRICTS
from projections.spans.spans import changed_between, spanned
from projections.terms.relation import Arguments
from projections.terms.seen import last_seen, seen
from projections.views.lifecycle import OF_NODE_OR_INSPECTION

_NAMES = ("project", "district", "park", "industry", "total", "submitted")
_COLUMNS = ", ".join(f"l.{name}" for name in (*_NAMES, "firsts", "coarse", "unsteady", "inspected"))

TOUCHED = """SELECT t.project FROM read.touched t
    WHERE $settled <> $known AND t.position > least($settled, $known)"""
"""Selects the projects about which `$settled` and `$known` may know different things."""

# With OFFSET the few projects are looked up, instead of everything that changed being gathered.
_DIFFERS = " OR ".join(
    f"""EXISTS (SELECT FROM read.{table} x WHERE x.project = t.project AND x.day_to <= $on
        AND {changed_between("x", "$settled", "$known")} AND {among} OFFSET 0)"""
    for table, among in (
        *(("projects", "true"), ("signings", "true"), ("admissions", "true")),
        ("lifecycle", OF_NODE_OR_INSPECTION),
    )
)
_ANEW = f"""touched AS MATERIALIZED (SELECT t.project FROM ({TOUCHED}) t WHERE {{}}),
    anew AS MATERIALIZED (SELECT t.project FROM touched t WHERE {_DIFFERS})"""


_SUBMITTED = "min(a.day_to) AS submitted"
_IS_SUBMITTED = f"a.act = 'submitted' AND {seen('a')}"
_ONE_BY_ONE = f"""SELECT t.project, r.district, r.park, r.industry,
        coalesce({last_seen("signings", "total_investment", "t.project")}, r.intended_investment)
            AS total, a.submitted, {told_of("f")}
    FROM anew t CROSS JOIN LATERAL (
        SELECT r.district, r.park, r.industry, r.intended_investment FROM read.projects r
        WHERE r.project = t.project AND {seen("r")} ORDER BY r.order_key DESC LIMIT 1) r
    LEFT JOIN LATERAL ({firsts_of(f"m.project = t.project AND {seen('m')}")} OFFSET 0) f ON true
    LEFT JOIN LATERAL (SELECT {_SUBMITTED} FROM read.admissions a
        WHERE a.project = t.project AND {_IS_SUBMITTED} OFFSET 0) a ON true"""
"""Selects the lives of the projects of `anew`, which are few, as the planner cannot know."""


def lives(arguments: Arguments, regions: str) -> str:
    """Select the lives on the judged day of the projects of the regions asked about, if any are.

    Beside what `life_days` says of them there is `project`.
    """
    if not arguments.given(regions):
        return lives_in(arguments, None)
    return lives_in(arguments, lambda district: in_regions(district, arguments, regions))


def lives_in(arguments: Arguments, placed: Callable[[str], str] | None) -> str:
    """Select the lives of the projects whose district meets a condition, if there is one."""
    here = "true" if placed is None else placed("l.district")
    ever = "SELECT d.project FROM read.projects d"
    if placed is not None:
        ever += f" WHERE {placed('d.district')}"
    if not arguments.may_read_spans():
        return f"SELECT l.* FROM ({_judged(ever)}) l WHERE {here}"
    there, anew = "true", _ANEW.format("true")
    if placed is not None:
        # Few districts meet the condition, and so many texts are not compared.
        there = f"l.district = ANY (ARRAY({DISTRICTS} AND {placed('d.district')}))"
        anew = _ANEW.format(f"t.project IN ({ever})")
    return f"""WITH {anew}
        SELECT {_COLUMNS} FROM read.life_spans l
            WHERE {spanned("l")} AND {there} AND l.project NOT IN (SELECT a.project FROM anew a)
        UNION ALL SELECT l.* FROM ({_ONE_BY_ONE}) l WHERE {here}"""


def _judged(projects: str) -> str:
    """Select the lives of the projects that a query selects from their facts."""
    firsts = firsts_of(f"m.project IN ({projects}) AND {seen('m')}")
    submitted = f"""SELECT a.project, {_SUBMITTED} FROM read.admissions a
        WHERE a.project IN ({projects}) AND {_IS_SUBMITTED} GROUP BY a.project"""
    return f"""SELECT z.project, z.district, z.park, z.industry, z.total, a.submitted,
            {told_of("f")}
        FROM ({sized(projects)}) z LEFT JOIN ({firsts}) f ON f.project = z.project
        LEFT JOIN ({submitted}) a ON a.project = z.project"""


def started_of(lives_: str, evidence: str) -> str:
    """Select (project, day): the first starts that count on the judged day, of a table of lives.

    What an inspection found is looked up where there was one.
    """
    inspected = f"m.project IN (SELECT l.project FROM {lives_} l WHERE l.inspected)"
    day = first_day("construction_started")
    return f"""SELECT l.project, {day} AS day FROM {lives_} l
        WHERE NOT l.inspected AND {day} <= $on AND {evidence} <> 'verified'
        UNION ALL {first_starts(evidence, inspected)}"""
