"""Put the states of following days together to spans, in SQL."""


def spans_of(name: str, key: tuple[str, ...], columns: tuple[str, ...], states: str) -> str:
    """Put the states of following days that are equal together, as `fresh_{name}`.

    `states` gives one row for each day on which there is a state: the key, the columns, the day,
    the next day and its number among all days of the project. A gap in the numbers is a time
    without the node.
    """
    keys = ", ".join(f"s.{column}" for column in key)
    said = "(" + ", ".join(f"s.{column}" for column in columns) + ")"
    return f"""{name}_begins AS (
    SELECT s.*, lag(s.number) OVER w IS DISTINCT FROM s.number - 1
            OR lag({said}) OVER w IS DISTINCT FROM {said} AS begins
    FROM ({states}) s WINDOW w AS (PARTITION BY {keys} ORDER BY s.number)),
{name}_ends AS (
    SELECT s.*, coalesce(lead(s.begins) OVER w, true) AS ends FROM {name}_begins s
    WINDOW w AS (PARTITION BY {keys} ORDER BY s.number)),
{name}_edges AS (
    SELECT s.*, CASE WHEN s.ends THEN s.next_day ELSE lead(s.next_day) OVER w END AS day_to
    FROM {name}_ends s WHERE s.begins OR s.ends
    WINDOW w AS (PARTITION BY {keys} ORDER BY s.number)),
fresh_{name} AS MATERIALIZED (
    SELECT {keys}, s.day AS day_from, s.day_to, {said[1:-1]} FROM {name}_edges s WHERE s.begins)"""
