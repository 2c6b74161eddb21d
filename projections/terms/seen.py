"""Say in SQL which rows of the read models a question sees."""


def believed(alias: str) -> str:
    """Give the condition that a row was believed at the known position."""
    return believed_at(alias, "$known")


def believed_at(alias: str, position: str) -> str:
    """Give the condition that a row was believed at some position."""
    return f"{alias}.known_from <= {position} AND {alias}.known_to > {position}"


def seen(alias: str) -> str:
    """Give the condition that a row was believed and its fact had surely happened by the day."""
    return f"{believed(alias)} AND {alias}.day_to <= $on"


def seen_of(alias: str) -> str:
    """Give the condition that a row is of a project of the scope `s` and seen on its day."""
    return f"{alias}.project = s.project AND {believed(alias)} AND {alias}.day_to <= s.cut"


def last_seen(table: str, column: str, project: str) -> str:
    """Give the value of a column in the last row of a project that a question sees."""
    return (
        f"(SELECT l.{column} FROM read.{table} l WHERE l.project = {project} AND {seen('l')}"
        " ORDER BY l.order_key DESC LIMIT 1)"
    )


def day_of(instant: str) -> str:
    """Give the Beijing day of a moment; the offset is fixed, as for every date of the ledger."""
    return f"(({instant}) AT TIME ZONE INTERVAL '+08:00')::date"


def latest_day(text: str) -> str:
    """Give the last day that a date of any precision may mean."""
    return f"""(CASE length({text})
        WHEN 4 THEN make_date({text}::integer, 12, 31)
        WHEN 7 THEN (CASE substr({text}, 6, 1)
            WHEN 'H' THEN make_date(left({text}, 4)::integer, 6 * right({text}, 1)::integer, 1)
            WHEN 'Q' THEN make_date(left({text}, 4)::integer, 3 * right({text}, 1)::integer, 1)
            ELSE ({text} || '-01')::date END + INTERVAL '1 month' - INTERVAL '1 day')::date
        WHEN 10 THEN ({text})::date
        ELSE {day_of(f"({text})::timestamptz")} END)"""


def quoted(text: str) -> str:
    """Write a text of ours as an SQL literal."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
