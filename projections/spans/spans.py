"""Keep from which day to which day every project and every node of it is in which state.

Phases, colours and nodes follow from facts, policies and the day alone, so they can be told ahead
for all days. The spans are no read model of facts: they are what `phase_states`, `project_colours`
and `milestone_states` say, at the positions at which they were settled, and they are bitemporal
like everything else. A question at such a position reads them. Between two of them it judges the
projects whose facts changed since, as if there were no spans, and reads the spans of all others;
before the first, or where a policy changed since, it judges all. So spans make answers fast and
never other, and may be thrown away at any time.
"""

from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from projections.folding.belief import OPEN
from projections.judging.phase_states import name_of, standing_of
from projections.judging.project_colours import colours_of
from projections.spans.card_days import BY_PROJECT as CARDS_BY_PROJECT
from projections.spans.settled_findings import BY_PROJECT as FOUND_IN
from projections.spans.settled_findings import FINDINGS
from projections.spans.span_days import BY_PROJECT, SPANS
from projections.terms.seen import believed_at

CREATE: Final = """
CREATE TABLE IF NOT EXISTS read.project_spans (
    project text COLLATE "C" NOT NULL,
    day_from date NOT NULL,
    day_to date NOT NULL,
    district text COLLATE "C" NOT NULL,
    colour text COLLATE "C" NOT NULL,
    judged text COLLATE "C" NOT NULL,
    policy text COLLATE "C",
    furthest integer NOT NULL,
    least integer NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS project_spans_day
    ON read.project_spans (project, day_from, day_to, known_to);
-- The same order under another name, or single projects would be looked up by skipping through it.
CREATE INDEX IF NOT EXISTS project_spans_phase
    ON read.project_spans (district, furthest, project COLLATE "POSIX")
    INCLUDE (colour, day_from, day_to, known_from, known_to);
DROP INDEX IF EXISTS read.project_spans_state;
CREATE TABLE IF NOT EXISTS read.card_spans (
    project text COLLATE "C" NOT NULL,
    day_from date NOT NULL,
    day_to date NOT NULL,
    district text NOT NULL,
    title text,
    park text,
    enterprise text,
    code text,
    total bigint,
    total_as_reported text,
    last_total bigint,
    last_fixed bigint,
    demanded numeric,
    land_basis text NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS card_spans_day
    ON read.card_spans (project, day_from, day_to, known_to);
CREATE TABLE IF NOT EXISTS read.life_spans (
    project text COLLATE "C" NOT NULL,
    day_from date NOT NULL,
    day_to date NOT NULL,
    district text COLLATE "C" NOT NULL,
    park text,
    industry text,
    total bigint,
    submitted date,
    firsts date[] NOT NULL,
    coarse integer NOT NULL,
    unsteady integer NOT NULL,
    inspected boolean NOT NULL,
    seen_by date NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS life_spans_day
    ON read.life_spans (project, day_from, day_to, known_to);
CREATE INDEX IF NOT EXISTS life_spans_district ON read.life_spans (district);
CREATE INDEX IF NOT EXISTS life_spans_seen ON read.life_spans (seen_by);
CREATE TABLE IF NOT EXISTS read.node_spans (
    project text COLLATE "C" NOT NULL,
    phase_id text COLLATE "C" NOT NULL,
    place integer NOT NULL,
    day_from date NOT NULL,
    day_to date NOT NULL,
    node text COLLATE "C" NOT NULL,
    first_phase text NOT NULL,
    planned text,
    original text,
    actual text,
    colour text NOT NULL,
    shown text NOT NULL,
    late_from date,
    done_on date,
    replans integer NOT NULL,
    unit text,
    person text,
    policy text,
    reason integer NOT NULL,
    judged_plan text,
    warned_on date,
    deadline date,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS node_spans_day
    ON read.node_spans (project, day_from, day_to, known_to);
CREATE INDEX IF NOT EXISTS node_spans_late ON read.node_spans (day_to, late_from)
    WHERE done_on IS NULL AND late_from IS NOT NULL;
CREATE TABLE IF NOT EXISTS read.settlements (
    position bigint PRIMARY KEY,
    definition text NOT NULL,
    tables oid[] NOT NULL
);
COMMENT ON TABLE read.settlements IS
    'Positions at which the spans say what a judgement would say';
DROP TABLE IF EXISTS read.colour_spans;
"""

TABLES: Final = ", ".join(
    f"'read.{name}'::regclass::oid"
    for name in sorted(
        {*BY_PROJECT, *CARDS_BY_PROJECT, *FOUND_IN, "lists", "policies", "requests", "touched"}
    )
)

DEFINITION: Final = sha256(
    " ".join((SPANS, FINDINGS, version("chinesecalendar"))).encode()
).hexdigest()[:16]
"""What the spans were made with: a program that judges otherwise makes them anew."""

NEAR: Final = 10_000
"""Over more positions it takes longer to find the projects that changed than to judge all."""

_BETWEEN = (
    "{0}.known_from > s.lower AND {0}.known_from <= s.upper",
    f"{{0}}.known_to > s.lower AND {{0}}.known_to <= s.upper AND {{0}}.known_to < {OPEN}",
)
"""Rows of the alias that began or ceased to be believed between settlement and known position."""


def _differing(columns: str, table: str, alias: str, further: str = "") -> str:
    """Select from the rows that are believed at only one of the two positions."""
    return " UNION ALL ".join(
        f"SELECT {columns} FROM settled s JOIN read.{table} {alias}"
        f" ON {condition.format(alias)} AND {alias}.day_to <= $on{further}"
        for condition in _BETWEEN
    )


_RELISTED = " JOIN read.listings l ON l.list_id = p.list_id"
VALID: Final = f"s.definition = '{DEFINITION}' AND s.tables = ARRAY[{TABLES}]"
"""The condition that a settlement was made by the present rules, of the present tables."""
_JUDGED_OTHERWISE = f"""SELECT FROM read.policies p
    WHERE p.policy_kind IN ('colour', 'permit-set')
        AND ({" OR ".join(condition.format("p") for condition in _BETWEEN)})
        AND (p.effective_from <= $on OR EXISTS (SELECT FROM read.policies o
            WHERE o.policy = p.policy AND o.fact <> p.fact))"""


def settled(condition: str = "true") -> str:
    """Find a position at which the spans hold, and the projects about which it knows otherwise.

    Under the condition; otherwise there is no such position.

    It is the nearest one before or after the known position, if it is near enough. These are
    `settled (position, …)`, empty where nothing may be read from spans, and `unsettled (project)`:
    those with a fact of the judged day or before that is believed at only one of the two positions.
    """
    differing = [_differing("x.project", table, "x") for table in BY_PROJECT]
    differing.append(_differing("l.project", "lists", "p", _RELISTED))
    return f"""settled AS MATERIALIZED (
        SELECT s.* FROM (
            SELECT c.position, least(c.position, $known) AS lower,
                greatest(c.position, $known) AS upper
            FROM ((SELECT s.position FROM read.settlements s
                    WHERE s.position <= $known AND {VALID} ORDER BY s.position DESC LIMIT 1)
                UNION ALL (SELECT s.position FROM read.settlements s
                    WHERE s.position > $known AND {VALID} ORDER BY s.position LIMIT 1)) c) s
        WHERE s.upper - s.lower <= {NEAR} AND NOT EXISTS ({_JUDGED_OTHERWISE})
            AND {condition}
        ORDER BY s.upper - s.lower LIMIT 1),
    unsettled AS MATERIALIZED (
        SELECT DISTINCT c.project FROM ({" UNION ALL ".join(differing)}) c)"""


def changed_between(alias: str, one: str, other: str) -> str:
    """Give the condition that a row began or ceased to be believed between two positions."""
    return "({})".format(
        " OR ".join(
            f"{alias}.{end} > least({one}, {other}) AND {alias}.{end} <= greatest({one}, {other})"
            for end in ("known_from", "known_to")
        )
    )


def settled_near(known: str, *, lists: bool = True) -> str:
    """Select the nearest position at which the spans hold, for readers of single projects.

    Between it and the known position no policy may have changed, and unless `lists` is false no
    list, on whatever day, and what touched projects must have been followed.
    """
    between = changed_between("p", "s.position", known)
    of_lists = f"AND NOT EXISTS (SELECT FROM read.lists p WHERE {between})" if lists else ""
    return f"""SELECT s.position FROM (
        (SELECT s.position FROM read.settlements s
            WHERE s.position <= {known} AND {VALID} ORDER BY s.position DESC LIMIT 1)
        UNION ALL (SELECT s.position FROM read.settlements s
            WHERE s.position > {known} AND {VALID} ORDER BY s.position LIMIT 1)) s
        WHERE NOT EXISTS (SELECT FROM read.policies p
                WHERE p.policy_kind IN ('colour', 'permit-set', 'intensity') AND {between})
            {of_lists}
            AND NOT EXISTS (SELECT FROM read.tracking t
                WHERE t.name = 'touched' AND t.stopped_at IS NOT NULL)
        ORDER BY abs(s.position - {known}) LIMIT 1"""


MUST_BE_JUDGED = "(NOT EXISTS (SELECT FROM settled) OR {} IN (SELECT u.project FROM unsettled u))"
"""The condition that a project must be judged, beside `settled`."""

ANY_MUST_BE_JUDGED = "(NOT EXISTS (SELECT FROM settled) OR EXISTS (SELECT FROM unsettled))"
"""The condition that there may be projects to be judged; without them nothing is read for it."""


def in_span(alias: str) -> str:
    """Give the condition that a span holds on the judged day."""
    return f"{alias}.day_from <= $on AND {alias}.day_to > $on"


SPANNED = f"""SELECT c.project, c.district, c.policy, c.colour, {name_of("c.furthest")} AS furthest
    FROM settled e JOIN read.project_spans c ON {believed_at("c", "e.position")}
    WHERE {in_span("c")} AND c.project NOT IN (SELECT u.project FROM unsettled u)"""
"""The states on the judged day of all projects that need not be judged, beside `settled`."""


def spanned(alias: str) -> str:
    """Give the condition that a span holds on the judged day by the settlement `$settled`."""
    return f"{believed_at(alias, '$settled')} AND {in_span(alias)}"


def untouched(project: str) -> str:
    """Give the condition that nothing was learnt of a project since `$settled` or `$known`.

    Then its spans as of the one position hold at the other too.
    """
    return f"""($settled = $known OR EXISTS (SELECT FROM read.touched t
        WHERE t.project = {project} AND t.position <= least($settled, $known)))"""


def _lookup(table: str) -> str:
    """Select the span of the row's project; no row where the spans do not tell."""
    return f"""SELECT s.* FROM read.{table} s WHERE s.project = $self.id
        AND {spanned("s")} AND {untouched("s.project")} LIMIT 1"""


LOOKUPS: Final = {"span": _lookup("project_spans"), "card": _lookup("card_spans")}
"""What may be looked up once for all fields of a project."""
SPAN_COLUMNS: Final = ("furthest", "least", "colour", "judged")
"""What fields of projects read of the span that was looked up."""
CARRIED: Final = {
    "span": "SELECT $self.id AS project, "
    + ", ".join(f"$self.span_{name} AS {name}" for name in SPAN_COLUMNS)
}
"""The same where the rows were found by their spans, and have its columns with them."""


def _on_day(found: str, columns: str, judged: Callable[[str], str]) -> str:
    """Select columns of `found` on the judged day: of spans, and judged where they do not tell."""
    scope = f"""SELECT row_number() OVER ()::integer AS n, f.project, f.district,
        $on AS day, $on AS cut FROM {found} f
        WHERE {ANY_MUST_BE_JUDGED} AND {MUST_BE_JUDGED.format("f.project")}"""
    return f"""SELECT o.* FROM (WITH {settled()}
        SELECT {columns} FROM ({SPANNED}) c JOIN {found} f ON f.project = c.project
        UNION ALL SELECT {columns} FROM ({judged(scope)}) c) o"""


def colours_on_day(found: str) -> str:
    """Select (project, district, colour) on the judged day of the projects of `found`."""
    return _on_day(found, "c.project, c.district, c.colour", colours_of)


def phases_on_day(found: str) -> str:
    """Select (project, furthest) on the judged day of the projects of `found`."""
    return _on_day(found, "c.project, c.furthest", standing_of)
