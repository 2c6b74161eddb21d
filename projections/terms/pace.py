"""Say in SQL how much of a year's plan is due by a month (序时进度), and how far one is with it.

As `domain.investment.share_due` does. The share is two numbers, so that nothing is rounded before
it is shown; both are null where working days decide and those of the year are not published.
"""

from projections.terms.quantities import half_up


def share_due(rules: str, year: str, month: str) -> tuple[str, str]:
    """Give numerator and denominator of the share due by the end of a month, 0 for none."""
    curve = f"({rules} ->> 'curve')"
    before = f"make_date({year} - 1, 12, 31)"
    over = _workdays(before, f"({before} + make_interval(months => {month}))::date")
    planned = f"coalesce(({rules} -> 'monthly_percent' ->> ({month} - 1))::numeric, 0)"
    due = (
        f"CASE {curve} WHEN 'workdays' THEN {over} WHEN 'monthly' THEN"
        f" CASE WHEN {month} > 0 THEN {planned} ELSE 0 END ELSE {month} END"
    )
    year_over = _workdays(before, f"make_date({year}, 12, 31)")
    whole = f"CASE {curve} WHEN 'workdays' THEN {year_over} WHEN 'monthly' THEN 100 ELSE 12 END"
    return due, whole


def _workdays(before: str, last: str) -> str:
    """Count the working days after one day up to another, none of the days before the calendar."""
    return (
        f"((SELECT c.ordinal FROM read.calendar c WHERE c.day = {last})"
        f" - coalesce((SELECT c.ordinal FROM read.calendar c WHERE c.day = {before}),"
        f" (SELECT 0 WHERE {before} < (SELECT min(c.day) FROM read.calendar c))))"
    )


def gap(actual: str, plan: str, due: str, whole: str) -> str:
    """Give completion less the share that is due, in percentage points (超序时).

    It is taken from unrounded values; positive means ahead, null that there is no plan.
    """
    return half_up(
        f"(100 * ({whole} * {actual}::numeric - {due} * {plan}::numeric))",
        f"({whole} * {plan}::numeric)",
        "1",
    )


def planned(plan: str, due: str, whole: str) -> str:
    """Give the part of a plan that is due, to the yuan."""
    return half_up(f"({plan}::numeric * {due})", whole, "0")


def performance(actual: str, plan: str, due: str, whole: str) -> str:
    """Give what was invested of what was due (SPI), null where nothing was."""
    return half_up(f"({actual}::numeric * {whole})", f"({plan}::numeric * {due})", "2")


UNKNOWN = """CASE WHEN {} IS NULL THEN CASE $language WHEN 'zh'
    THEN '该年度工作日历尚未公布' ELSE 'the working days of the year are not published' END END"""
"""Why nothing can be said, where the share due is not known."""
