"""Count what a settlement has changed into the pages from which boards are read."""

from typing import Any, Final

from psycopg import Connection

from projections.folding.belief import OPEN
from projections.spans.board_days import BITS, COLOURS, FIRST, LAST, LEVELS, LINES


def _steps_of(spans: str, sign: int = 1) -> str:
    """Select the steps at both ends of spans; the other way round of spans that are no more."""
    return f"""SELECT s.district, e.day, s.colour, e.change FROM {spans} s
        CROSS JOIN LATERAL (VALUES (s.day_from, {sign}), (s.day_to, {-sign})) e (day, change)"""


def _summed(steps: str) -> str:
    return f"""SELECT s.district, s.day, s.colour, sum(s.change) AS change
        FROM ({steps}) s GROUP BY 1, 2, 3 HAVING sum(s.change) <> 0"""


_LEARNT = f"{_steps_of('written_project')} UNION ALL {_steps_of('closed_project', -1)}"
STEPPED: Final = f"""stepped AS (
    INSERT INTO read.board_steps AS b (district, day, colour, change)
    {_summed(_LEARNT)} ORDER BY 1, 2, 3
    ON CONFLICT (district, day, colour) DO UPDATE SET change = b.change + excluded.change)"""
"""Notes what `written_project` and `closed_project` change; nothing is counted yet."""

_DIGITS = ", ".join(
    f"coalesce(sum(s.change) FILTER (WHERE s.colour = '{colour}'), 0) AS {colour}"
    for colour in COLOURS
)
_LINES = ", ".join(f"sum(coalesce(d.{colour}, 0)) OVER up_to AS {colour}" for colour in COLOURS)
_PAGES = ", ".join(
    f"array_agg(n.{colour}::integer ORDER BY n.line) AS {colour}" for colour in COLOURS
)


def pages_of(steps: str) -> str:
    """Select the pages that steps (district, day, colour, change) alone would make.

    What comes before the first day counts from that day on.
    """
    day = f"(greatest(s.day, {FIRST}) - {FIRST})"
    return f"""SELECT n.district, n.level, n.page, {_PAGES} FROM (
        WITH digits AS (
            SELECT s.district, l.level, {day} >> {BITS} * (l.level + 1) AS page,
                ({day} >> {BITS} * l.level & {LINES}) + 1 AS line, {_DIGITS}
            FROM ({steps}) s CROSS JOIN generate_series(0, {LEVELS - 1}) l (level)
            WHERE s.day < {FIRST} + {LAST} GROUP BY 1, 2, 3, 4)
        SELECT p.district, p.level, p.page, r.line, {_LINES}
        FROM (SELECT DISTINCT d.district, d.level, d.page FROM digits d) p
        CROSS JOIN generate_series(1, {LINES}) r (line)
        LEFT JOIN digits d ON (d.district, d.level, d.page, d.line)
            = (p.district, p.level, p.page, r.line)
        WINDOW up_to AS (PARTITION BY p.district, p.level, p.page ORDER BY r.line)) n
    GROUP BY n.district, n.level, n.page"""


def standing_steps(known: str) -> str:
    """Select the steps of all spans that are believed at a position."""
    believed = f"s.known_from <= {known} AND s.known_to > {known}"
    return _summed(f"{_steps_of('read.project_spans')} WHERE {believed}")


_ADDED = ", ".join(
    f"(SELECT array_agg(a.new + coalesce(a.old, 0) ORDER BY a.line) FROM unnest(n.{colour},"
    f" o.{colour}) WITH ORDINALITY a (new, old, line))"
    for colour in COLOURS
)
_REPLACED = ", ".join(f"{colour} = excluded.{colour}" for colour in COLOURS)
_COUNT = f"""INSERT INTO read.board_pages
    SELECT n.district, n.level, n.page, %(known)s::bigint, {_ADDED}
    FROM ({pages_of("SELECT * FROM read.board_steps")}) n LEFT JOIN LATERAL (
        SELECT o.* FROM read.board_pages o
        WHERE (o.district, o.level, o.page) = (n.district, n.level, n.page)
        ORDER BY o.known_from DESC LIMIT 1) o ON true
    ON CONFLICT (district, level, page, known_from) DO UPDATE SET {_REPLACED}"""
_MEET = """INSERT INTO read.board_districts SELECT DISTINCT s.district FROM read.board_steps s
    ON CONFLICT DO NOTHING"""
_BEGIN = f"INSERT INTO read.board_steps {standing_steps(f'{OPEN - 1}')}"

_RECENT = 10_000
_SPACING = 100


def _end_of_stretch(position: str) -> str:
    return f"({position} / {_SPACING} + 1) * {_SPACING}"


_THIN = f"""DELETE FROM read.settlements s
    WHERE s.position <= %(known)s - {_RECENT} AND s.position > %(known)s - {2 * _RECENT}
        AND EXISTS (SELECT FROM read.settlements o WHERE o.position > s.position
            AND o.position < {_end_of_stretch("s.position")})
    RETURNING s.position"""
_OUTDATED = f"""DELETE FROM read.board_pages o
    WHERE o.known_from = ANY (%s) AND EXISTS (SELECT FROM read.board_pages n
        WHERE (n.district, n.level, n.page) = (o.district, o.level, o.page)
            AND n.known_from > o.known_from
            AND n.known_from < {_end_of_stretch("o.known_from")})"""


def count(connection: Connection[Any], position: int, *, afresh: bool) -> None:
    """Count the steps that settling up to a position has noted; `afresh` if it is the first."""
    if afresh:
        # What was counted with other tables or by other rules is told apart by nobody any more.
        connection.execute("DELETE FROM read.board_pages")
        connection.execute("DELETE FROM read.board_steps")
        connection.execute(_BEGIN.encode())
    connection.execute(_MEET.encode())
    connection.execute(_COUNT.encode(), {"known": position})
    connection.execute("DELETE FROM read.board_steps")


def thin(connection: Connection[Any], position: int) -> None:
    """Of the settlements long before a position keep the last of each stretch, and its pages."""
    rows = connection.execute(_THIN.encode(), {"known": position}).fetchall()
    if rows:
        connection.execute(_OUTDATED.encode(), ([gone for (gone,) in rows],))
