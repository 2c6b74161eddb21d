"""Derive in SQL where projects and their phases stand, as `domain.phase` defines it.

The texts below are common table expressions over one called `scope`, which numbers the questions
and names for each the project, its district, the judged day and the last day whose facts are seen,
which are the same day as a rule: `scope (n, project, district, day, cut)`. One project judged on
several days is several questions.
"""

from domain.phase import CLOSING_CHECKPOINT, EVIDENCE, IMPLICIT_PHASE, PROJECT_WIDE, RANK, Phase
from domain.phase import WHOLE_PROJECT as WHOLE
from projections.terms.quantities import area
from projections.terms.relation import Arguments, Relation, Value
from projections.terms.seen import believed, last_seen, seen

_PROOFS = ", ".join(f"('{mark}', {RANK[phase]})" for mark, phase in EVIDENCE.items())
PROOFS = f"(VALUES {_PROOFS}) AS r (mark, rank)"
"""The ranks of the phases `r` that marks prove."""
WIDE = ", ".join(f"'{mark}'" for mark in sorted(PROJECT_WIDE))
"""The marks that prove their phase for every phase of a project."""
_NAMED = ", ".join(f"('{phase}', {rank})" for phase, rank in RANK.items())
RANKS = f"(VALUES {_NAMED})"
"""The ranks of phases by their names, to be given an alias with the columns phase and rank."""
_LEAST = min(RANK.values())
_NAMES = ", ".join(f"'{phase}'" for phase in sorted(RANK, key=RANK.__getitem__))

MARKS = f"""marks AS (
    SELECT s.n, l.mark, l.phase_id, l.detail, l.stage, l.occurred_on, l.day_from, l.day_to,
        l.order_key, l.position
    FROM scope s JOIN read.lifecycle l ON l.project = s.project
    WHERE {believed("l")} AND l.day_to <= s.cut)"""
"""The marks that each project of the scope bears on its day."""

PHASES = f"""definitions AS (
    SELECT DISTINCT ON (s.n, p.phase_id) s.n, p.phase_id, p.ordinal, p.title
    FROM scope s JOIN read.phases p ON p.project = s.project
    WHERE {believed("p")} AND p.day_to <= s.cut
    ORDER BY s.n, p.phase_id, p.order_key DESC),
mentioned AS (
    SELECT DISTINCT s.n, l.phase_id FROM scope s JOIN read.lifecycle l ON l.project = s.project
    WHERE {believed("l")} AND l.day_to <= s.cut AND l.phase_id IS NOT NULL),
named AS (
    SELECT n, phase_id, d.ordinal, d.title,
        row_number() OVER (PARTITION BY n
            ORDER BY d.ordinal NULLS LAST, phase_id COLLATE "C") AS place
    FROM definitions d FULL JOIN mentioned m USING (n, phase_id)),
placed AS (
    SELECT s.n, s.project, s.district, s.day, s.cut,
        coalesce(f.phase_id, '{IMPLICIT_PHASE}') AS first_phase
    FROM scope s LEFT JOIN named f ON f.n = s.n AND f.place = 1),
phases AS (
    SELECT s.n, coalesce(f.phase_id, s.first_phase) AS phase_id, f.ordinal, f.title,
        coalesce(f.place, 1) AS place
    FROM placed s LEFT JOIN named f ON f.n = s.n)"""
"""The phases of each project in order, and the scope with the first of them, the default phase."""

STOPS = "'terminated', 'withdrawn', 'suspended', 'resumed'"
"""The marks that let phases stand still or go on."""


def halts(*further: str) -> str:
    """Find which phases stand still and how, as a rank; only for projects that ever did.

    `further` names expressions (n, phase_id, place) with phases beyond those of `phases`.
    """
    places = " UNION ".join(
        f"SELECT e.n, e.phase_id, e.place FROM {name} e WHERE e.n IN (SELECT n FROM stops)"
        for name in ("phases", *further)
    )
    return f"""stops AS (
    SELECT s.n, l.mark, l.detail, l.order_key
    FROM scope s JOIN read.lifecycle l ON l.project = s.project
    WHERE {believed("l")} AND l.day_to <= s.cut
        AND l.mark IN ({STOPS})),
halted AS (
    SELECT p.n, p.phase_id, p.place, CASE
        WHEN bool_or(t.mark = 'terminated') THEN {RANK[Phase.TERMINATED]}
        WHEN bool_or(t.mark = 'withdrawn') THEN {RANK[Phase.WITHDRAWN]}
        WHEN (array_agg(t.mark ORDER BY t.order_key DESC)
            FILTER (WHERE t.mark IN ('suspended', 'resumed')
                AND coalesce(t.detail, '{WHOLE}') IN ('{WHOLE}', p.phase_id)))[1] = 'suspended'
        THEN {RANK[Phase.SUSPENDED]} END AS halt
    FROM stops t JOIN ({places}) p ON p.n = t.n GROUP BY p.n, p.phase_id, p.place)"""


STANDING = f"""proved AS (
    SELECT m.n, max(r.rank) AS rank
    FROM marks m JOIN {PROOFS} ON r.mark = m.mark
    WHERE m.mark IN ({WIDE}) GROUP BY m.n),
proved_of_phase AS (
    SELECT m.n, coalesce(m.phase_id, d.first_phase) AS phase_id, max(r.rank) AS rank
    FROM marks m JOIN {PROOFS} ON r.mark = m.mark
    JOIN placed d ON d.n = m.n GROUP BY 1, 2),
closed AS (
    SELECT DISTINCT m.n FROM marks m
    WHERE m.mark = 'post_evaluated' AND m.detail = '{CLOSING_CHECKPOINT}'),
progressed AS (
    SELECT p.n, p.phase_id, p.place, p.ordinal, p.title, h.halt,
        greatest({RANK[Phase.LEAD]}, w.rank, o.rank) AS rank, c.n IS NOT NULL AS closed
    FROM phases p
    LEFT JOIN proved w ON w.n = p.n
    LEFT JOIN proved_of_phase o ON o.n = p.n AND o.phase_id = p.phase_id
    LEFT JOIN closed c ON c.n = p.n
    LEFT JOIN halted h ON h.n = p.n AND h.phase_id = p.phase_id),
standing AS (
    SELECT g.n, g.phase_id, g.place, g.ordinal, g.title, CASE
        WHEN g.halt < {RANK[Phase.SUSPENDED]} THEN g.halt
        WHEN g.rank = {RANK[Phase.CAPACITY]} AND g.closed THEN {RANK[Phase.CLOSED]}
        ELSE coalesce(g.halt, g.rank) END AS rank
    FROM progressed g)"""
"""How far each phase is, as a rank of `domain.phase`, from `marks`, `phases` and `placed`."""


def one_project(project: str) -> str:
    """Give the scope of one project on the judged day."""
    return (
        f"SELECT 1 AS n, p.project, p.district, $on AS day, $on AS cut FROM read.projects p"
        f" WHERE p.project = {project} AND {seen('p')} ORDER BY p.order_key DESC LIMIT 1"
    )


def name_of(rank: str) -> str:
    """Give the SQL of the name of a phase from its rank."""
    return f"(ARRAY[{_NAMES}])[{rank} - ({_LEAST}) + 1]"


def standing_of(scope: str) -> str:
    """Select (project, furthest, least) as names for every project of a scope."""
    return f"""WITH scope AS ({scope}), {MARKS}, {PHASES}, {halts()}, {STANDING}
        SELECT s.project, {name_of("o.furthest")} AS furthest, {name_of("o.least")} AS least
        FROM (SELECT g.n, max(g.rank) AS furthest, min(g.rank) AS least
            FROM standing g GROUP BY g.n) o JOIN scope s ON s.n = o.n"""


def phase_states(_: Arguments) -> str:
    """Select the phases of the parent project with what is known of each."""
    return f"""WITH scope AS ({one_project("$parent.id")}), {MARKS}, {PHASES}, {halts()}, {STANDING}
        SELECT g.phase_id AS id, g.place::integer AS place, {name_of("g.rank")} AS phase,
            coalesce(g.ordinal, g.place::integer) AS ordinal,
            coalesce(g.title, {last_seen("projects", "title", "$parent.id")}) AS title,
            {_defined("planned_land_mu")} AS land_mu,
            {_first("construction_started")} AS started_on,
            {_first("commissioned")} AS commissioned_on
        FROM standing g JOIN placed f ON f.n = g.n"""


def _defined(column: str) -> str:
    """Give a value of the last definition of a phase."""
    return (
        f"(SELECT p.{column} FROM read.phases p WHERE p.project = $parent.id"
        f" AND p.phase_id = g.phase_id AND {seen('p')} ORDER BY p.order_key DESC LIMIT 1)"
    )


def _first(mark: str) -> str:
    """Give the date of the first mark of a phase as its source wrote it."""
    return (
        f"(SELECT m.occurred_on FROM marks m WHERE m.mark = '{mark}'"
        " AND coalesce(m.phase_id, f.first_phase) = g.phase_id ORDER BY m.order_key LIMIT 1)"
    )


PHASE_STATE = Relation(
    "PhaseState",
    row={
        "id": "text",
        "place": "integer",
        "phase": "text",
        "ordinal": "integer",
        "title": "text",
        "land_mu": "numeric",
        "started_on": "text",
        "commissioned_on": "text",
    },
    fields={
        "id": Value("$self.id", "id"),
        "ordinal": Value("$self.ordinal", "int"),
        "title": Value("$self.title", "text"),
        "phase": Value("$self.phase", "enum"),
        "land_mu": area("$parent.land_mu"),
        "started_on": Value("$self.started_on", "flexdate"),
        "commissioned_on": Value("$self.commissioned_on", "flexdate"),
    },
)

RELATIONS = (PHASE_STATE,)
