"""Compare what was settled ahead with what would be judged now, over everything that is kept.

Spans and boards are no fold of facts, so folding anew does not reach them; yet answers read them.
They are compared at the settlement nearest to the end, which is the one that answers about the
present are read from. What is not in force there is read by nobody and not compared.
"""

from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import Connection

from ledger.reading import head_size
from ledger.verification.finding import Findings
from projections.judging.node_details import NODE_COLUMNS
from projections.spans.board_counting import pages_of, standing_steps
from projections.spans.board_days import COLOURS
from projections.spans.card_days import CARD_COLUMNS
from projections.spans.life_days import LIFE_COLUMNS
from projections.spans.page import SPANS_OF_PAGE, ask, gathered, prepare
from projections.spans.settled_findings import FINDING_COLUMNS, FINDINGS
from projections.spans.settling import settled_position
from projections.spans.span_days import NODE_KEY, PROJECT_COLUMNS
from projections.terms.seen import believed

_PAGE = 500
_KEPT = (
    ("project", ("project",), PROJECT_COLUMNS),
    ("node", NODE_KEY, NODE_COLUMNS),
    ("card", ("project",), CARD_COLUMNS),
    ("life", ("project",), LIFE_COLUMNS),
)


def _differing(name: str, key: tuple[str, ...], columns: tuple[str, ...]) -> str:
    """Select the projects whose kept spans of one table are not those judged now."""
    wanted = ", ".join((*key, "day_from", "day_to", *columns))
    kept = f"""SELECT {wanted} FROM read.{name}_spans o
        WHERE o.project = ANY ($2::text[]) AND {believed("o")}"""
    fresh = f"SELECT {wanted} FROM fresh_{name}"
    return f"""SELECT d.project, '{name}' AS what FROM (
        (({fresh}) EXCEPT ALL ({kept})) UNION ALL (({kept}) EXCEPT ALL ({fresh}))) d"""


_FINDING = ", ".join(("project", *FINDING_COLUMNS))
_KEPT_FINDINGS = f"""SELECT {_FINDING} FROM read.findings o
    WHERE o.project = ANY ($2::text[]) AND {believed("o")}"""
_FRESH_FINDINGS = f"SELECT {_FINDING} FROM fresh_finding"
_FOUND_OTHERWISE = f"""WITH {FINDINGS} SELECT DISTINCT d.project, 'findings' AS what FROM (
    (({_FRESH_FINDINGS}) EXCEPT ALL ({_KEPT_FINDINGS}))
    UNION ALL (({_KEPT_FINDINGS}) EXCEPT ALL ({_FRESH_FINDINGS}))) d ORDER BY 1"""
_DIFFERING = f"""WITH {SPANS_OF_PAGE} SELECT DISTINCT d.project, d.what FROM (
    {" UNION ALL ".join(_differing(*each) for each in _KEPT)}) d ORDER BY 1, 2"""

_PROJECTS = """SELECT DISTINCT r.project FROM (SELECT project FROM read.projects
        UNION ALL SELECT project FROM read.project_spans) r
    WHERE r.project > $2::text AND $1::bigint > 0 ORDER BY r.project LIMIT $3::integer"""

_CELLS = ", ".join(f"p.{colour}" for colour in COLOURS)
_IS_EMPTY = " AND ".join(f"0 = ALL (p.{colour})" for colour in COLOURS)
_BOARDS = f"""WITH kept AS MATERIALIZED (
    SELECT DISTINCT ON (p.district, p.level, p.page) p.* FROM read.board_pages p
    WHERE p.known_from <= $known ORDER BY p.district, p.level, p.page, p.known_from DESC),
counted AS MATERIALIZED ({pages_of(standing_steps("$known"))})
SELECT DISTINCT b.district FROM (
    (SELECT p.district, p.level, p.page, {_CELLS} FROM kept p WHERE NOT ({_IS_EMPTY})
        EXCEPT SELECT p.district, p.level, p.page, {_CELLS} FROM counted p)
    UNION ALL (SELECT p.district, p.level, p.page, {_CELLS} FROM counted p WHERE NOT ({_IS_EMPTY})
        EXCEPT SELECT p.district, p.level, p.page, {_CELLS} FROM kept p)) b
ORDER BY 1"""
_HOW_MANY = "SELECT count(*) FROM read.touched t WHERE t.position <= $known"


def check_spans(conninfo: str, findings: Findings, progress: Callable[[int, int], None]) -> int:
    """Judge every project anew and give how many were compared; none where nothing is settled."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        made = "SELECT to_regclass('read.findings') IS NOT NULL"
        if connection.execute(made).fetchone() != (True,):
            return 0
        prepare(connection)
        with connection.transaction():
            # One snapshot, however much is settled meanwhile.
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            position = settled_position(connection, head_size(connection))
            return 0 if position is None else _compared(connection, position, findings, progress)


def _compared(
    connection: Connection[Any],
    position: int,
    findings: Findings,
    progress: Callable[[int, int], None],
) -> int:
    """Compare page by page, and the boards at the end."""
    [(total,)] = ask(connection, _HOW_MANY, position)
    compared, last = 0, ""
    while projects := [row[0] for row in ask(connection, _PROJECTS, position, last, _PAGE)]:
        with gathered(connection, position, projects):
            differing = ask(connection, _DIFFERING, position, projects)
        differing += ask(connection, _FOUND_OTHERWISE, position, projects)
        for project, what in differing:
            message = f"what was settled about {project} ({what}) is not what is judged"
            findings.add("models", message, position)
        compared, last = compared + len(projects), projects[-1]
        progress(compared, max(compared, total))
    for (district,) in ask(connection, _BOARDS, position):
        findings.add("models", f"the board of {district} is not that of its projects", position)
    return compared
