"""Keep the board of every day, counted from the spans of projects, as of the last settlement.

Where a project's span begins or ends, its district counts one project of a colour more or less.
These steps are brought up to date with the spans, and the days of the districts they touched are
added up anew when the settlement is noted. Only the last settlement has such days; the boards of
all other positions are counted from spans and judgements.
"""

from typing import Final

CREATE: Final = """
CREATE TABLE IF NOT EXISTS read.board_steps (
    district text COLLATE "C" NOT NULL,
    day date NOT NULL,
    colour text COLLATE "C" NOT NULL,
    change integer NOT NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (district, day, colour)
);
CREATE TABLE IF NOT EXISTS read.board_days (
    district text COLLATE "C" NOT NULL,
    day date NOT NULL,
    red integer NOT NULL,
    yellow integer NOT NULL,
    green integer NOT NULL,
    grey integer NOT NULL,
    total integer NOT NULL,
    PRIMARY KEY (district, day)
);
CREATE INDEX IF NOT EXISTS board_days_first ON read.board_days (district)
    WHERE day = '-infinity'::date;
"""

COLOURS: Final = ("red", "yellow", "green", "grey")

_STEPS = " UNION ALL ".join(
    f"SELECT district, {day} AS day, colour, {sign} FROM {spans}"
    for spans, begins, ends in (("written_project", 1, -1), ("closed_project", -1, 1))
    for day, sign in (("day_from", begins), ("day_to", ends))
)
STEPPED: Final = f"""stepped AS (
    INSERT INTO read.board_steps AS b (district, day, colour, change, changed_at)
    SELECT s.district, s.day, s.colour, sum(s.change), $known
    FROM ({_STEPS}) s (district, day, colour, change)
    GROUP BY 1, 2, 3 HAVING sum(s.change) <> 0 ORDER BY 1, 2, 3
    ON CONFLICT (district, day, colour) DO UPDATE
        SET change = b.change + excluded.change, changed_at = excluded.changed_at)"""
"""Brings the steps up to date with `written_project` and `closed_project`."""

_CHANGED = """SELECT DISTINCT b.district FROM read.board_steps b
    WHERE b.changed_at >= coalesce((SELECT max(s.position) FROM read.settlements s), 0)"""
FORGET: Final = f"DELETE FROM read.board_days d WHERE d.district IN ({_CHANGED})"
_COUNTED = ", ".join(
    f"coalesce(sum(sum(b.change) FILTER (WHERE b.colour = '{colour}')) OVER w, 0)"
    for colour in COLOURS
)
COUNT: Final = f"""INSERT INTO read.board_days
    SELECT c.district, '-infinity', 0, 0, 0, 0, 0 FROM ({_CHANGED}) c
    UNION ALL
    SELECT b.district, b.day, {_COUNTED}, sum(sum(b.change)) OVER w
    FROM read.board_steps b WHERE b.district IN ({_CHANGED})
    GROUP BY b.district, b.day WINDOW w AS (PARTITION BY b.district ORDER BY b.day)"""
"""These two, before a settlement is noted, count the districts that changed since the last one."""

BOARD: Final = """SELECT f.district AS region, d.red, d.yellow, d.green, d.grey, d.total
    FROM read.board_days f CROSS JOIN LATERAL (
        SELECT d.* FROM read.board_days d WHERE d.district = f.district AND d.day <= $on
        ORDER BY d.day DESC LIMIT 1) d
    WHERE f.day = '-infinity' AND d.total > 0"""
"""Selects the board of the judged day as of the last settlement; `f.district` may be narrowed."""

OUTRUN: Final = "EXISTS (SELECT FROM read.settlements s WHERE s.position > $settled)"
"""The condition that the days are those of a later settlement."""

DISTRICTS: Final = "SELECT d.district FROM read.board_days d WHERE d.day = '-infinity'"
"""Selects all districts `d` that ever had a project."""
