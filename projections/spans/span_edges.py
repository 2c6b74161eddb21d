"""Put the states of following days together to spans, in SQL."""

_DAY_BITS = 24


def rank_of(thing: str, day: str) -> str:
    """Give the number that orders states: by the number of what they are of, then by day."""
    return f"(({thing})::bigint << {_DAY_BITS}) + ({day} - DATE '0001-01-01')"


def spans_of(name: str, key: tuple[str, ...], columns: tuple[str, ...], states: str) -> str:
    """Put the states of following days that are equal together, as `fresh_{name}`.

    `states` gives one row for each stretch of days with one state: the key, the columns, its first
    day, the day after its last, and `rank`, which `rank_of` gives. Sorting by one number is what
    keeps this cheap, and the offset of nothing, behind which each state is worked out only once.
    """
    keys = ", ".join(f"s.{column}" for column in key)
    said = "(" + ", ".join(f"s.{column}" for column in columns) + ")"
    return f"""{name}_begins AS (
    SELECT s.*, lag(s.next_day) OVER w IS DISTINCT FROM s.day
            OR lag(s.rank >> {_DAY_BITS}) OVER w IS DISTINCT FROM s.rank >> {_DAY_BITS}
            OR lag({said}) OVER w IS DISTINCT FROM {said} AS begins
    FROM ({states} OFFSET 0) s WINDOW w AS (ORDER BY s.rank)),
{name}_ends AS (
    SELECT s.*, coalesce(lead(s.begins) OVER w, true) AS ends FROM {name}_begins s
    WINDOW w AS (ORDER BY s.rank)),
{name}_edges AS (
    SELECT s.*, CASE WHEN s.ends THEN s.next_day ELSE lead(s.next_day) OVER w END AS day_to
    FROM {name}_ends s WHERE s.begins OR s.ends WINDOW w AS (ORDER BY s.rank)),
fresh_{name} AS MATERIALIZED (
    SELECT {keys}, s.day AS day_from, s.day_to, {said[1:-1]} FROM {name}_edges s WHERE s.begins)"""
