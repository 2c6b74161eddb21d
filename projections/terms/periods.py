"""Cut days into periods of the calendar in SQL, as `domain.cadence` does."""

from domain.cadence import MONTHS

_MONTHS = " ".join(f"WHEN '{name}' THEN {months}" for name, months in MONTHS.items())


def periods(every: str, since: str, until: str) -> str:
    """Select (first, last) of the periods that hold a day of a span, given their cadence."""
    months = f"(CASE {every} {_MONTHS} END)"
    month = f"extract(month FROM {since})::integer"
    return f"""SELECT p.first::date AS first, (p.first + p.step)::date - 1 AS last FROM (
        SELECT generate_series(w.start, ({until})::timestamp, w.step) AS first, w.step FROM (
            SELECT CASE {every} WHEN 'weekly' THEN date_trunc('week', ({since})::timestamp)
                    ELSE make_date(extract(year FROM {since})::integer,
                        ({month} - 1) / {months} * {months} + 1, 1)::timestamp END AS start,
                CASE {every} WHEN 'weekly' THEN interval '7 days'
                    ELSE make_interval(months => {months}) END AS step) w) p"""
