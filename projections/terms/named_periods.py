"""Read a period such as 2024, 2024-H1, 2024-Q2 or 2024-06 in SQL."""

from projections.terms.seen import latest_day

PATTERN = "(19|20|21)[0-9]{2}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?"
"""How a period is written."""


def months(period: str) -> str:
    """Give how many months a period has."""
    return f"""(CASE WHEN length({period}) = 4 THEN 12 ELSE CASE substr({period}, 6, 1)
        WHEN 'H' THEN 6 WHEN 'Q' THEN 3 ELSE 1 END END)"""


def first_day(period: str) -> str:
    """Give the first day of a period."""
    last = latest_day(period)
    return f"({last} + 1 - make_interval(months => {months(period)}))::date"


def ordinal(last_day: str, length: str) -> str:
    """Number the periods of one length by their last day, so that neighbours differ by one."""
    month = f"(date_part('year', {last_day}) * 12 + date_part('month', {last_day}))::integer"
    return f"({month} / {length})"
