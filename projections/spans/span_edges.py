"""Put the states of following days together to spans, in SQL."""


def spans_of(name: str, key: tuple[str, ...], columns: tuple[str, ...], states: str) -> str:
    """Put the states of following days that are equal together, as `fresh_{name}`.

    `states` gives one row for each day on which there is a state: the key, the columns, the day,
    the next day and whether it is the first of all days of the project. `rank`, a number, orders
    them: that of the next day of the same project is the next number, unless the node is gone by
    then, and others are further away. Sorting by one number is what keeps this cheap.
    """
    keys = ", ".join(f"s.{column}" for column in key)
    said = "(" + ", ".join(f"s.{column}" for column in columns) + ")"
    return f"""{name}_begins AS (
    SELECT s.*, s.is_first OR lag(s.rank) OVER w IS DISTINCT FROM s.rank - 1
            OR lag({said}) OVER w IS DISTINCT FROM {said} AS begins
    FROM ({states}) s WINDOW w AS (ORDER BY s.rank)),
{name}_ends AS (
    SELECT s.*, coalesce(lead(s.begins) OVER w, true) AS ends FROM {name}_begins s
    WINDOW w AS (ORDER BY s.rank)),
{name}_edges AS (
    SELECT s.*, CASE WHEN s.ends THEN s.next_day ELSE lead(s.next_day) OVER w END AS day_to
    FROM {name}_ends s WHERE s.begins OR s.ends WINDOW w AS (ORDER BY s.rank)),
fresh_{name} AS MATERIALIZED (
    SELECT {keys}, s.day AS day_from, s.day_to, {said[1:-1]} FROM {name}_edges s WHERE s.begins)"""
