"""Keep the working days of China beside the read models, where SQL can count them.

The days come from the official yearly announcements in the `chinesecalendar` library. A year that
has not been announced has no rows, so a count that needs it is null and never a guess.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from psycopg import Connection

from domain.working_days import published_days, working_days

LOCK = 7_205_759_403_792_795
"""The advisory lock under which processes that start together fill the calendar one by one."""

_CREATE = """
CREATE TABLE IF NOT EXISTS read.calendar (
    day date PRIMARY KEY,
    working boolean NOT NULL,
    ordinal integer NOT NULL
);
CREATE INDEX IF NOT EXISTS calendar_ordinal ON read.calendar (ordinal) WHERE working;
COMMENT ON COLUMN read.calendar.ordinal IS 'working days up to this one, itself included';
"""

_REPLACE = """
INSERT INTO read.calendar AS known
SELECT * FROM unnest(%s::date[], %s::boolean[], %s::integer[])
ON CONFLICT (day) DO UPDATE SET working = excluded.working, ordinal = excluded.ordinal
WHERE (known.working, known.ordinal) IS DISTINCT FROM (excluded.working, excluded.ordinal)
"""


_STATED = """
SELECT min(day), string_agg(CASE WHEN working THEN '1' ELSE '0' END, '' ORDER BY day), sum(ordinal)
FROM read.calendar
"""


def ensure(connection: Connection[Any]) -> None:
    """Create the calendar and bring it to what the library knows."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute(_CREATE)
        # Asked first, since writing all days takes ten times as long.
        if cursor.execute(_STATED).fetchone() != _expected():
            cursor.execute(_REPLACE, _announced())


def workdays_between(start: str, end: str) -> str:
    """Give the SQL that counts the working days after one day up to and including another.

    It is null where the calendar does not reach, and negative where the end is before the start.
    """
    return (
        f"((SELECT c.ordinal FROM read.calendar c WHERE c.day = {end})"
        f" - (SELECT c.ordinal FROM read.calendar c WHERE c.day = {start}))"
    )


def shifted(day: str, by: str, working: str) -> str:
    """Give the SQL of the day so many days later, as `domain.working_days.shift` counts them.

    `working` says whether only working days count. By 0 it stays on the day, working or not.
    """
    return f"""(CASE WHEN {by} = 0 THEN {day} WHEN NOT {working} THEN {day} + {by} ELSE
        (SELECT t.day FROM read.calendar c JOIN read.calendar t ON t.working
            AND t.ordinal = c.ordinal + {by} + CASE WHEN {by} < 0 AND c.working THEN 0
                WHEN {by} < 0 THEN 1 ELSE 0 END
        WHERE c.day = {day}) END)"""


@cache
def _announced() -> tuple[list[Any], ...]:
    """Give the announced days, whether they are worked, and their numbers, once a process."""
    return tuple(list(column) for column in zip(*_days(), strict=True))


@cache
def _expected() -> tuple[date, str, int]:
    """Give what a calendar that is complete and right states."""
    days, working, ordinals = _announced()
    return days[0], "".join("1" if each else "0" for each in working), sum(ordinals)


def _days() -> Iterator[tuple[date, bool, int]]:
    """Give every announced day with the number of working days up to it."""
    working, ordinal = set(working_days()), 0
    for day in published_days():
        ordinal += day in working
        yield day, day in working, ordinal
