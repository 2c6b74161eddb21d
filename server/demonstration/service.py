"""Plant Zhangjiagang's service to projects and enterprises in 2024.

Published: 1,063 visits and 561 requests solved; 400 large enterprises with an officer of their own.
That 600 requests were received is invented, as is everybody here.
"""

from collections.abc import Sequence
from datetime import date

from server.demonstration.book import Book
from server.demonstration.days import between, next_working
from server.demonstration.invention import MARK, person
from server.demonstration.portfolio import Portfolio
from server.demonstration.requests import (
    DEPARTMENTS,
    RECEIVED,
    TOPICS,
    YEAR,
    Place,
    ask_for_help,
    fates,
)
from server.demonstration.story import Story

VISITS, ENTERPRISES = (1063, 120), (400, 24)
OUTSIDE = 0.2
"""The share of requests and visits of enterprises without a project."""


def serve_in_zhangjiagang(book: Book, portfolio: Portfolio, stories: Sequence[Story]) -> None:
    """Assign stewards, visit, and take requests."""
    for story in stories:
        _assign(story)
    enterprises = [_enterprise(book, n) for n in range(portfolio.count(*ENTERPRISES))]
    places = [Place(story.subject, story.profile.enterprise) for story in stories]
    received = portfolio.count(*RECEIVED)
    requests = [
        ask_for_help(book, _drawn(book, places, enterprises), number, fate)
        for number, fate in enumerate(fates(received))
    ]
    for number in range(portfolio.count(*VISITS)):
        raised = requests[number : number + 1] if number % 9 == 0 else []
        _visit(book, number, _drawn(book, places, enterprises), raised)


def _drawn(book: Book, places: Sequence[Place], enterprises: Sequence[Place]) -> Place:
    """Draw who is served: a project mostly."""
    return book.random.choice(enterprises if book.random.random() < OUTSIDE else places)


def _assign(story: Story) -> None:
    """Give a project its steward and team (项目管家1+N)."""
    random = story.book.random
    on = next_working(max(story.registered_on, date(2023, 12, 29)), random.randint(1, 20))
    story.tell(
        "StewardAssigned",
        on,
        {
            "lead_officer": person(random),
            "lead_dept": story.profile.park,
            "team": [
                {"officer": person(random), "dept": department}
                for department in random.sample(DEPARTMENTS, 2)
            ],
            "scope": "project",
            "role": "steward",
            "level": random.choice(("city", "town")),
        },
    )


def _enterprise(book: Book, number: int) -> Place:
    """Give a large enterprise an officer of its own (专人定点挂钩联系)."""
    name = f"{MARK}规上企业 {number + 1:03d}"
    stream = f"enterprise/9132058200000{number + 1:04d}X"
    book.tell(
        "StewardAssigned",
        stream,
        between(book.random, date(2023, 12, 29), date(2024, 1, 26)),
        {
            "lead_officer": person(book.random),
            "lead_dept": "发展和改革委员会",
            "team": [],
            "scope": "enterprise",
            "role": "contact",
            "district": book.region,
        },
    )
    return Place(stream, name)


def _visit(book: Book, number: int, place: Place, requests: Sequence[str]) -> None:
    """Log a visit (现场办公)."""
    random = book.random
    book.tell(
        "SiteVisitLogged",
        place.subject,
        between(random, *YEAR),
        {
            "visit_id": f"XC-2024-{number + 1:04d}",
            "officers": [person(random) for _ in range(random.randint(1, 3))],
            "district": book.region,
            "topics": random.sample(TOPICS, random.randint(1, 2)),
            "requests_raised": list(requests),
        },
    )
