"""Disturb the deliveries as real sources do, so that what is known in the end stays exact.

Every fact is disturbed in at most one way: told twice; told with a wrong date and corrected; told
in the wrong unit and corrected; revised silently by its source, with the newer version sometimes
arriving first; told about the wrong project and taken back; or known by its month only. A few
projects are registered after their first facts arrived.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from random import Random

from server.demonstration.book import Book, Report
from server.demonstration.days import as_month, later, month_end
from server.demonstration.money import YUAN, in_wan, slipped
from server.demonstration.noise_rates import Noise

PLAUSIBILITY_SINCE = date(2025, 1, 1)
"""From here on a slip of units may be held back, so its source sends the record again."""
SLIPS_CORRECTED = (date(2025, 1, 2), date(2025, 1, 4))
"""The days on which the last slips of 2024 are corrected, before any report of December comes."""
LATE_SLIPS = 1 / 7
"""Once they are held back, slips are rarer by this."""
WRONG_BY = 20
"""The most days by which a wrong day differs from the right one."""
ALL_CORRECTED = date(2025, 3, 20)
"""Whatever was wrong about 2024 is right by then."""

MAY_BE_COARSE = frozenset(
    {
        "PreAssessmentSubmitted",
        "ProjectRegistered",
        "InvestmentApprovalObtained",
        "LandDelivered",
        "PerformanceAgreementSigned",
    }
)
MAY_BE_MISPLACED = frozenset({"LandDelivered", "PermitIssued", "StatisticsEnrolled"})
"""Kinds that are told about the wrong project now and then."""
LAST_THIRD = 20
"""Coarse dates reach at most a third of a month beyond the day they cover."""
FIRST_FACTS = 2
"""How many facts of a project arrive before a late registration."""
GUESSES = 20
DAY_LENGTH = len("2024-06-11")

Disturbance = Callable[[Random, Book, Report], Iterator[Report]]


def disturbed(book: Book) -> list[Report]:
    """Give the reports of a book with their disturbances."""
    random, noise = book.random, book.noise
    late = _registered_late(random, noise, book.reports)
    open_since = {
        report.subject: report.told_on
        for report in book.reports
        if report.kind == "ProjectRegistered" and not report.steady and report.subject not in late
    }
    reports: list[Report] = []
    for original in book.reports:
        report = original
        if report.kind == "ProjectRegistered" and report.subject in late:
            report = replace(report, told_on=late[report.subject], steady=True)
        if report.steady:
            reports.append(report)
        elif report.kind in MAY_BE_MISPLACED and random.random() < noise.wrong_projects:
            reports += _misplaced(book, report, _wrong_subject(random, open_since, report))
        else:
            reports += _chosen(random, noise, report)(random, book, report)
    return reports


def _wrong_subject(random: Random, open_since: dict[str, date], report: Report) -> str:
    """Choose a project that was known before the report, the right one if there is no other."""
    subjects = list(open_since)
    for subject in random.choices(subjects, k=min(len(subjects), GUESSES)):
        if open_since[subject] <= report.told_on:
            return subject
    return report.subject


def _opens(report: Report) -> bool:
    """Tell whether a report registers a project."""
    return report.kind == "ProjectRegistered"


def _registered_late(random: Random, noise: Noise, reports: list[Report]) -> dict[str, date]:
    """Choose projects whose registration comes after two of their facts, and give its day."""
    opened = {report.subject for report in reports if _opens(report) and not report.steady}
    told: dict[str, list[date]] = {}
    for report in reports:
        if report.subject in opened:
            told.setdefault(report.subject, []).append(report.told_on)
    return {
        subject: later(sorted(days)[FIRST_FACTS], 1)
        for subject, days in told.items()
        if "/" not in subject
        and len(days) > FIRST_FACTS
        and random.random() < noise.late_registrations
    }


def _chosen(random: Random, noise: Noise, report: Report) -> Disturbance:
    """Throw the dice for the disturbances that suit a report."""
    if report.slips and noise.unit_slips:
        return _slipped
    chances: list[tuple[float, Disturbance]] = [(noise.duplicates, _twice)]
    if report.kind == "InvestmentReported":
        is_early = report.told_on < PLAUSIBILITY_SINCE
        slips = noise.unit_slips * (1 if is_early else LATE_SLIPS)
        chances += [(slips, _slipped), (noise.revisions, _amount_revised)]
    elif len(report.occurred_on) == DAY_LENGTH and "/" not in report.subject:
        coarse = noise.coarse_dates if report.kind in MAY_BE_COARSE else 0.0
        chances += [
            (noise.wrong_dates, _misdated),
            (noise.revisions, _date_revised),
            (coarse, _coarse),
        ]
    dice = random.random()
    for chance, disturbance in chances:
        if dice < chance:
            return disturbance
        dice -= chance
    return _undisturbed


def _undisturbed(_: Random, __: Book, report: Report) -> Iterator[Report]:
    """Tell the fact as it is."""
    yield report


def _twice(random: Random, _: Book, report: Report) -> Iterator[Report]:
    """Send the same record again."""
    yield report
    yield replace(report, told_on=later(report.told_on, random.randint(0, 12)))


def _coarse(_: Random, __: Book, report: Report) -> Iterator[Report]:
    """Know no more than the month, if the day lies late enough in it."""
    day = report.last_day
    last = month_end(day.year, day.month)
    if (last - day).days >= LAST_THIRD:
        yield report
        return
    told = max(report.told_on, later(last, 1))
    yield replace(report, occurred_on=as_month(day), last_day=last, told_on=told, revised_on=told)


def _misdated(random: Random, book: Book, report: Report) -> Iterator[Report]:
    """Tell a wrong day first; a person corrects it."""
    wrong = _with_wrong_day(random, report)
    yield wrong
    yield book.amend(
        wrong,
        "EventCorrected",
        {"occurred_on": report.occurred_on},
        told_on=_put_right(random, wrong.told_on),
        reason=random.choice(("日期录入错误，经核对原件更正", "月日颠倒，经核对更正")),
    )


def _date_revised(random: Random, book: Book, report: Report) -> Iterator[Report]:
    """Tell a wrong day first; the source revises its record without a word."""
    return _two_versions(book, _with_wrong_day(random, report), report)


def _amount_revised(random: Random, book: Book, report: Report) -> Iterator[Report]:
    """Tell a provisional amount first; the source revises it."""
    ytd = report.data["ytd"]["yuan"] // YUAN
    provisional = int(ytd * random.uniform(0.94, 0.995))
    data = {**report.data, "ytd": in_wan(provisional)}
    return _two_versions(book, replace(report, data=data), report)


def _slipped(random: Random, book: Book, report: Report) -> Iterator[Report]:
    """Tell 万元 as 亿元; a person corrects it, or the source sends the record again."""
    data = {**report.data, "ytd": slipped(report.data["ytd"]["yuan"] // YUAN)}
    wrong = replace(report, data=data)
    yield wrong
    if report.told_on >= PLAUSIBILITY_SINCE:
        told = _put_right(random, report.told_on)
        yield replace(report, version=2, told_on=told, revised_on=told)
        return
    first, last = SLIPS_CORRECTED
    told = later(report.told_on, random.randint(15, 45))
    year_over = report.told_on.year == first.year - 1 and told.year == first.year
    if report.slips or year_over:
        told = later(first, random.randint(0, (last - first).days))
    yield book.amend(
        wrong,
        "EventCorrected",
        {"payload": report.data},
        told_on=told,
        reason="计量单位误填，按万元更正",
    )


def _misplaced(book: Book, report: Report, wrong_subject: str) -> Iterator[Report]:
    """Tell the fact about another project, take it back there and tell it where it belongs."""
    record_id = book.record_id(report.system)
    wrong = replace(report, subject=wrong_subject, record_id=record_id)
    put_right = _put_right(book.random, wrong.told_on)
    yield wrong
    yield book.amend(
        wrong,
        "EventRetracted",
        {},
        told_on=put_right,
        reason="误录到其他项目，撤销后重新登记",
    )
    yield replace(report, told_on=put_right, revised_on=put_right)


def _two_versions(book: Book, first: Report, second: Report) -> Iterator[Report]:
    """Send both versions of a record, sometimes the newer one first."""
    revised = _put_right(book.random, first.told_on)
    newer = replace(second, version=2, revised_on=revised, told_on=revised)
    if book.random.random() < book.noise.newer_first:
        newer = replace(newer, told_on=first.told_on)
        first = replace(first, told_on=revised)
    yield first
    yield newer


def _with_wrong_day(random: Random, report: Report) -> Report:
    """Move the day, but not beyond the day on which it is told."""
    latest = min(WRONG_BY, (report.told_on - report.last_day).days)
    days = [day for day in range(-WRONG_BY, latest) if day]
    wrong = later(report.last_day, random.choice(days))
    return replace(report, occurred_on=wrong.isoformat(), last_day=wrong)


def _put_right(random: Random, told_on: date) -> date:
    """Draw the day on which a mistake is put right."""
    day = later(told_on, random.randint(3, 40))
    return max(min(day, ALL_CORRECTED), later(told_on, 1)) if told_on < ALL_CORRECTED else day
