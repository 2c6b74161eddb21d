"""Keep from which day to which day every project has which colour, so that a board judges nothing.

A colour follows from facts, policies and the day alone, so it can be told ahead for all days. The
spans are no read model of facts: they are what the judgement of `project_colours` says, at the
positions at which they were settled, and they are bitemporal like everything else. A question at
such a position reads them. Between two of them it judges the projects whose facts changed since, as
if there were no spans, and reads the spans of all others; before the first, or where a policy
changed since, it judges all. So spans make answers fast and never other, and may be thrown away at
any time.
"""

from hashlib import sha256
from importlib.metadata import version
from typing import Final

from projections.colour_days import BY_PROJECT, SPANS
from projections.project_colours import colours_of
from projections.projection import OPEN
from projections.seen import believed_at

CREATE: Final = """
CREATE TABLE IF NOT EXISTS read.colour_spans (
    project text COLLATE "C" NOT NULL,
    day_from date NOT NULL,
    day_to date NOT NULL,
    district text COLLATE "C" NOT NULL,
    colour text COLLATE "C" NOT NULL,
    policy text COLLATE "C",
    known_from bigint NOT NULL,
    known_to bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS colour_spans_project ON read.colour_spans (project, known_to);
CREATE TABLE IF NOT EXISTS read.settlements (
    position bigint PRIMARY KEY,
    definition text NOT NULL,
    tables oid[] NOT NULL
);
COMMENT ON TABLE read.settlements IS
    'Positions at which the spans of colours say what a judgement would say';
"""

TABLES: Final = ", ".join(
    f"'read.{name}'::regclass::oid" for name in (*BY_PROJECT, "lists", "policies")
)

DEFINITION: Final = sha256(" ".join((SPANS, version("chinesecalendar"))).encode()).hexdigest()[:16]
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
_VALID = f"s.definition = '{DEFINITION}' AND s.tables = ARRAY[{TABLES}]"
_JUDGED_OTHERWISE = f"""SELECT FROM read.policies p
    WHERE p.policy_kind IN ('colour', 'permit-set')
        AND ({" OR ".join(condition.format("p") for condition in _BETWEEN)})
        AND (p.effective_from <= $on OR EXISTS (SELECT FROM read.policies o
            WHERE o.policy = p.policy AND o.fact <> p.fact))"""


def settled(on: str = "$on", within: int = NEAR) -> str:
    """Find a position at which the spans hold, and the projects about which it knows otherwise.

    It is the nearest one before or after the known position, if it is near enough. These are
    `settled (position, …)`, empty where nothing may be read from spans, and `unsettled (project)`:
    those with a fact of the judged day or before that is believed at only one of the two positions.
    """
    differing = [_differing("x.project", table, "x") for table in BY_PROJECT]
    differing.append(_differing("l.project", "lists", "p", _RELISTED))
    text = f"""settled AS MATERIALIZED (
        SELECT s.* FROM (
            SELECT c.position, least(c.position, $known) AS lower,
                greatest(c.position, $known) AS upper
            FROM ((SELECT s.position FROM read.settlements s
                    WHERE s.position <= $known AND {_VALID} ORDER BY s.position DESC LIMIT 1)
                UNION ALL (SELECT s.position FROM read.settlements s
                    WHERE s.position > $known AND {_VALID} ORDER BY s.position LIMIT 1)) c) s
        WHERE s.upper - s.lower <= {within} AND NOT EXISTS ({_JUDGED_OTHERWISE})
        ORDER BY s.upper - s.lower LIMIT 1),
    unsettled AS MATERIALIZED (
        SELECT DISTINCT c.project FROM ({" UNION ALL ".join(differing)}) c)"""
    return text.replace("$on", on)


MUST_BE_JUDGED = "(NOT EXISTS (SELECT FROM settled) OR {} IN (SELECT u.project FROM unsettled u))"
"""The condition that a project must be judged, beside `settled`."""

ANY_MUST_BE_JUDGED = "(NOT EXISTS (SELECT FROM settled) OR EXISTS (SELECT FROM unsettled))"
"""The condition that there may be projects to be judged; without them nothing is read for it."""

SPANNED = f"""SELECT c.project, c.district, c.policy, c.colour
    FROM settled e JOIN read.colour_spans c ON {believed_at("c", "e.position")}
    WHERE c.day_from <= $on AND c.day_to > $on
        AND c.project NOT IN (SELECT u.project FROM unsettled u)"""
"""The colours on the judged day of all projects that need not be judged, beside `settled`."""


def colours_on_day(found: str) -> str:
    """Select (project, district, colour) on the judged day of the projects of `found`."""
    scope = f"""SELECT row_number() OVER ()::integer AS n, f.project, f.district,
        $on AS day, $on AS cut FROM {found} f
        WHERE {ANY_MUST_BE_JUDGED} AND {MUST_BE_JUDGED.format("f.project")}"""
    return f"""SELECT o.* FROM (WITH {settled()}
        SELECT c.project, c.district, c.colour FROM ({SPANNED}) c
        JOIN {found} f ON f.project = c.project
        UNION ALL SELECT c.project, c.district, c.colour FROM ({colours_of(scope)}) c) o"""
