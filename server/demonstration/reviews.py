"""Raise what holds projects up, and meet over it: by month in Zhangjiagang, by week in Zhenjiang.

The rhythms are published (a special meeting every month, a team out every weekend, a joint review
every second month in Nantong); every issue and every meeting is invented.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from server.demonstration.book import Book, Payload
from server.demonstration.days import between, later, month_end, next_working, working
from server.demonstration.portfolio import Portfolio
from server.demonstration.story import Story

ISSUES = (72, 10)
UNRESOLVED_EVERY = 12
CATEGORIES = {
    "land": "自然资源和规划局",
    "environment": "生态环境局",
    "energy": "发展和改革委员会",
    "permit": "行政审批局",
    "finance": "金融监管局",
    "power": "供电公司",
}
"""What holds projects up, and who answers for it."""
DIGITS = 6
YEAR = (date(2024, 1, 8), date(2024, 12, 10))


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue that a meeting may decide about."""

    id: str
    raised: date
    owner: str


def raise_issues(book: Book, portfolio: Portfolio, stories: Sequence[Story]) -> list[Issue]:
    """Raise the year's issues (堵点) and resolve most of them (销号)."""
    random = book.random
    issues = []
    for number in range(portfolio.count(*ISSUES)):
        story = random.choice(stories)
        category = random.choice(tuple(CATEGORIES))
        raised = between(random, max(YEAR[0], later(story.registered_on, 30)), YEAR[1])
        issue = Issue(f"WT-{book.region}-2024-{number + 1:03d}", raised, CATEGORIES[category])
        due = next_working(raised, random.choice((10, 20, 30)))
        story.tell(
            "IssueRaised",
            raised,
            {
                "issue_id": issue.id,
                "category": category,
                "severity": random.choice(("high", "medium", "low")),
                "responsible": issue.owner,
                "due": due.isoformat(),
            },
        )
        if number % UNRESOLVED_EVERY:
            resolved = next_working(raised, random.randint(4, 34))
            story.tell(
                "IssueResolved",
                resolved,
                {
                    "issue_id": issue.id,
                    "result": "已协调解决，经企业确认销号",
                    "confirmed_by_enterprise": True,
                },
            )
        issues.append(issue)
    return issues


def meet_by_month(book: Book, issues: Sequence[Issue], year: int) -> None:
    """Hold the special meeting of every month (专题分析会), and decide about what was raised."""
    for month in range(1, 13):
        held = working(date(year, month, 24), month_end(year, month))
        since = date(year, month, 1)
        raised = [issue for issue in issues if since <= issue.raised <= held]
        decisions = [
            {
                "issue_id": issue.id,
                "decision": "牵头部门限期协调，销号管理",
                "owner": issue.owner,
                "due": next_working(held, 15).isoformat(),
            }
            for issue in raised
        ]
        _meet(book, held, "city", "monthly", decisions)


def meet_by_week(book: Book, first: date, last: date) -> None:
    """Let the team meet after every weekend (周末不打烊)."""
    for saturday in _saturdays(first, last):
        _meet(book, saturday, "team", "weekly", [])


def meet_every_second_month(book: Book, first: date, last: date) -> None:
    """Hold a joint review every second month (双月联审)."""
    for year in range(first.year, last.year + 1):
        for month in range(2, 13, 2):
            held = working(date(year, month, 20), month_end(year, month))
            if first <= held <= last:
                _meet(book, held, "city", "two-monthly", [])


def _saturdays(first: date, last: date) -> Iterator[date]:
    """Give the Saturdays of a span."""
    day = later(first, (5 - first.weekday()) % 7)
    while day <= last:
        yield day
        day = later(day, 7)


def _meet(book: Book, held: date, level: str, cadence: str, decisions: list[Payload]) -> None:
    """Tell one meeting (联审会办)."""
    meeting = f"LS-{book.region}-{held:%Y%m%d}"
    data = {
        "meeting_id": meeting,
        "level": level,
        "cadence": cadence,
        "district": book.region.ljust(DIGITS, "0"),
        "decisions": decisions,
    }
    book.tell("JointReviewHeld", f"meeting/{meeting}", held, data, steady=True)
