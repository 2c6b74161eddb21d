"""Keep the board of every day as of every settlement, counted from the spans of projects.

Where a project's span begins or ends, its district counts one project of a colour more or less. A
board is the sum of these steps up to a day. So that no question adds up many of them, days are
numbered and read as numbers of base 32: a page holds, for each digit of one place, what the steps
of all smaller digits come to, and the board of a day is the sum of one line from each of three
pages. A step changes three pages. Pages are not overwritten but followed by newer ones, so that
the board as of a settlement long ago takes no longer than that of the last one.
"""

from typing import Final

FIRST: Final = "DATE '1970-01-01'"
BITS: Final = 5
LEVELS: Final = 3
LINES: Final = (1 << BITS) - 1
LAST: Final = (1 << BITS * LEVELS) - 1
"""The number of the day, counted from the first, from which on nothing is counted."""

COLOURS: Final = ("red", "yellow", "green", "grey")

CREATE: Final = f"""
DROP TABLE IF EXISTS read.board_days, read.board_steps, read.board_pages, read.board_districts;
CREATE TABLE read.board_steps (
    district text COLLATE "C" NOT NULL,
    day date NOT NULL,
    colour text COLLATE "C" NOT NULL,
    change integer NOT NULL,
    PRIMARY KEY (district, day, colour)
);
COMMENT ON TABLE read.board_steps IS 'What the next settlement has to count';
CREATE TABLE read.board_districts (district text COLLATE "C" PRIMARY KEY);
CREATE TABLE read.board_pages (
    district text COLLATE "C" NOT NULL,
    level integer NOT NULL,
    page integer NOT NULL,
    known_from bigint NOT NULL,
    {" integer[] NOT NULL, ".join(COLOURS)} integer[] NOT NULL,
    PRIMARY KEY (district, level, page, known_from)
);
CREATE INDEX ON read.board_pages (known_from);
DELETE FROM read.settlements;
"""
"""Makes the tables anew. What was settled before them has no boards and is settled again."""

ON_COUNTED_DAY: Final = f"$on >= {FIRST} AND $on < {FIRST} + {LAST}"
"""The condition that the judged day is one of those that are counted."""

GONE: Final = f"""(NOT ({ON_COUNTED_DAY})
    OR NOT EXISTS (SELECT FROM read.settlements s WHERE s.position = $settled))"""
"""The condition that there is no board of the day, or none of the settlement any more."""

# Everything up to the judged day is everything before the day after it.
_DAY = f"($on - {FIRST} + 1)"
_PLACES = " UNION ALL ".join(
    f"SELECT {level}, {_DAY} >> {BITS * (level + 1)}, {_DAY} >> {BITS * level} & {LINES}"
    for level in range(LEVELS)
)
_SUMS = ", ".join(
    f"coalesce(sum(p.{colour}[k.line]), 0)::integer AS {colour}" for colour in COLOURS
)


def boards(settled: str) -> str:
    """Select the boards `b` of all districts `d` on the judged day as of a settlement."""
    return f"""read.board_districts d CROSS JOIN LATERAL (
        SELECT {_SUMS} FROM ({_PLACES}) k (level, page, line) CROSS JOIN LATERAL (
            SELECT p.* FROM read.board_pages p WHERE p.district = d.district
                AND p.level = k.level AND p.page = k.page AND p.known_from <= {settled}
            ORDER BY p.known_from DESC LIMIT 1) p) b"""


DISTRICTS: Final = "SELECT d.district FROM read.board_districts d WHERE true"
"""Selects all districts `d` that ever had a project."""
